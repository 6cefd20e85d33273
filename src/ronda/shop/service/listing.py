"""The list of vouchers: narrowed, sorted and cut by the database, whoever looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, Q, QuerySet

from ronda.accounts.models import Person, Role
from ronda.devices.service.scope import mine
from ronda.kernel.roles import holds
from ronda.shop.models import Batch, Voucher

#: A voucher, or the values of one that were asked for.
Row = TypeVar("Row")
#: A page beyond this many rows is only counted as "more than": nobody turns so far.
COUNTED = 10_000
SORTS: Mapping[str, tuple[str, ...]] = {
    "made": ("id",),
    "code": ("code", "id"),
    "expires": ("expires_at", "id"),
    "state": ("state", "id"),
}
DEFAULT = "-made"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list shall show; empty fields do not narrow it."""

    text: str = ""
    state: str = ""
    package: int | None = None
    router: int | None = None
    batch: int | None = None
    sold: str = ""
    sort: str = DEFAULT


def seen_by(person: Person) -> QuerySet[Voucher]:
    """The vouchers a person may see: all from cashiers up, their own stock and sales for resellers."""
    rows = mine(Voucher.objects.all(), "router__site")
    if holds(person.role, Role.CASHIER):
        return rows
    return rows.filter(Q(holder=person) | Q(sale__seller=person))


def page_of(
    rows: QuerySet[Voucher, Row], wanted: Filter, number: int, size: int
) -> tuple[list[Row], int]:
    """One page, and how many there are (at most `COUNTED` and one).

    `rows` says which values are read, or which relations: models for fifty rows cost more than the rest.
    """
    found = narrowed(rows, wanted)
    total = found.order_by()[: COUNTED + 1].count()
    descending = wanted.sort.startswith("-")
    columns = SORTS.get(wanted.sort.lstrip("-"), SORTS["made"])
    order = [f"-{name}" if descending else name for name in columns]
    first = (number - 1) * size
    return list(found.order_by(*order)[first : first + size]), total


def narrowed(rows: QuerySet[Voucher, Row], wanted: Filter) -> QuerySet[Voucher, Row]:
    """The rows that a filter lets through."""
    same: dict[str, Any] = {
        "state": wanted.state,
        "package": wanted.package,
        "router": wanted.router,
        "batch": wanted.batch,
    }
    rows = rows.filter(**{name: value for name, value in same.items() if value})
    if wanted.sold:
        rows = rows.filter(sold_at__isnull=wanted.sold == "no")
    if wanted.text:
        rows = rows.filter(_begins(wanted.text.strip()))
    return rows


def _begins(text: str) -> Q:
    """Codes that begin so, in an index of either database; or the number of a voucher."""
    begins = Q(code__startswith=text)
    if connection.vendor == "sqlite":
        # LIKE ignores case there, and so the index.
        begins = Q(code__gte=text, code__lt=text + "\U0010ffff")
    if text.startswith("#") and text[1:].isdecimal():
        return Q(pk=int(text[1:][:18]))
    return begins


def batches() -> QuerySet[Batch]:
    """Every batch, newest first, with how many of its vouchers are how."""
    states = {
        f"n_{state}": Count("vouchers", filter=Q(vouchers__state=state))
        for state in Voucher.State.values
    }
    found = Batch.objects.select_related("package", "router", "seller", "made_by")
    rows = mine(found, "router__site")
    return rows.annotate(**states).order_by("-pk")


def counts_of(batch: Batch) -> dict[str, int]:
    """How many vouchers of a batch are in each state, and how many were sold."""
    rows = Voucher.objects.filter(batch=batch).values_list("state").annotate(n=Count("pk"))
    counts = dict.fromkeys(Voucher.State.values, 0) | dict(rows.order_by())
    counts["sold"] = Voucher.objects.filter(batch=batch).exclude(sold_at=None).count()
    return counts
