"""`ronda export report` and `ronda export outages`: what the pages offer as files, for scripts."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import click

from ronda.app import boot

OUTPUT = click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
DAY = click.DateTime(["%Y-%m-%d"])


@click.command(name="report")
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month", "any"]),
    default="month",
    show_default=True,
)
@click.option("--day", type=DAY, help="A day in the period; for `any` its first. Default: today.")
@click.option("--until", type=DAY, help="For `any`: the last day.")
@click.option(
    "--by",
    type=click.Choice(["site", "area", "category", "ont"]),
    default="area",
    show_default=True,
)
@click.option("--format", "format_", type=click.Choice(["csv", "xlsx"]), default="csv")
@OUTPUT
def export_report(
    period: str,
    day: datetime | None,
    until: datetime | None,
    by: str,
    format_: str,
    output: Path | None,
) -> None:
    """Write an availability report; xlsx holds every level."""
    _start()
    from django.conf import settings
    from django.utils import timezone, translation

    from ronda.kernel.periods import WrongPeriod, period_of
    from ronda.overview.report_files import as_csv, as_xlsx
    from ronda.overview.service import reports
    from ronda.web.periods import complaint
    from ronda.work import tuning

    first = day.date() if day else timezone.localdate()
    zone = timezone.get_current_timezone()
    try:
        asked = period_of(period, first, until.date() if until else None, zone)  # type: ignore[arg-type] # click checked it
    except WrongPeriod as wrong:
        raise click.UsageError(complaint(wrong)) from None
    with translation.override(settings.LANGUAGE_CODE):
        if format_ == "xlsx":
            content = as_xlsx(reports.levels(asked), tuning.value("site_name"))
        else:
            content = as_csv(reports.report(asked, by, onts=0))  # type: ignore[arg-type] # click checked it
    _write(content, output)


@click.command(name="outages")
@click.option("--from", "start", type=DAY, help="Only outages that touch this day or later ones.")
@click.option("--to", "end", type=DAY, help="The last day.")
@click.option("--ongoing", is_flag=True, help="Only those that go on.")
@OUTPUT
def export_outages(
    start: datetime | None, end: datetime | None, ongoing: bool, output: Path | None
) -> None:
    """Write the outages as CSV, newest first."""
    _start()
    from ronda.monitoring.forms import midnight
    from ronda.monitoring.service import outages

    wanted = outages.Wanted(
        ongoing=True if ongoing else None,
        start=midnight(start.date()) if start else None,
        end=midnight(end.date(), days=1) if end else None,
    )
    out = io.StringIO(newline="")
    csv.writer(out).writerows(outages.csv_rows(wanted))
    _write(out.getvalue().encode("utf-8-sig"), output)


def _write(content: bytes, output: Path | None) -> None:
    from ronda.storage.files import replacing

    if output is None:
        click.echo(content, nl=False)
        return
    try:
        with replacing(output) as file:
            file.write(content)
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror or error}") from None


def _start() -> None:
    boot.django()
    from ronda.app import database

    database.prepare()
