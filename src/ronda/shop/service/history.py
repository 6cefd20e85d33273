"""Sales of long ago, many at once: into the ledger, the sales and their sums, each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from ronda.accounts.models import Person
from ronda.shop.models import Entry, Line, Sale
from ronda.shop.rules import accounts
from ronda.shop.rules.accounts import Line as Part
from ronda.shop.rules.accounts import Sold, Via
from ronda.shop.rules.sums import Basis, Place, Sums, of_sale
from ronda.shop.service import ledger
from ronda.shop.service.sales import count

GROUP = 500
LONGEST_MEMO = 200


@dataclass(frozen=True, slots=True)
class Historic:
    """A sale that another system recorded. `reference` is that of its entry: there is one of each.

    `at` is the first login, the only time that is known.
    """

    reference: str
    at: datetime
    package: int
    router: int
    voucher: int | None
    price_idr: int
    cost_idr: int
    memo: str = ""


@transaction.atomic
def record(sales: Iterable[Historic], person: Person | None = None) -> int:
    """Write those that are not written yet, in the caller's transaction; how many.

    The money counts as taken out by the owner long since: no drawer or bank account holds it. They belong to
    no balance of anybody, so only the sums of days grow.
    """
    ledger.hold()
    by_reference = {one.reference: one for one in sales}
    found = list(by_reference.values())
    written = 0
    for start in range(0, len(found), GROUP):
        written += _group(found[start : start + GROUP], person)
    return written


def _group(sales: Sequence[Historic], person: Person | None) -> int:
    known = set(
        Entry.objects.filter(reference__in=[one.reference for one in sales]).values_list(
            "reference", flat=True
        )
    )
    new = [one for one in sales if one.reference not in known]
    entries = Entry.objects.bulk_create(
        Entry(
            at=one.at,
            day=ledger.day_of(one.at),
            kind="sale",
            reference=one.reference,
            memo=one.memo[:LONGEST_MEMO],
            person=person if person is not None and person.pk else None,
        )
        for one in new
    )
    lines: list[Line] = []
    parts: list[tuple[date, Part]] = []
    counted: dict[Place, Sums] = defaultdict(Sums)
    for one, entry in zip(new, entries, strict=True):
        for part in accounts.sale(Sold(Via.MIKHMON, one.price_idr, one.cost_idr)):
            lines.append(Line(entry=entry, account=part.account, amount_idr=part.amount_idr))
            parts.append((entry.day, part))
        for basis in Basis:
            place = Place(basis.value, entry.day, one.package, one.router, 0, Via.MIKHMON.value)
            counted[place] += of_sale(one.price_idr, one.cost_idr, 0)
    Line.objects.bulk_create(lines)
    Sale.objects.bulk_create(
        Sale(
            entry=entry,
            voucher_id=one.voucher,
            package_id=one.package,
            router_id=one.router,
            via=Via.MIKHMON.value,
            at=one.at,
            day=entry.day,
            activated_at=one.at,
            activated_day=entry.day,
            cost_idr=one.cost_idr,
            price_idr=one.price_idr,
        )
        for one, entry in zip(new, entries, strict=True)
    )
    ledger.sum_up(parts)
    count(counted)
    return len(new)
