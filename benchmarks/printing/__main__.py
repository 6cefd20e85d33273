"""How long 500 tickets with QR codes take: `python -m benchmarks.printing [--count N] [--write]`.

Everything a page does: vouchers read from SQLite, tickets laid out, codes encoded afresh, the pages drawn.
Medians of three runs; the target of both is 3 s. `--write` puts the table into docs/benchmarks/printing.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RUNS = 3
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "printing.md"


def main() -> None:
    """Run and print; the database lives in a folder of its own."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.printing")
    arguments.add_argument("--count", type=int, default=500)
    arguments.add_argument("--write", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as folder:
        os.environ["RONDA_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "ronda.app.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        rows = measured(chosen.count)
    text = page(chosen.count, rows)
    print(text)
    if chosen.write:
        PAGE.write_text(text, encoding="utf-8")


def make(count: int) -> int:
    """A batch of so many vouchers on one router; its id."""
    from django.utils import timezone

    from ronda.shop.models import Batch, LoginPage, Voucher
    from ronda.shop.service.packages import terms_of
    from tests.routers.factories import make_router
    from tests.shop.factories import make_package

    now, package, router = timezone.now(), make_package("Paket 1 hari"), make_router()
    LoginPage.objects.create(router=router, host="login.desa.id", read_at=now)
    given: dict[str, Any] = {"package": package, "router": router, "made_at": now}
    batch = Batch.objects.create(count=count, alphabet="mixed", length=8, note="Warung", **given)
    terms = terms_of(package).as_json()
    Voucher.objects.bulk_create(
        Voucher(code=f"w{place:07}", batch=batch, state="ready", terms=terms, **given)
        for place in range(count)
    )
    return batch.pk


def measured(count: int) -> list[tuple[str, int, float, float, float]]:
    """Layout and back end: pages, seconds, seconds of CPU, megabytes."""
    from ronda.accounts.models import Person
    from ronda.shop.service import layouts, printing

    owner = Person.objects.create(username="owner", role="owner")
    selection = printing.Selection(batch=make(count))
    rows = []
    for layout in layouts.present():
        for name, render in (("browser", printing.render_html), ("PDF", printing.render_pdf)):

            def whole(render: Callable[..., Any] = render, layout: Any = layout) -> Any:
                # Codes are kept in memory; a first printing has none of them.
                printing.svg.runs.cache_clear()
                return render(printing.choose(selection, owner).vouchers, layout)

            wall, cpu, size = timed(whole)
            pages = -(-count // layouts.sheet_of(layout).per_page)
            rows.append((f"{layout.name}, {name}", pages, wall, cpu, size / 1e6))
    return rows


def timed(work: Callable[[], Any]) -> tuple[float, float, int]:
    """Median seconds and seconds of CPU of some runs, and the length of what came out."""
    walls, cpus, made = [], [], ""
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        made = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus), len(made)


def page(count: int, rows: list[tuple[str, int, float, float, float]]) -> str:
    """The table as a page."""
    load = os.getloadavg()[0]
    lines = [
        f"# Printing {count} tickets",
        "",
        told(load),
        "",
        "| Layout | pages | seconds | CPU | MB |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {n} | {p} | **{w:.2f}** | {c:.2f} | {m:.1f} |" for n, p, w, c, m in rows]
    return "\n".join(lines) + "\n"


def told(load: float) -> str:
    """Under which circumstances."""
    return (
        f"Made by `python -m benchmarks.printing --write`. Median seconds of {RUNS} runs on SQLite, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}. Everything from the database "
        "to the finished pages, every QR code encoded anew; the target of each is 3 s (*CPU* is its processor time, "
        "which other programs on the machine do not stretch)."
    )


if __name__ == "__main__":
    main()
