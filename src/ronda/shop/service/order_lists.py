"""Questions about orders: narrowed, sorted and cut by the database; and the same as files."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.devices.rules.text import guard
from ronda.devices.service.scope import mine
from ronda.kernel.phones import read_phone
from ronda.shop.models import Order

SORTS = {
    "made": ("made_at", "id"),
    "amount": ("amount_idr", "id"),
    "number": ("number",),
    "paid": ("paid_at", "id"),
}
COLUMNS = (
    *("number", "made_at", "state", "package", "router", "method", "price_idr", "amount_idr"),
    *("paid_idr", "paid_at", "delivered_at", "buyer_name", "buyer_phone", "buyer_email"),
    "trouble",
)
#: A file of more is no list but a copy of the database; narrow it by dates.
MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list should show; empty fields do not narrow it. Days are those of the installation."""

    text: str = ""
    state: str = ""
    package: int | None = None
    method: int | None = None
    since: date | None = None
    until: date | None = None
    sort: str = "-made"


def matching(wanted: Filter) -> QuerySet[Order]:
    """The orders that `wanted` describes, in its order."""
    found = mine(Order.objects.select_related("package", "router", "method"), "router__site")
    if wanted.text:
        found = found.filter(_text(wanted.text))
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.package:
        found = found.filter(package_id=wanted.package)
    if wanted.method:
        found = found.filter(method_id=wanted.method)
    if wanted.since:
        found = found.filter(made_at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(made_at__lt=_midnight(wanted.until + timedelta(days=1)))
    word = wanted.sort.removeprefix("-")
    columns = SORTS.get(word, SORTS["made"])
    sign = "-" if wanted.sort.startswith("-") else ""
    return found.order_by(*(f"{sign}{column}" for column in columns))


def _text(text: str) -> Q:
    asked = Q(number__iexact=text) | Q(buyer_name__icontains=text) | Q(voucher__code=text)
    try:
        return asked | Q(buyer_phone=read_phone(text))
    except ValueError:
        return asked | Q(buyer_email__iexact=text)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def rows(found: QuerySet[Order]) -> Iterator[list[Any]]:
    """Heading and rows of a file; no cell of it is run by a spreadsheet, no code is in it."""
    yield list(COLUMNS)
    for order in found[:MOST_ROWS].iterator(chunk_size=1000):
        yield [
            guard(order.number),
            _at(order.made_at),
            order.state,
            guard(order.package.name),
            guard(order.router.name),
            guard(order.method.name) if order.method else "",
            order.price_idr,
            order.amount_idr,
            order.paid_idr,
            _at(order.paid_at),
            _at(order.delivered_at),
            guard(order.buyer_name),
            guard(order.buyer_phone),
            guard(order.buyer_email),
            guard(order.trouble),
        ]


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else timezone.localtime(moment).isoformat(" ", "seconds")


def as_csv(found: QuerySet[Order]) -> bytes:
    """CSV by RFC 4180, with the mark by which Excel knows UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows(found))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(found: QuerySet[Order]) -> bytes:
    """A workbook of one sheet."""
    import xlsxwriter  # slow to import, seldom needed

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    page = book.add_worksheet(_("Orders"))
    page.freeze_panes(1, 1)
    page.set_column(0, len(COLUMNS) - 1, 18)
    for number, line in enumerate(rows(found)):
        for place, value in enumerate(line):
            if isinstance(value, str):
                page.write_string(number, place, value)
            elif value is not None:
                page.write_number(number, place, value)
    book.close()
    return out.getvalue()
