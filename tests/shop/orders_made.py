"""Orders and money in as few words as possible."""

from typing import Any

from ronda.routers.models import Router
from ronda.shop.models import Order, Package, PaymentMethod
from ronda.shop.service import ordering, paying
from tests.routers.factories import make_router
from tests.shop.factories import make_package

__all__ = ["make_method", "make_order", "make_package", "make_router", "pay"]


def make_method(name: str = "Transfer BRI", **values: Any) -> PaymentMethod:
    given = {"kind": PaymentMethod.Kind.BANK, "shown": {"number": "1234567890"}} | values
    return PaymentMethod.objects.create(name=name, **given)


def make_order(
    package: Package | None = None,
    *,
    router: Router | None = None,
    method: PaymentMethod | None = None,
    **values: Any,
) -> Order:
    """An order of Rp5.000 that waits for payment; it has a router of its own unless one is given."""
    package = package or make_package()
    order, _secret = ordering.place(
        package,
        phone=values.pop("phone", "+628123456789"),
        router=router or Router.objects.first() or make_router(),
        method=method,
        **values,
    )
    return order


def pay(order: Order | None, event: str = "ev-1", **values: Any) -> paying.Outcome:
    """Money for an order, as a callback of its method would tell of it."""
    method = values.pop("method", None) or (order.method if order else None)
    return paying.pay(
        order.pk if order else None,
        method=method or PaymentMethod.objects.first() or make_method(),
        event_id=event,
        amount_idr=values.pop("amount", order.amount_idr if order else 5_000),
        source=values.pop("source", "callback"),
        **values,
    )
