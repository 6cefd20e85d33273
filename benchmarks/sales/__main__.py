"""How long the report of a month with 200,000 sales takes: `python -m benchmarks.sales [--sales N] [--write]`.

The sales are booked in double entry, of 12 packages, 8 routers and 20 sellers, and the report is asked for on
SQLite and on PostgreSQL, beside adding up the same sales one by one; the fastest of nine runs each. `--write` puts the
table into docs/benchmarks/sales.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random  # noqa: TID251 -- seeded
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

RUNS = 9
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "sales.md"
PACKAGES, ROUTERS, SELLERS = 12, 8, 20
STEPS = {
    "report": "the report of the month: five groups, 31 days",
    "filtered": "the same of one seller",
    "accounts": "the trial balance",
    "single": "peer: the same five groups from single sales",
    "check": "`ronda ledger check`: all lines and sales (once)",
    "sale": "writing one sale",
}


def main() -> None:
    """Run both databases, each in a process of its own, and print."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.sales")
    arguments.add_argument("--sales", type=int, default=200_000)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.one:
        print(json.dumps(measured(chosen.sales)))
        return
    from tests.servers.postgres import Postgres

    found = {"SQLite": apart(chosen.sales, "")}
    server = Postgres()
    try:
        found["PostgreSQL"] = apart(chosen.sales, server.url)
    finally:
        server.stop()
    text = page(chosen.sales, found)
    print(text)
    if chosen.write:
        PAGE.write_text(text, encoding="utf-8")


def apart(count: int, url: str) -> dict[str, float]:
    """The figures of one database."""
    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as folder:
        environment = os.environ | {"RONDA_DATA": folder, "RONDA_DATABASE_URL": url}
        if not url:
            del environment["RONDA_DATABASE_URL"]
        command = [sys.executable, "-m", "benchmarks.sales", "--one", "--sales", str(count)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def measured(count: int) -> dict[str, float]:
    """Milliseconds of each step."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ronda.app.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db.models import Sum
    from django.utils import timezone

    from ronda.kernel.periods import month_of
    from ronda.shop.models import Sale
    from ronda.shop.service import checking, reports

    call_command("migrate", verbosity=0)
    sellers = furnish(count)
    checking.rebuild()
    month = month_of(date(2026, 10, 1), timezone.get_default_timezone())

    def single() -> None:
        rows = Sale.objects.filter(day__gte=month.first, day__lte=month.last)
        for name in ("day", "package", "seller", "router", "via"):
            list(rows.values(name).annotate(Sum("price_idr"), Sum("cost_idr")).order_by())

    begun = time.perf_counter()
    if wrong := checking.check():
        raise SystemExit(f"the books are not whole: {wrong[:3]}")
    checked = (time.perf_counter() - begun) * 1000
    return {
        "report": fastest(lambda: reports.report(month)),
        "filtered": fastest(lambda: reports.report(month, scope=reports.Scope(seller=sellers[0]))),
        "accounts": fastest(lambda: reports.trial_balance(month)),
        "single": fastest(single),
        "check": checked,
        "sale": fastest(one_sale),
    }


def fastest(act: Callable[[], Any]) -> float:
    """Milliseconds of the fastest run: others keep the machine busy in the rest."""
    spent = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        act()
        spent.append((time.perf_counter() - begun) * 1000)
    return min(spent)


def one_sale() -> None:
    """A voucher and its sale, as the counter writes them."""
    from ronda.accounts.models import Person
    from ronda.routers.models import Router
    from ronda.shop.models import Package, Voucher
    from ronda.shop.rules.terms import Terms
    from ronda.shop.service import sales

    now = datetime(2026, 10, 31, tzinfo=UTC)
    voucher = Voucher.objects.create(
        code=f"N{Voucher.objects.count()}",
        package=Package.objects.all()[0],
        router=Router.objects.all()[0],
        terms=Terms().as_json(),
        made_at=now,
    )
    seller = Person.objects.all()[0]
    sales.record(voucher, price_idr=5_000, via="counter", seller=seller, at=now)


def furnish(count: int) -> list[int]:
    """Sales of October 2026 with their entries and lines; ids of the sellers."""
    from ronda.accounts.models import Person
    from ronda.shop.models import Entry, Line, Package, Sale
    from ronda.shop.rules import accounts
    from ronda.shop.rules.accounts import Sold, Via
    from ronda.shop.service import ledger
    from tests.routers.factories import make_router

    chance = random.Random(4)
    routers = [make_router(f"R{number}").pk for number in range(ROUTERS)]
    packages = [
        Package.objects.create(
            name=f"P{number}", selling_price_idr=2_000 + 500 * number, reseller_price_idr=1_500
        ).pk
        for number in range(PACKAGES)
    ]
    sellers = [Person.objects.create(username=f"s{n}", role="cashier").pk for n in range(SELLERS)]
    begin = datetime(2026, 9, 30, 17, tzinfo=UTC)
    for first in range(0, count, 5_000):
        group: list[tuple[Sold, int, int, datetime]] = []
        for _ in range(min(5_000, count - first)):
            sold = Sold(
                Via.COUNTER, chance.randrange(2_000, 9_000), 1_000, 0, chance.choice(sellers)
            )
            at = begin + timedelta(seconds=chance.randrange(31 * 86_400))
            group.append((sold, chance.choice(packages), chance.choice(routers), at))
        entries = Entry.objects.bulk_create(
            Entry(at=at, day=ledger.day_of(at), kind="sale", reference=f"bench:{first + number}")
            for number, (_sold, _package, _router, at) in enumerate(group)
        )
        Line.objects.bulk_create(
            Line(
                entry=entry, account=part.account, holder_id=part.holder, amount_idr=part.amount_idr
            )
            for entry, (sold, _package, _router, _at) in zip(entries, group, strict=True)
            for part in accounts.sale(sold)
        )
        Sale.objects.bulk_create(
            Sale(
                entry=entry,
                package_id=package,
                router_id=router,
                seller_id=sold.seller,
                via=sold.via,
                at=at,
                day=entry.day,
                cost_idr=sold.cost_idr,
                price_idr=sold.price_idr,
            )
            for entry, (sold, package, router, at) in zip(entries, group, strict=True)
        )
    return sellers


def page(count: int, found: dict[str, dict[str, float]]) -> str:
    """The page as Markdown."""
    load = os.getloadavg()[0]
    lines = [
        "# Reports on sales",
        "",
        (
            f"`python -m benchmarks.sales --sales {count} --write`: a month of {count:,} sales of {PACKAGES} packages,"
            f" {ROUTERS} routers and {SELLERS} sellers, booked in double entry. Milliseconds of the fastest of {RUNS}."
        ),
        "",
        f"| Step | {' | '.join(found)} |",
        f"|---|{'---:|' * len(found)}",
    ]
    for step, words in STEPS.items():
        cells = " | ".join(f"{figures[step]:,.1f}" for figures in found.values())
        lines.append(f"| {words} | {cells} |")
    worst = max(figures["report"] for figures in found.values())
    met = "met" if worst <= 100 else "missed"
    lines += [
        "",
        f"Wanted: the month's report in 100 ms or less: {met} ({worst:.0f} ms).",
        "",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
