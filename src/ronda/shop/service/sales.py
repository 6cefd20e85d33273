"""Sales: a voucher is sold once, and what that means for the books is written with it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.routers.models import Router
from ronda.shop.models import Line, Member, Package, Sale, SaleDay, SaleSum, Stock, Voucher
from ronda.shop.rules import accounts
from ronda.shop.rules.accounts import Account, Sold, Via
from ronda.shop.rules.sums import (
    AMOUNTS,
    Basis,
    Margin,
    Place,
    Sums,
    margins,
    of_return,
    of_sale,
)
from ronda.shop.service import ledger
from ronda.shop.service.adding import add


@transaction.atomic
def record(
    voucher: Voucher,
    *,
    price_idr: int,
    via: str,
    seller: Person | None = None,
    at: datetime | None = None,
    person: Person | None = None,
    commission_idr: int = 0,
) -> Sale:
    """Write that a voucher was sold, in the caller's transaction; the sale that is there where it was before.

    Args:
        price_idr: what the buyer paid.
        via: a word of `rules.accounts.Via`: which account the money is in follows from it.
        seller: in whose drawer (counter) or from whose deposit (reseller) it is.
        person: who did it, where that is not the seller.
        commission_idr: what a reseller keeps of the price.
    """
    ledger.hold()
    moment = at or timezone.now()
    if not Voucher.objects.filter(pk=voucher.pk, sold_at=None).update(sold_at=moment):
        return Sale.objects.get(voucher=voucher)
    voucher.sold_at = moment
    held = Stock.objects.filter(voucher=voucher).first()
    if held:
        held.delete()
        cost = held.cost_idr
    else:
        cost = Package.objects.only("price_idr").get(pk=voucher.package_id).price_idr
    sold = Sold(
        Via(via),
        price_idr,
        cost,
        commission_idr,
        seller.pk if seller else None,
        held.holder_id if held else None,
    )
    entry = ledger.post(
        "sale",
        f"sale:{voucher.pk}",
        accounts.sale(sold),
        at=moment,
        person=person or seller,
    )
    used = voucher.first_login_at
    sale = Sale.objects.create(
        entry=entry,
        voucher=voucher,
        package_id=voucher.package_id,
        router_id=voucher.router_id,
        seller=seller,
        via=sold.via,
        at=moment,
        day=entry.day,
        activated_at=used,
        activated_day=ledger.day_of(used) if used else None,
        cost_idr=sold.cost_idr,
        price_idr=price_idr,
        commission_idr=commission_idr,
    )
    count(_counted(sale))
    return sale


@transaction.atomic
def of_member(
    member: Member,
    reference: str,
    *,
    price_idr: int,
    at: datetime,
    person: Person | None,
    cash: bool,
    seller: Person | None,
) -> Sale:
    """Write that a member paid for a time, in the caller's transaction; `reference` is the invoice's.

    Nothing is handed out, so it costs nothing; the time is used from now on, so it counts on this day by either
    basis. Cash is in the drawer of `person`; `seller` is None for what was paid in the shop.
    """
    drawer = person.pk if cash and person is not None else None
    sold = Sold(Via.MEMBER, price_idr, 0, seller=drawer)
    entry = ledger.post(
        "member", reference, accounts.sale(sold), at=at, person=person, memo=member.name
    )
    sale, made = Sale.objects.get_or_create(
        entry=entry,
        defaults={
            "package_id": member.package_id,
            "router_id": member.router_id,
            "seller": seller,
            "via": sold.via,
            "at": at,
            "day": entry.day,
            "activated_at": at,
            "activated_day": entry.day,
            "cost_idr": 0,
            "price_idr": price_idr,
        },
    )
    if made:
        count(_counted(sale))
    return sale


@transaction.atomic
def activated(voucher: Voucher, at: datetime) -> None:
    """Write the first login with a voucher into its sale, once; a voucher not sold yet is none of ours."""
    ledger.hold()
    day = ledger.day_of(at)
    waiting = Sale.objects.filter(voucher=voucher, activated_at=None)
    if waiting.update(activated_at=at, activated_day=day):
        sale = Sale.objects.get(voucher=voucher)
        count({_place(sale, Basis.LOGIN, day): _worth(sale, of_sale)})


@transaction.atomic
def moved(voucher: Voucher, router: Router) -> None:
    """Count the sale of a voucher at another router, where it was made in the end."""
    ledger.hold()
    sale = Sale.objects.select_for_update(of=("self",)).filter(voucher=voucher).first()
    if sale is None or sale.router_id == router.pk:
        return
    there = {place: -sums for place, sums in _counted(sale).items()}
    sale.router_id = router.pk
    count(there | _counted(sale))
    sale.save(update_fields=["router"])


@transaction.atomic
def take_back(sale: Sale, person: Person | None, reason: str) -> Sale:
    """Write that a buyer got the money back, once, in the caller's transaction.

    Cash goes out of the drawer of `person`, what came by transfer goes back by transfer. The voucher is not
    touched: who calls makes it void.
    """
    ledger.hold()
    now = timezone.now()
    day = ledger.day_of(now)
    if not Sale.objects.filter(pk=sale.pk, returned_at=None).update(
        returned_at=now, returned_day=day
    ):
        return Sale.objects.get(pk=sale.pk)
    sale = Sale.objects.get(pk=sale.pk)
    drawer = person.pk if person is not None and person.pk else sale.seller_id
    if sale.via == Via.MEMBER and not _in_cash(sale):
        drawer = None
    ledger.post(
        "refund",
        f"refund:{sale.pk}",
        accounts.refund(told(sale), drawer),
        at=now,
        person=person,
        memo=reason,
    )
    worth = _worth(sale, of_return)
    bases = (Basis.SALE, Basis.LOGIN) if sale.activated_day else (Basis.SALE,)
    count({_place(sale, basis, day): worth for basis in bases})
    audit.record(
        person,
        "sale.take-back",
        f"sale #{sale.pk}",
        {"price_idr": sale.price_idr},
        {"reason": reason},
    )
    return sale


def _in_cash(sale: Sale) -> bool:
    return Line.objects.filter(entry=sale.entry_id, account=Account.CASH).exists()


def told(sale: Sale) -> Sold:
    """A sale as the rules know it."""
    return Sold(Via(sale.via), sale.price_idr, sale.cost_idr, sale.commission_idr, sale.seller_id)


def count(counted: Mapping[Place, Sums]) -> None:
    """Add sales to the sums of days that reports read, in the caller's transaction."""
    rows = {tuple(place): sums.amounts for place, sums in counted.items()}
    add(SaleDay, Place._fields, AMOUNTS, rows)
    sums = {tuple(margin): sums.amounts for margin, sums in margins(counted).items()}
    add(SaleSum, Margin._fields, AMOUNTS, sums)


def _counted(sale: Sale) -> dict[Place, Sums]:
    """Where all of a sale counts: on the day it was sold, first used, and taken back."""
    found: dict[Place, Sums] = {}
    for basis, day in ((Basis.SALE, sale.day), (Basis.LOGIN, sale.activated_day)):
        if day is None:
            continue
        for when, worth in ((day, of_sale), (sale.returned_day, of_return)):
            if when is not None:
                place = _place(sale, basis, when)
                found[place] = found.get(place, Sums()) + _worth(sale, worth)
    return found


def _place(sale: Sale, basis: Basis, day: date) -> Place:
    return Place(
        basis.value, day, sale.package_id, sale.router_id or 0, sale.seller_id or 0, sale.via
    )


def _worth(sale: Sale, of: Callable[[int, int, int], Sums]) -> Sums:
    return of(sale.price_idr, sale.cost_idr, sale.commission_idr)
