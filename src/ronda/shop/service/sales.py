"""Sales: a voucher is sold once, and what that means for the books is written with it."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.routers.models import Router
from ronda.shop.models import Package, Sale, SaleDay, Stock, Voucher
from ronda.shop.rules import accounts
from ronda.shop.rules.accounts import Sold, Via
from ronda.shop.rules.sums import Basis, Sums, of_return, of_sale
from ronda.shop.service import ledger

AMOUNTS = ("sold", "returned", "price_idr", "refund_idr", "cost_idr", "commission_idr")


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
    _count(sale, Basis.SALE, sale.day, of_sale)
    if sale.activated_day:
        _count(sale, Basis.LOGIN, sale.activated_day, of_sale)
    return sale


@transaction.atomic
def activated(voucher: Voucher, at: datetime) -> None:
    """Write the first login with a voucher into its sale, once; a voucher not sold yet is none of ours."""
    day = ledger.day_of(at)
    waiting = Sale.objects.filter(voucher=voucher, activated_at=None)
    if waiting.update(activated_at=at, activated_day=day):
        _count(Sale.objects.get(voucher=voucher), Basis.LOGIN, day, of_sale)


@transaction.atomic
def moved(voucher: Voucher, router: Router) -> None:
    """Count the sale of a voucher at another router, where it was made in the end."""
    sale = Sale.objects.select_for_update(of=("self",)).filter(voucher=voucher).first()
    if sale is None or sale.router_id == router.pk:
        return
    for sign, place in ((-1, sale.router_id), (1, router.pk)):
        sale.router_id = place
        _count(sale, Basis.SALE, sale.day, of_sale, sign)
        if sale.activated_day:
            _count(sale, Basis.LOGIN, sale.activated_day, of_sale, sign)
        if sale.returned_day:
            _count(sale, Basis.SALE, sale.returned_day, of_return, sign)
        if sale.returned_day and sale.activated_day:
            _count(sale, Basis.LOGIN, sale.returned_day, of_return, sign)
    sale.save(update_fields=["router"])


@transaction.atomic
def take_back(sale: Sale, person: Person | None, reason: str) -> Sale:
    """Write that a buyer got the money back, once, in the caller's transaction.

    Cash goes out of the drawer of `person`. The voucher is not touched: who calls makes it void.
    """
    now = timezone.now()
    day = ledger.day_of(now)
    if not Sale.objects.filter(pk=sale.pk, returned_at=None).update(
        returned_at=now, returned_day=day
    ):
        return Sale.objects.get(pk=sale.pk)
    sale = Sale.objects.get(pk=sale.pk)
    drawer = person.pk if person is not None and person.pk else sale.seller_id
    ledger.post(
        "refund",
        f"refund:{sale.pk}",
        accounts.refund(told(sale), drawer),
        at=now,
        person=person,
        memo=reason,
    )
    _count(sale, Basis.SALE, day, of_return)
    if sale.activated_day:
        _count(sale, Basis.LOGIN, day, of_return)
    audit.record(
        person,
        "sale.take-back",
        f"sale #{sale.pk}",
        {"price_idr": sale.price_idr},
        {"reason": reason},
    )
    return sale


def told(sale: Sale) -> Sold:
    """A sale as the rules know it."""
    return Sold(Via(sale.via), sale.price_idr, sale.cost_idr, sale.commission_idr, sale.seller_id)


def _count(
    sale: Sale, basis: Basis, day: date, counted: Callable[[int, int, int], Sums], sign: int = 1
) -> None:
    """Add a sale, or its return, to the sums of a day; take it out where `sign` is -1."""
    key = {
        "basis": basis.value,
        "day": day,
        "package_id": sale.package_id,
        "router": sale.router_id or 0,
        "seller": sale.seller_id or 0,
        "via": sale.via,
    }
    sums = counted(sale.price_idr, sale.cost_idr, sale.commission_idr)
    ledger.add(SaleDay, key, {name: sign * getattr(sums, name) for name in AMOUNTS})
