"""Vouchers that were made but not sold: in whose hands they are, what they are worth, and which were used unsold."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.service.scope import mine
from ronda.shop.models import Batch, Package, Stock, Voucher, VoucherEvent
from ronda.shop.rules import accounts
from ronda.shop.service import ledger

State = Voucher.State
#: Those that a buyer could use, or soon can.
SELLABLE = (State.MAKING, State.READY)


class NotSoMany(ValueError):
    """Fewer are there to be handed over."""

    def __init__(self, there: int) -> None:
        super().__init__(f"only {there} are there")
        self.there = there


@dataclass(frozen=True, slots=True)
class Row:
    """Unsold vouchers of a package in somebody's hands (None: in nobody's), and their selling price."""

    holder: str | None
    holder_id: int | None
    package: str
    package_id: int
    count: int
    value_idr: int


def rows(holder: Person | None = None) -> list[Row]:
    """Stock by holder and package; of one holder, or all."""
    found = Voucher.objects.filter(
        sold_at=None, state__in=SELLABLE, batch__isnull=False, order=None
    )
    found = mine(found, "router__site")
    if holder is not None:
        found = found.filter(holder=holder)
    grouped = (
        found.values("holder_id", "holder__username", "package_id")
        .annotate(count=Count("pk"))
        .order_by(F("holder__username").asc(nulls_last=True), "package_id")
    )
    packages = {package.pk: package for package in Package.objects.all()}
    return [
        Row(
            row["holder__username"],
            row["holder_id"],
            packages[row["package_id"]].name,
            row["package_id"],
            row["count"],
            row["count"] * packages[row["package_id"]].selling_price_idr,
        )
        for row in grouped
    ]


def hand_over(
    batch: Batch, count: int, holder: Person, by: Person | None, source: str = ""
) -> list[Voucher]:
    """Put so many vouchers of a batch, which are in nobody's hands, into somebody's stock.

    Raises:
        NotSoMany: fewer are there; none was handed over.
    """
    with transaction.atomic():
        ledger.hold()
        free = Voucher.objects.filter(
            batch=batch, sold_at=None, holder=None, state__in=SELLABLE
        ).order_by("pk")
        chosen = list(free.select_for_update(of=("self",))[:count])
        if len(chosen) < count:
            raise NotSoMany(len(chosen))
        now = timezone.now()
        Voucher.objects.filter(pk__in=[one.pk for one in chosen]).update(
            holder=holder, handed_at=now
        )
        cost = batch.package.price_idr
        Stock.objects.bulk_create(
            [Stock(voucher=one, holder=holder, cost_idr=cost, at=now) for one in chosen]
        )
        lines = accounts.handing(holder.pk, cost * count)
        memo = f"{count} x {batch.package.name}"
        reference = f"handing:{secrets.token_hex(8)}"
        ledger.post("handing", reference, lines, at=now, person=by, memo=memo)
        _note(chosen, "handed", by, {"to": holder.get_username()})
        audit.record(
            by,
            "stock.hand-over",
            f"#{batch.pk}",
            None,
            {"count": count, "to": holder.get_username()},
            source,
        )
    return chosen


def give_back(
    holder: Person, package: Package, count: int, by: Person | None, source: str = ""
) -> list[Voucher]:
    """Take so many unsold vouchers of a package out of somebody's stock, the newest first.

    Raises:
        NotSoMany: they have fewer; none was taken.
    """
    with transaction.atomic():
        ledger.hold()
        theirs = Voucher.objects.filter(
            holder=holder, package=package, sold_at=None, state__in=SELLABLE
        )
        held = mine(theirs, "router__site").order_by("-pk")
        chosen = list(held.select_for_update(of=("self",))[:count])
        if len(chosen) < count:
            raise NotSoMany(len(chosen))
        now = timezone.now()
        pks = [one.pk for one in chosen]
        Voucher.objects.filter(pk__in=pks).update(holder=None, handed_at=None)
        kept = Stock.objects.filter(voucher__in=pks)
        cost = kept.aggregate(sum=Sum("cost_idr"))["sum"] or 0
        kept.delete()
        lines = accounts.handing(holder.pk, -cost)
        memo = f"{count} x {package.name}"
        reference = f"handing:{secrets.token_hex(8)}"
        ledger.post("handing", reference, lines, at=now, person=by, memo=memo)
        _note(chosen, "handed", by, {"from": holder.get_username()})
        audit.record(
            by,
            "stock.give-back",
            holder.get_username(),
            None,
            {"count": count, "package": package.name},
            source,
        )
    return chosen


def _note(
    vouchers: Sequence[Voucher], what: str, by: Person | None, detail: dict[str, str]
) -> None:
    now = timezone.now()
    actor = by.get_username() if by else audit.SYSTEM
    VoucherEvent.objects.bulk_create(
        VoucherEvent(voucher=one, at=now, what=what, detail=detail, actor=actor) for one in vouchers
    )


def used_unsold() -> QuerySet[Voucher]:
    """Vouchers that somebody logged in with, but that nobody said to have sold; newest first."""
    return (
        mine(
            Voucher.objects.filter(sold_at=None, first_login_at__isnull=False, order=None),
            "router__site",
        )
        .select_related("package", "holder", "batch", "router")
        .order_by("-first_login_at")
    )
