"""How long an import of 10,000 rows takes: `python -m benchmarks.imports [--rows N] [--write]`.

Each format is written from the same invented list, read, laid beside an empty site, written to
SQLite, laid beside the full site, and undone; medians of three runs, whole and by step. `--write`
puts the table into docs/benchmarks/imports.md.
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
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "imports.md"


def main() -> None:
    """Run and print; the database lives in a folder of its own."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.imports")
    arguments.add_argument("--rows", type=int, default=10_000)
    arguments.add_argument("--write", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as folder:
        os.environ["RONDA_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "ronda.app.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        table = [measured(name, content) for name, content in files(chosen.rows).items()]
    text = page(chosen.rows, table)
    print(text)
    if chosen.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")


def files(count: int) -> dict[str, bytes]:
    """The same list of `count` ONTs in every format."""
    from ronda.devices.formats.writing import WRITERS, ExportRow

    rows = [
        ExportRow(
            n,
            f"WJ{n:06}",
            f"Padukuhan {n // 300}/Wetan RW {n % 40} RT {n % 7}",
            f"Pos Ronda {n}",
            round(-7.7 + (n % 100) / 1000, 7),
            round(110.36 + (n // 100) / 1000, 7),
            f"10.{n // 65536}.{n // 256 % 256}.{n % 256}",
        )
        for n in range(1, count + 1)
    ]
    return {name: writer.write(rows) for name, writer in WRITERS.items() if name != "onts-json"}


def measured(name: str, content: bytes) -> dict[str, Any]:
    """Median seconds of each step for one format."""
    runs = [one_run(content) for _ in range(RUNS)]
    medians = {step: statistics.median(run[step] for run in runs) for step in runs[0]}
    return {"format": name, "megabytes": len(content) / 1e6, **medians}


def one_run(content: bytes) -> dict[str, float]:
    """Seconds of each step, on an empty list of ONTs."""
    from django.db import transaction

    from ronda.devices.models import Area, Change, Ont, Site
    from ronda.devices.service import changes, import_writing, imports

    for model in (Change, Ont, Area, Site):
        model.objects.all().delete()
    site = Site.objects.create(name="Wringinjalu")
    took: dict[str, float] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        began, spent = time.perf_counter(), time.process_time()
        result = work()
        took[step] = time.perf_counter() - began
        took[f"{step} cpu"] = time.process_time() - spent
        return result

    def write() -> Any:
        with transaction.atomic():
            preview = imports.look(listing, site, imports.Choices(("*",), ("*",)))
            return import_writing.carry_out(preview, file_name="x", person=None)

    listing = timed("read", lambda: imports.read(content))
    timed("preview", lambda: imports.look(listing, site))
    change = timed("commit", write)
    took["import"] = took["read"] + took["commit"]
    took["import cpu"] = took["read cpu"] + took["commit cpu"]
    timed("again", lambda: imports.look(listing, site))
    timed("undo", lambda: changes.undo(change.pk, None))
    return took


def page(count: int, table: list[dict[str, Any]]) -> str:
    """The result as a page of the documentation."""
    made = (
        "Made by `python -m benchmarks.imports --write`. Median seconds of "
        f"{RUNS} runs on SQLite, {os.cpu_count()} cores, Python {platform.python_version()}. "
        "*Commit* looks again inside its transaction (with all repairs and areas accepted) and "
        "writes the ONTs, the record for undo, the feed and the backup file; *import* is read and "
        "commit together and has a target of 5 s (*CPU* is its processor time, which other "
        "programs on the machine do not stretch); *again* lays the file beside the full site."
    )
    lines = [
        f"# Importing {count:,} rows",
        "",
        made,
        "",
        "| Format | MB | read | preview | commit | **import** | import, CPU | again | undo |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['format']} | {row['megabytes']:.1f} | {row['read']:.2f} | {row['preview']:.2f} | "
        f"{row['commit']:.2f} | **{row['import']:.2f}** | "
        f"{row['import cpu']:.2f} | {row['again']:.2f} | {row['undo']:.2f} |"
        for row in table
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
