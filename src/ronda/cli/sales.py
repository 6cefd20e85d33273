"""`ronda sales` and `ronda ledger`: what was sold, and whether the books are whole, from a terminal."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

DAY = click.DateTime(["%Y-%m-%d"])
GROUPS = ("day", "package", "seller", "router", "via")


@click.group()
def sales() -> None:
    """What was sold."""


@sales.command("report")
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month", "any"]),
    default="month",
    show_default=True,
)
@click.option("--day", type=DAY, help="A day in the period; for `any` its first. Default: today.")
@click.option("--until", type=DAY, help="For `any`: the last day.")
@click.option(
    "--basis",
    type=click.Choice(["sale", "login"]),
    default="sale",
    show_default=True,
    help="Count by the day of the sale, or of the first login.",
)
@click.option("--by", type=click.Choice(GROUPS), default="day", show_default=True)
@click.option(
    "--format", "format_", type=click.Choice(["text", "csv", "xlsx", "json"]), default="text"
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
def report(
    period: str,
    day: datetime | None,
    until: datetime | None,
    basis: str,
    by: str,
    format_: str,
    output: Path | None,
) -> None:
    """Add up the sales of a period; xlsx holds every table."""
    _begin()
    from django.utils import timezone

    from ronda.kernel.money import rupiah
    from ronda.kernel.periods import WrongPeriod, period_of
    from ronda.shop import report_files
    from ronda.shop.rules.sums import Basis
    from ronda.shop.service import reports
    from ronda.web.periods import complaint
    from ronda.work import tuning

    zone = timezone.get_default_timezone()
    first = day.date() if day else timezone.localdate(timezone=zone)
    try:
        asked = period_of(period, first, until.date() if until else None, zone)  # type: ignore[arg-type] # a choice
    except WrongPeriod as wrong:
        raise click.UsageError(complaint(wrong)) from None
    found = reports.report(asked, Basis(basis))
    rows = list(report_files.rows(found, by))
    if format_ == "xlsx":
        content = report_files.as_xlsx(found, tuning.value("site_name"))
    elif format_ == "csv":
        content = report_files.as_csv(found, by)
    elif format_ == "json":
        told = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        content = json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"
    else:
        lines = [f"{'':<20} {'sold':>6} {'income':>16} {'cost':>14} {'margin':>14}"]
        lines += [
            f"{row[0] or '-':<20} {row[1] - row[2]:>6} {rupiah(row[5]):>16} {rupiah(row[6]):>14} {rupiah(row[8]):>14}"
            for row in rows[1:]
        ]
        content = "\n".join(lines).encode() + b"\n"
    if output:
        output.write_bytes(content)
    else:
        click.echo(content, nl=False)


@click.group()
def ledger() -> None:
    """The books of the shop."""


@ledger.command("check")
@click.option("--repair", is_flag=True, help="Write the sums anew from single lines and sales.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(repair: bool, as_json: bool) -> None:
    """Add everything up again from single lines and sales; exit 1 when something differs."""
    _begin()
    from ronda.accounts.service import audit
    from ronda.shop.service import checking

    found = checking.check()
    if repair and found:
        checking.rebuild()
        audit.record(None, "ledger.rebuild", "sums", source="terminal")
        found = checking.check()
    if as_json:
        told = [{"what": one.what, "text": one.text} for one in found]
        click.echo(json.dumps({"whole": not found, "findings": told}, indent=2))
    else:
        for one in found:
            click.echo(f"{one.what}: {one.text}")
        if not found:
            click.echo("The books are whole.")
    if found:
        raise SystemExit(1)


def _begin() -> None:
    from ronda.app import boot

    boot.django()
