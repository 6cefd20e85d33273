"""Vouchers that end unsold leave the stock of whoever holds them."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from ronda.accounts.models import Person
from ronda.shop.models import Stock, Voucher
from ronda.shop.rules import accounts
from ronda.shop.service import ledger


def release(vouchers: Sequence[int], by: Person | None, reason: str = "") -> None:
    """Take vouchers that ended unsold out of the stock they are in, at their cost, in the caller's transaction.

    Who calls has taken `ledger.hold()` before the vouchers were locked.
    """
    if not vouchers:
        return
    held: dict[int, list[Stock]] = defaultdict(list)
    for row in Stock.objects.filter(voucher__in=vouchers):
        held[row.holder_id].append(row)
    now = timezone.now()
    for holder, rows in sorted(held.items()):
        ledger.post(
            "write-off",
            f"write-off:{secrets.token_hex(8)}",
            accounts.handing(holder, -sum(row.cost_idr for row in rows)),
            at=now,
            person=by,
            memo=f"{len(rows)} x {reason}" if reason else str(len(rows)),
        )
        Stock.objects.filter(pk__in=[row.pk for row in rows]).delete()
        kept = Voucher.objects.filter(pk__in=[row.voucher_id for row in rows])
        kept.update(holder=None, handed_at=None)
