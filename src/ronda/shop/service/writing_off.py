"""Printed vouchers that are lost or damaged: their codes end, and they are in nobody's stock any more."""

from __future__ import annotations

from django.db import transaction

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import Batch, Stock, Voucher
from ronda.shop.service import changing, ledger

#: Serial numbers at once.
MOST = 2_000


class Nothing(ValueError):
    """No voucher of these numbers can be written off: all were sold, used or ended."""


def write_off(
    batch: Batch, first: int, last: int, reason: str, by: Person | None, source: str = ""
) -> tuple[int, int]:
    """End the unsold, unused vouchers of a batch with these serial numbers (from 1); how many, and their cost.

    Those that were sold, used or ended meanwhile stay what they are. What was in somebody's stock goes out of it at
    its cost; nothing is owed for it, since it was never used. `changing.restore_batch` makes the codes work again.

    Raises:
        Nothing: none is left of them.
    """
    with transaction.atomic():
        ledger.hold()
        places = Voucher.objects.filter(batch=batch).order_by("pk").values_list("pk", flat=True)
        wanted = list(places[max(first, 1) - 1 : min(last, first + MOST - 1)])
        found = changing.unused_of(batch).filter(pk__in=wanted)
        pks = list(found.select_for_update(of=("self",)).values_list("pk", flat=True))
        if not pks:
            raise Nothing
        cost = sum(row.cost_idr for row in Stock.objects.filter(voucher__in=pks))
        changing.void_unused(batch, pks, by, reason=reason)
        audit.record(
            by,
            "stock.write-off",
            f"#{batch.pk}",
            None,
            {"count": len(pks), "from": first, "to": last, "cost_idr": cost, "reason": reason},
            source,
        )
    return len(pks), cost
