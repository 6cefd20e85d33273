"""A report as CSV and as a workbook: the page's figures, for every ONT, with exact seconds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.devices.rules.text import guard
from ronda.kernel.periods import Period
from ronda.overview.service.reports import By, Report, Row, policy
from ronda.web.periods import title

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    "level",
    "name",
    "site",
    "area",
    "category",
    "customer_id",
    "location",
    "onts",
    "uptime_percent",
    "observed_percent",
    "outages",
    "down_s",
    "longest_s",
    "up_s",
    "unobserved_s",
    "excluded_s",
    "total_s",
    "rtt_ms",
    "rtt95_ms",
    "loss_percent",
    "uptime_before_percent",
)
DURATIONS = frozenset({"down_s", "longest_s", "up_s", "unobserved_s", "excluded_s", "total_s"})
TOTAL = "total"


def cells(row: Row, level: str = "") -> dict[str, str | float | None]:
    """One row of a file by column; percent are cut after four places, never rounded up."""
    part, quality = row.uptime, row.quality
    return {
        "level": level or row.level,
        "name": row.name,
        "site": row.site,
        "area": row.area,
        "category": row.category,
        "customer_id": row.customer_id,
        "location": row.location,
        "onts": row.onts,
        "uptime_percent": _cut(part.uptime_percent),
        "observed_percent": _cut(part.observed_percent),
        "outages": part.outages,
        "down_s": _seconds(part.down),
        "longest_s": _seconds(part.longest),
        "up_s": _seconds(part.up),
        "unobserved_s": _seconds(part.unobserved),
        "excluded_s": _seconds(part.excluded),
        "total_s": _seconds(part.total),
        "rtt_ms": _rounded(quality.rtt_ms),
        "rtt95_ms": _rounded(quality.rtt95_ms),
        "loss_percent": None if quality.loss is None else round(quality.loss * 100, 4),
        "uptime_before_percent": None if row.before is None else _cut(row.before.uptime_percent),
    }


def _cut(percent: float | None) -> float | None:
    return None if percent is None else int(percent * 10_000 + 1e-6) / 10_000


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _seconds(length: timedelta) -> float:
    return round(length.total_seconds(), 3)


def lines(report: Report) -> Iterator[list[Any]]:
    """Heading, the rows of the report's level, and the totals; every text is safe in a spreadsheet."""
    yield list(COLUMNS)
    for row in report.rows:
        yield _line(cells(row))
    yield _line(cells(report.totals, TOTAL))


def _line(values: dict[str, str | float | None]) -> list[Any]:
    found: list[Any] = []
    for column in COLUMNS:
        value = values[column]
        if isinstance(value, str):
            found.append(guard(value))
        elif isinstance(value, float) and value.is_integer():
            found.append(int(value))
        else:
            found.append(value)
    return found


def as_csv(report: Report) -> bytes:
    """The report's level as CSV by RFC 4180, with the mark by which Excel knows UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines(report))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(reports: dict[By, Report], site_name: str) -> bytes:
    """A workbook: a sheet that says what it is and how it was counted, and one for each level."""
    import xlsxwriter  # slow to import, seldom needed

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    some = next(iter(reports.values()))
    page = book.add_worksheet(_sheet(_("Report")))
    page.set_column(0, 0, 100)
    head = [
        f"{site_name}: {_('Availability report')}",
        title(some.period),
        _("Made at %(at)s") % {"at": f"{timezone.localtime(some.made_at):%Y-%m-%d %H:%M:%S %Z}"},
        "",
    ]
    for number, text in enumerate([*head, *policy(some)]):
        page.write_string(number, 0, text, bold if number < 2 else wrapped)
    names = {"site": _("Sites"), "area": _("Areas"), "category": _("Categories"), "ont": "ONT"}
    for by, made in reports.items():
        _write_sheet(book, _sheet(names[by]), made, bold)
    book.close()
    return out.getvalue()


def _sheet(name: str) -> str:
    """A name that Excel takes for a sheet."""
    return "".join(char for char in name if char not in "[]:*?/\\'")[:31]


def _write_sheet(book: Any, name: str, report: Report, bold: Any) -> None:
    page = book.add_worksheet(name)
    length = book.add_format({"num_format": "[h]:mm:ss"})
    page.freeze_panes(1, 2)
    page.set_column(0, 0, 9)
    page.set_column(1, 6, 20)
    page.set_column(7, len(COLUMNS) - 1, 13)
    for position, column in enumerate(COLUMNS):
        page.write_string(0, position, column.removesuffix("_s"), bold)
    rows: Iterable[dict[str, str | float | None]] = (cells(row) for row in report.rows)
    for number, values in enumerate((*rows, cells(report.totals, TOTAL)), 1):
        for position, column in enumerate(COLUMNS):
            value = values[column]
            if isinstance(value, str):
                if value:
                    page.write_string(number, position, value)
            elif value is not None and column in DURATIONS:
                page.write_number(number, position, value / 86_400, length)
            elif value is not None:
                page.write_number(number, position, value)
    page.autofilter(0, 0, max(1, len(report.rows)), len(COLUMNS) - 1)


def file_name(period: Period, by: str, extension: str) -> str:
    """`report-area-2026-11-01-2026-11-30.csv`."""
    return f"report-{by}-{period.first}-{period.last}.{extension}"
