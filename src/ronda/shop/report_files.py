"""A sales report as CSV and as a workbook: the page's figures, texts safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.devices.rules.text import guard
from ronda.shop.rules.sums import GROUPS, Sums
from ronda.shop.service.reports import Report
from ronda.web.periods import title

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    "sold",
    "returned",
    "price_idr",
    "refund_idr",
    "income_idr",
    "cost_idr",
    "commission_idr",
    "margin_idr",
)


def rows(found: Report, by: str) -> Iterator[list[Any]]:
    """Heading, rows and total of one table: `day`, or one of `GROUPS`."""
    yield [by, *COLUMNS]
    if by == "day":
        for day, sums in found.days:
            yield [day.isoformat(), *_cells(sums)]
    else:
        for row in found.groups[by]:
            yield [guard(row.name), *_cells(row.sums)]
    yield ["total", *_cells(found.total)]


def _cells(sums: Sums) -> list[int]:
    return [getattr(sums, name) for name in COLUMNS]


def as_csv(found: Report, by: str) -> bytes:
    """One table as CSV by RFC 4180, with the mark by which Excel knows UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows(found, by))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(found: Report, site_name: str) -> bytes:
    """A workbook: a sheet that says what it is, and one for each table."""
    import xlsxwriter  # slow to import, seldom needed

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    bold = book.add_format({"bold": True})
    page = book.add_worksheet(_("Report"))
    page.set_column(0, 0, 100)
    told = [
        f"{site_name}: {_('Sales')}",
        title(found.period),
        _("Made at %(at)s") % {"at": f"{timezone.localtime():%Y-%m-%d %H:%M:%S %Z}"},
        _("Counted by the day of the %(basis)s.")
        % {"basis": _("first login") if found.basis == "login" else _("sale")},
    ]
    for number, text in enumerate(told):
        page.write_string(number, 0, text, bold if number < 2 else None)
    for by in ("day", *GROUPS):
        sheet = book.add_worksheet(by)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, len(COLUMNS), 14)
        for number, line in enumerate(rows(found, by)):
            for place, value in enumerate(line):
                if isinstance(value, str):
                    sheet.write_string(number, place, value, bold if number == 0 else None)
                else:
                    sheet.write_number(number, place, value)
    book.close()
    return out.getvalue()


def file_name(found: Report, by: str, extension: str) -> str:
    """`sales-package-2026-11-01-2026-11-30.csv`."""
    return f"sales-{by}-{found.period.first}-{found.period.last}.{extension}"
