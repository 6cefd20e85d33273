"""Sales of the past for the demonstration: vouchers that were sold, used and ended, and who sold them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ronda.accounts.models import Person
from ronda.routers.models import Router
from ronda.shop.models import Package, Sale, Voucher
from ronda.shop.rules.accounts import Via
from ronda.shop.service import packages, resellers, sales


@dataclass(frozen=True, slots=True)
class Told:
    """One sale of a story."""

    at: datetime
    package: Package
    seller: Person | None
    via: Via
    code: str


@transaction.atomic
def tell(story: Iterable[Told], router: Router) -> int:
    """Write a story of sales, oldest first; how many. Nothing of it reaches the router."""
    count = 0
    for told in story:
        used = told.at + timedelta(minutes=7)
        voucher = Voucher.objects.create(
            code=told.code,
            package=told.package,
            terms=packages.terms_of(told.package).as_json(),
            router=router,
            state=Voucher.State.ENDED,
            made_at=told.at,
            ready_at=told.at,
            first_login_at=used,
            ended_at=used + timedelta(days=1),
            ended_by=Voucher.Clock.VALIDITY,
        )
        price = told.package.selling_price_idr
        kept = resellers.price_of(told.package, None).commission_idr
        sales.record(
            voucher,
            price_idr=price,
            via=told.via,
            seller=told.seller,
            at=told.at,
            commission_idr=kept if told.via is Via.RESELLER else 0,
        )
        count += 1
    return count


def is_untouched() -> bool:
    """Whether nothing was ever sold."""
    return not Sale.objects.exists()
