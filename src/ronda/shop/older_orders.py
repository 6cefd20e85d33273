"""The older voucher system's `/api/transactions`, with the router fields that it promised, truthfully set.

`mikrotikCreated` is true once the router was seen to hold the user; `mikrotikSynced` while it does as
sold. Name and password are null before that: no router user exists before the order is paid.
"""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.kernel.ids import LARGEST_ID
from ronda.shop.api_orders import EMAIL, TEXT, OrderIn, code_of, pay_url, place
from ronda.shop.models import Order, Voucher
from ronda.shop.rules.terms import Terms
from ronda.shop.service import order_lists

router = Router(auth=session_or_token(Role.CASHIER))
_HELD = (Voucher.State.READY, Voucher.State.ACTIVE)


class TransactionIn(Schema):
    """What the older system sent; amounts in it are ignored, the price is the package's."""

    voucherId: int = Field(ge=1, le=LARGEST_ID)  # noqa: N815 -- their name
    customerName: str = Field("", max_length=80, pattern=TEXT)  # noqa: N815
    customerEmail: str = Field("", max_length=254, pattern=EMAIL)  # noqa: N815
    customerPhone: str = Field("", max_length=30)  # noqa: N815
    paymentMethodId: int | None = Field(None, ge=1, le=LARGEST_ID)  # noqa: N815
    customUsername: str = Field("", max_length=64, pattern=TEXT)  # noqa: N815
    customPassword: str = Field("", max_length=64)  # noqa: N815


class TransactionQuery(Schema):
    """A page of the list."""

    status: str = Field("", max_length=12)
    limit: int = Field(100, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


@router.get("/transactions")
def transactions(request: HttpRequest, query: Query[TransactionQuery]) -> Any:
    """`{transactions, count}`, newest first."""
    found = order_lists.matching(order_lists.Filter(state=query.status))
    rows = found.select_related("package", "voucher", "method")
    page = rows[query.offset : query.offset + query.limit]
    return {"transactions": [told(order) for order in page], "count": found.count()}


@router.post("/transactions", response={201: Any})
def new_transaction(request: HttpRequest, given: TransactionIn) -> Any:
    """`{success, transaction, payUrl}`: an order that waits for payment."""
    wanted = OrderIn(
        package=given.voucherId,
        method=given.paymentMethodId,
        phone=given.customerPhone,
        name=given.customerName,
        email=given.customerEmail,
        code=given.customUsername,
        password=given.customPassword,
    )
    order, secret = place(request, wanted)
    return Status(
        201, {"success": True, "transaction": told(order), "payUrl": pay_url(request, secret)}
    )


def told(order: Order) -> dict[str, Any]:
    """One order in the older shape."""
    voucher, known = order.voucher, code_of(order)
    return {
        "id": order.pk,
        "transactionId": order.number,
        "voucherId": order.package_id,
        "voucherName": order.package.name,
        "customerName": order.buyer_name,
        "customerEmail": order.buyer_email,
        "customerPhone": order.buyer_phone,
        "amount": order.amount_idr,
        "status": order.state,
        "paymentMethod": order.method.name if order.method else None,
        "createdAt": order.made_at,
        "paidAt": order.paid_at,
        "mikrotikUsername": known.code if known else None,
        "mikrotikPassword": known.password if known else None,
        "mikrotikProfile": Terms.from_json(voucher.terms).profile if voucher else None,
        "mikrotikCreated": voucher is not None and voucher.ready_at is not None,
        "mikrotikSynced": voucher is not None and voucher.state in _HELD,
    }
