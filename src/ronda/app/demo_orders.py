"""Orders of the demo's shop: paid, waiting, and one whose money fits nothing; made by the shop itself."""

from datetime import datetime, timedelta

from django.utils import timezone

from ronda.routers.models import Router
from ronda.shop.models import Order, Package, PaymentMethod
from ronda.shop.service import methods, ordering, packages, paying, placing
from ronda.simulator.routers.hotspots import PLACES

#: Invented buyers: name, hours since they ordered, and what became of it.
BUYERS = (
    ("Bu Tini", 50, "paid"),
    ("Pak Slamet", 47, "paid"),
    ("Wahyu", 30, "expired"),
    ("Dian", 26, "paid"),
    ("Ratna", 9, "paid"),
    ("Bagas", 6, "cancelled"),
    ("Putri", 5, "paid"),
    ("Mas Agus", 3, "wrong"),
    ("Lestari", 2, "paid"),
    ("Yoga", 1, "waiting"),
    ("Nur", 0, "waiting"),
)


def enter() -> int:
    """Place them the first time, where there are packages, a router and a way to pay; how many."""
    offers = _offers()
    by_hand = [one for one in methods.offered() if not methods.is_gateway(one)]
    if Order.objects.exists() or not offers or not by_hand or not Router.objects.exists():
        return 0
    now = timezone.now()
    for number, (name, hours, end) in enumerate(BUYERS):
        package, router = offers[number % len(offers)]
        made = now - timedelta(hours=hours)
        order, _secret = ordering.place(
            package,
            phone=f"+62800000{number:04d}",
            name=name,
            method=by_hand[number % len(by_hand)],
            told_apart=True,
            router=router,
            now=made,
        )
        _end(order, by_hand[number % len(by_hand)], end, made + timedelta(minutes=4))
    return len(BUYERS)


def _offers() -> list[tuple[Package, Router]]:
    """Packages, each with a router that has had its profile all along, before anything is made there."""
    profiles = {place.name: {plan.name for plan in place.plans} for place in PLACES}
    return [
        (package, router)
        for package in packages.on_sale()
        for router in placing.routers_of(package)
        if package.profile in profiles.get(router.name, ())
    ]


def _end(order: Order, method: PaymentMethod, end: str, at: datetime) -> None:
    if end in {"paid", "wrong"}:
        paying.pay(
            order.pk,
            method=method,
            event_id=f"staff:{order.number}",
            amount_idr=order.amount_idr if end == "paid" else order.amount_idr - 1_000,
            source="staff",
            now=at,
        )
    elif end == "cancelled":
        ordering.cancel(order, None, "demo")
    elif end == "expired":
        ordering.expire(order.pay_by)
