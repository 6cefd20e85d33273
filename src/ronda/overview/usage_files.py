"""The use of a period as CSV and as a workbook: the page's figures, bytes and seconds exact."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.devices.rules.text import guard
from ronda.hotspot.service.usage.analytics import Analytics, Level, Ranked, Used
from ronda.kernel.periods import Period
from ronda.web.periods import title

USED = ("bytes_in", "bytes_out", "bytes_total", "seconds", "sessions", "users", "devices")
LEVEL = ("peak", "lowest", "average", "hours_known")
RANKINGS = ("user", "device", "profile", "router")


def rows(found: Analytics, by: str) -> Iterator[list[Any]]:
    """Heading and rows of one table: `day`, or one of `RANKINGS`; texts are safe in a spreadsheet."""
    if by == "day":
        yield ["day", *LEVEL, *USED]
        for day in found.days:
            yield [day.day.isoformat(), *_level(day.level), *_used(day.used)]
        yield ["total", *_level(found.level), *_used(found.used)]
        return
    more = {"router": "site"}.get(by, "profile")
    yield [by, more, "last_day", *USED]
    for row in ranking(found, by):
        last = row.last.isoformat() if row.last else None
        yield [guard(row.name), guard(row.more), last, *_used(row.used)]


def ranking(found: Analytics, by: str) -> list[Ranked]:
    """The list of one of `RANKINGS`."""
    return {
        "user": found.users,
        "device": found.devices,
        "profile": found.profiles,
        "router": found.routers,
    }[by]


def _level(level: Level) -> list[Any]:
    average = None if level.average is None else round(level.average, 2)
    return [level.peak, level.lowest, average, level.known]


def _used(used: Used) -> list[Any]:
    return [
        *(used.bytes_in, used.bytes_out, used.total, used.seconds, used.sessions),
        *(used.users, used.devices),
    ]


def as_csv(found: Analytics, by: str) -> bytes:
    """One table as CSV by RFC 4180, with the mark by which Excel knows UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows(found, by))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(found: Analytics, period: Period, site_name: str) -> bytes:
    """A workbook: a sheet that says what it is, and one for each table."""
    import xlsxwriter  # slow to import, seldom needed

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    bold = book.add_format({"bold": True})
    page = book.add_worksheet(_("Report"))
    page.set_column(0, 0, 100)
    told = [
        f"{site_name}: {_('Hotspot use')}",
        title(period),
        _("Made at %(at)s") % {"at": f"{timezone.localtime():%Y-%m-%d %H:%M:%S %Z}"},
        _("Counted in %(known)d of %(hours)d hours; bytes in came from the clients (upload).")
        % {"known": found.level.known, "hours": found.hours},
    ]
    for number, text in enumerate(told):
        page.write_string(number, 0, text, bold if number < 2 else None)
    for by in ("day", *RANKINGS):
        _sheet(book, by, rows(found, by), bold)
    book.close()
    return out.getvalue()


def _sheet(book: Any, name: str, lines: Iterator[list[Any]], bold: Any) -> None:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 1)
    page.set_column(0, 2, 20)
    page.set_column(3, 12, 14)
    for number, line in enumerate(lines):
        for place, value in enumerate(line):
            if isinstance(value, str):
                page.write_string(number, place, value, bold if number == 0 else None)
            elif value is not None:
                page.write_number(number, place, value)


def file_name(period: Period, by: str, extension: str) -> str:
    """`hotspot-user-2026-11-01-2026-11-30.csv`."""
    return f"hotspot-{by}-{period.first}-{period.last}.{extension}"
