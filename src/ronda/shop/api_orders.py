"""`/api/v1/orders`: the shop's orders for programs."""

from datetime import datetime
from typing import Any, Literal, cast

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.kernel.ids import Id
from ronda.kernel.phones import read_phone
from ronda.shop.models import Order, Voucher
from ronda.shop.service import charging, making, methods, order_lists, ordering, packages, selling
from ronda.web.answers import FAILURES, IsoDay, Refused

router = Router(tags=["shop"], auth=session_or_token(Role.CASHIER))
#: No database takes a NUL.
TEXT = r"^[^\x00]*$"
EMAIL = r"^$|^[^@\s\x00]+@[^@\s\x00]+$"
StateName = Literal[
    "pending",
    "paid",
    "provisioning",
    "delivered",
    "expired",
    "cancelled",
    "refunded",
    "attention",
]


class OrderOut(Schema):
    """An order; amounts in rupiah. `code` is null until the router holds its user."""

    number: str
    state: StateName
    package: int
    package_name: str
    router: int
    price_idr: int
    amount_idr: int
    paid_idr: int | None
    method: int | None
    buyer_name: str
    buyer_phone: str
    buyer_email: str
    made_at: datetime
    pay_by: datetime
    paid_at: datetime | None
    delivered_at: datetime | None
    code: str | None
    trouble: str


class OrderList(Schema):
    """A page of orders, and how many there are in all."""

    orders: list[OrderOut]
    count: int


class OrderIn(Schema):
    """What is ordered; the price is the package's."""

    package: Id
    method: Id | None = None
    phone: str = Field("", max_length=30)
    name: str = Field("", max_length=80, pattern=TEXT)
    email: str = Field("", max_length=254, pattern=EMAIL)
    code: str = Field("", max_length=64, pattern=TEXT)
    password: str = Field("", max_length=64)


class Placed(Schema):
    """The new order, and the secret address at which its buyer pays and reads the code."""

    order: OrderOut
    pay_url: str


class OrderQuery(Schema):
    """What narrows the list; days are those of the installation."""

    q: str = Field("", max_length=100, pattern=TEXT)
    state: StateName | None = None
    package: Id | None = None
    method: Id | None = None
    since: IsoDay | None = None
    until: IsoDay | None = None
    limit: int = Field(100, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


def code_of(order: Order) -> making.Credentials | None:
    """What the buyer of an order types; None until the router holds it, and after the money went back."""
    voucher = order.voucher
    if voucher is None or order.state != Order.State.DELIVERED:
        return None
    return making.credentials(voucher) if voucher.state != Voucher.State.VOID else None


def shape(order: Order) -> OrderOut:
    """An order as it is answered."""
    known = code_of(order)
    return OrderOut(
        number=order.number,
        state=cast(StateName, order.state),
        package=order.package_id,
        package_name=order.package.name,
        router=order.router_id,
        price_idr=order.price_idr,
        amount_idr=order.amount_idr,
        paid_idr=order.paid_idr,
        method=order.method_id,
        buyer_name=order.buyer_name,
        buyer_phone=order.buyer_phone,
        buyer_email=order.buyer_email,
        made_at=order.made_at,
        pay_by=order.pay_by,
        paid_at=order.paid_at,
        delivered_at=order.delivered_at,
        code=known.code if known else None,
        trouble=order.trouble,
    )


@router.get("/orders", response={200: OrderList, **FAILURES})
def list_orders(request: HttpRequest, query: Query[OrderQuery]) -> Any:
    """Orders, newest first."""
    wanted = order_lists.Filter(
        text=query.q,
        state=query.state or "",
        package=query.package,
        method=query.method,
        since=query.since,
        until=query.until,
    )
    found = order_lists.matching(wanted).select_related("package", "voucher")
    rows = found[query.offset : query.offset + query.limit]
    return OrderList(orders=[shape(order) for order in rows], count=found.count())


@router.get("/orders/{number}", response={200: OrderOut, **FAILURES})
def one_order(request: HttpRequest, number: str) -> Any:
    """One order by its number."""
    found = Order.objects.select_related("package", "voucher").filter(number=number).first()
    if found is None:
        raise Http404(_("There is no such order."))
    return shape(found)


@router.post("/orders", response={201: Placed, **FAILURES})
def new_order(request: HttpRequest, given: OrderIn) -> Any:
    """Order for a buyer. Nothing is made on a router before the order is paid."""
    order, secret = place(request, given)
    return Status(201, Placed(order=shape(order), pay_url=pay_url(request, secret)))


def pay_url(request: HttpRequest, secret: str) -> str:
    """The address of the buyer's page."""
    return request.build_absolute_uri(reverse("shop:buy-order", args=[secret]))


def place(request: HttpRequest, given: OrderIn) -> tuple[Order, str]:
    """The order that a program asked for, and its secret.

    Raises:
        Refused: nothing was ordered; the body says why.
    """
    package = packages.present().filter(pk=given.package).first()
    if package is None:
        raise Refused(404, "not-found", _("There is no such package."))
    method = methods.find(given.method) if given.method else None
    if given.method and method is None:
        raise Refused(404, "not-found", _("There is no such way to pay."))
    me = actor(request)
    try:
        order, secret = ordering.place(
            package,
            phone=_phone(given.phone),
            name=" ".join(given.name.split()),
            email=given.email,
            method=method,
            told_apart=selling.told_apart(method),
            wanted_code=given.code.strip(),
            wanted_password=given.password,
            person=me.person,
            source=me.source,
        )
    except ordering.OrderRefused as reason:
        raise Refused(409, "refused", str(reason)) from None
    charging.begin(order, base_url=request.build_absolute_uri("/")[:-1])
    return order, secret


def _phone(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return read_phone(text)
    except ValueError:
        message = _("This is no phone number. Write it like 0812 3456 7890.")
        raise Refused(422, "invalid", message, {"phone": [message]}) from None
