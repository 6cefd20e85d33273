"""Proofs of payment: a buyer shows a picture, staff look into their account and decide.

A picture is drawn anew before it is kept, and shown to staff alone. Confirming goes through the one door
of money with one word per order, so that two clicks, or two proofs of one transfer, pay once.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.service.scope import mine
from ronda.shop.models import Order, PaymentProof
from ronda.shop.service import methods, paying
from ronda.shop.service.pictures import photograph

MOST_BYTES = 8 * 1024 * 1024
MOST_SIDE = 1600
#: Proofs of one order, decided ones counted.
MOST_PROOFS = 5


class NoProof(ValueError):
    """A proof cannot be taken or decided; the text says why, for people."""


def may_hand_in(order: Order) -> bool:
    """Whether a buyer may still show that this order was paid."""
    method = order.method
    return (
        method is not None
        and not methods.is_gateway(method)
        and order.state in (Order.State.PENDING, Order.State.EXPIRED)
    )


#: From a proof to its site.
PLACE = "order__router__site"


def hand_in(order: Order, data: bytes, note: str = "") -> PaymentProof:
    """Keep a buyer's picture for staff to look at.

    Raises:
        NoPicture: it is none that is taken.
        NoProof: the order waits for no proof, or has too many.
    """
    if not may_hand_in(order):
        raise NoProof(_("This order does not wait for a proof of payment."))
    picture = photograph(data, most_side=MOST_SIDE, most_bytes=MOST_BYTES)
    with transaction.atomic():
        locked = Order.objects.select_for_update().get(pk=order.pk)
        if PaymentProof.objects.filter(order=locked).count() >= MOST_PROOFS:
            raise NoProof(_("There are enough pictures; staff will look at them."))
        return PaymentProof.objects.create(
            order=locked, picture=picture, note=note.strip()[:200], at=timezone.now()
        )


def waiting() -> QuerySet[PaymentProof]:
    """Proofs that nobody has decided, oldest first, without their pictures."""
    return (
        mine(PaymentProof.objects.filter(decided_at=None), PLACE)
        .defer("picture")
        .select_related("order__package", "order__method")
        .order_by("id")
    )


def decided() -> QuerySet[PaymentProof]:
    """The newest fifty that were decided, without their pictures."""
    return (
        mine(PaymentProof.objects.exclude(decided_at=None), PLACE)
        .defer("picture")
        .select_related("order__package", "order__method", "person")
        .order_by("-decided_at")[:50]
    )


def of_order(order: Order) -> list[PaymentProof]:
    """The proofs of one order, newest first, without their pictures."""
    return list(PaymentProof.objects.filter(order=order).defer("picture"))


def accept(proof: PaymentProof, person: Person, source: str = "") -> paying.Outcome:
    """The money is there: pay the order.

    Raises:
        NoProof: somebody decided before.
    """
    with transaction.atomic():
        _decide(proof, person, accepted=True, source=source)
        return confirm(proof.order, person)


def refuse(proof: PaymentProof, person: Person, source: str = "") -> None:
    """The picture shows no payment; the buyer may hand in another.

    Raises:
        NoProof: somebody decided before.
    """
    with transaction.atomic():
        _decide(proof, person, accepted=False, source=source)


def confirm(order: Order, person: Person) -> paying.Outcome:
    """Staff saw the order's money, with a proof or without; the second time changes nothing.

    Raises:
        NoProof: the order was made for no method at which staff look.
    """
    if order.method is None or methods.is_gateway(order.method):
        raise NoProof(_("A gateway tells of the money for this order."))
    return paying.pay(
        order.pk,
        method=order.method,
        event_id=f"staff:{order.number}",
        amount_idr=order.amount_idr,
        source="staff",
        person=person,
    )


def _decide(proof: PaymentProof, person: Person, *, accepted: bool, source: str) -> None:
    now: datetime = timezone.now()
    taken = PaymentProof.objects.filter(pk=proof.pk, decided_at=None).update(
        decided_at=now, accepted=accepted, person=person
    )
    if not taken:
        raise NoProof(_("Somebody has decided on this already."))
    audit.record(
        person,
        "payment.proof_accept" if accepted else "payment.proof_refuse",
        proof.order.number,
        None,
        {"proof": proof.pk, "amount_idr": proof.order.amount_idr},
        source,
    )
