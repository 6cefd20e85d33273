"""How a buyer pays one order: what the payment page shows, whatever the method."""

from dataclasses import dataclass

from django.urls import reverse

from ronda.shop.models import MethodPicture, Order, PaymentMethod
from ronda.shop.rules import qris
from ronda.shop.service import charging, methods, proofs


@dataclass(frozen=True, slots=True)
class Way:
    """What to show. `waiting`: a gateway is being asked, look again in a moment; `trouble`: it said no.

    `qr_text` holds the amount already; `picture_url` does not. `by_hand`: staff look whether money
    came, and `proof` says that a picture may be handed in.
    """

    name: str
    kind: str
    amount_idr: int
    waiting: bool = False
    trouble: str = ""
    qr_text: str = ""
    pay_url: str = ""
    pay_code: str = ""
    picture_url: str = ""
    bank: str = ""
    holder: str = ""
    number: str = ""
    by_hand: bool = False
    proof: bool = False
    handed_in: int = 0
    live: bool = True


def way_of(order: Order) -> Way | None:
    """How to pay this order; None before a method was chosen. Four queries at most."""
    method = order.method
    if method is None:
        return None
    if methods.is_gateway(method):
        return _gateway(order, method)
    handed_in = proofs.of_order(order)
    return Way(
        name=method.name,
        kind=method.kind,
        amount_idr=order.amount_idr,
        qr_text=_qr_text(method, order.amount_idr),
        picture_url=picture_url(method),
        bank=method.shown.get("bank", ""),
        holder=method.shown.get("holder", ""),
        number=method.shown.get("number", ""),
        by_hand=True,
        proof=proofs.may_hand_in(order) and len(handed_in) < proofs.MOST_PROOFS,
        handed_in=sum(one.decided_at is None for one in handed_in),
    )


def _gateway(order: Order, method: PaymentMethod) -> Way:
    charge = charging.current(order)
    trouble = "" if charge is not None else charging.trouble(order)
    return Way(
        name=method.name,
        kind=method.kind,
        amount_idr=order.amount_idr if charge is None else charge.amount_idr,
        waiting=charge is not None and not charge.standing,
        trouble=trouble,
        qr_text=charge.qr_text if charge else "",
        pay_url=charge.pay_url if charge else "",
        pay_code=charge.pay_code if charge else "",
        live=method.live,
    )


def picture_url(method: PaymentMethod) -> str:
    """Where the QRIS picture of a method is; "" when it has none. The address changes with the picture."""
    digest = (
        MethodPicture.objects.filter(method=method).values_list("digest", flat=True).first()
        if method.kind == PaymentMethod.Kind.QRIS
        else None
    )
    return f"{reverse('shop:method-picture', args=[method.pk])}?v={digest}" if digest else ""


def _qr_text(method: PaymentMethod, amount_idr: int) -> str:
    text = method.shown.get("qris", "")
    if not text:
        return ""
    try:
        return qris.with_amount(text, amount_idr)
    except (qris.NoQris, ValueError):
        return ""
