"""The one door through which money reaches an order.

Whatever says that money came (a gateway's callback, the poller, staff) says it here. In one
transaction: the word is kept, once; the order is marked paid by a single conditional UPDATE; its
voucher, its sale in the ledger and the job for the router are written. Nothing of it can exist
without the rest, and a word that is heard again finds itself.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop import events
from ronda.shop.models import Charge, Order, PaymentEvent, PaymentMethod
from ronda.shop.rules import orders as rules
from ronda.shop.rules.inbox import Settled
from ronda.shop.rules.orders import Claim, State, Verdict
from ronda.shop.service import ledger, providing
from ronda.shop.service.ordering import still_sold
from ronda.work import feed

#: Of what a gateway sent so much is kept.
BODY_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a word of money; `again` when the same word had been heard before and nothing was done."""

    verdict: Verdict
    order: int | None
    again: bool = False

    @property
    def served(self) -> bool:
        """Whether the order is paid by this money."""
        return self.verdict is Verdict.SERVED


def pay(
    order_id: int | None,
    *,
    method: PaymentMethod,
    event_id: str,
    amount_idr: int,
    source: str,
    body: str = "",
    person: Person | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Take up that `amount_idr` rupiah came in by `method` for an order, and do what follows, exactly once.

    Args:
        order_id: of our order; None when the money names none, then it lies in the inbox.
        event_id: the same for every word about the same money, however it reached us.
        source: `callback`, `poll` or `staff`.
        body: what was said, as it came; it must hold no secret.
        person: who said it, for `staff`.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        ledger.hold()
        event, heard = _hear(method, event_id, amount_idr, source, body, person, moment)
        if heard:
            return Outcome(Verdict(event.outcome), event.order_id, again=True)
        order = _locked(order_id)
        verdict = rules.judge(_claim(order, method, moment), amount_idr)
        event.order, event.outcome = order, verdict
        if verdict is Verdict.SERVED:
            event.settled_at, event.settled_as = moment, Settled.SERVED
        elif verdict is Verdict.DOUBLE and _is_said_anew(event):
            event.settled_at, event.settled_as = moment, Settled.SAME
        event.save(update_fields=["order", "outcome", "settled_at", "settled_as"])
        if order is not None and verdict is Verdict.SERVED:
            take(order, amount_idr, person, moment)
        elif event.settled_at is None:
            _leave(order, event, verdict)
        audit.record(
            person,
            "payment.take",
            order.number if order else event_id,
            None,
            {"amount_idr": amount_idr, "method": method.name, "source": source, "as": verdict},
        )
        return Outcome(verdict, order.pk if order else None)


def take(order: Order, amount_idr: int, person: Person | None, now: datetime) -> None:
    """Mark a locked order paid and give its buyer what was bought, in the caller's transaction.

    Raises:
        NotUnpaid: it was paid, or moved on, in between.
    """
    moved = Order.objects.filter(
        pk=order.pk, state__in=rules.before(State.PAID), paid_at=None
    ).update(state=State.PAID, paid_at=now, paid_idr=amount_idr, closed_at=None, trouble="")
    if moved != 1:
        raise NotUnpaid(order.number)
    order.refresh_from_db()
    feed.append(events.PAID, {"order": order.pk, "number": order.number})
    providing.provide(order, person)


class NotUnpaid(Exception):
    """An order does not wait for money any more; the transaction that wanted to pay it is undone."""


def _hear(
    method: PaymentMethod,
    event_id: str,
    amount_idr: int,
    source: str,
    body: str,
    person: Person | None,
    now: datetime,
) -> tuple[PaymentEvent, bool]:
    """The kept word, and whether it was there before."""
    try:
        with transaction.atomic():
            return PaymentEvent.objects.create(
                method=method,
                event_id=event_id,
                source=source,
                body=body[:BODY_CHARACTERS],
                amount_idr=amount_idr,
                at=now,
                outcome="",
                person=person,
            ), False
    except IntegrityError:
        return PaymentEvent.objects.get(method=method, event_id=event_id), True


def _locked(order_id: int | None) -> Order | None:
    if order_id is None:
        return None
    return (
        Order.objects.select_for_update(of=("self",))
        .select_related("package", "router", "member")
        .filter(pk=order_id)
        .first()
    )


def _claim(order: Order | None, method: PaymentMethod, now: datetime) -> Claim | None:
    if order is None:
        return None
    charged = Charge.objects.filter(order=order, method=method).values_list("amount_idr", flat=True)
    return Claim(
        State(order.state),
        frozenset({order.amount_idr, *charged}),
        order.paid_at is not None,
        still_sold(order, now),
    )


def _is_said_anew(event: PaymentEvent) -> bool:
    """Whether a gateway tells of a charge that was counted already in another word, as "settled" after "paid".

    Its event ids begin with the reference of the charge (`payments.port.Word.event_id`).
    """
    reference = event.event_id.rsplit(":", 2)[0]
    said_before = PaymentEvent.objects.filter(
        method=event.method,
        order=event.order,
        outcome=Verdict.SERVED,
        amount_idr=event.amount_idr,
        event_id__startswith=f"{reference}:",
    )
    return event.event_id.count(":") >= 2 and said_before.exists()


def _leave(order: Order | None, event: PaymentEvent, verdict: Verdict) -> None:
    """Put money that nobody can be served for where people find it, and tell of it."""
    if order is not None and rules.holds_up(State(order.state), verdict):
        Order.objects.filter(pk=order.pk).update(state=State.ATTENTION)
    feed.append(
        events.TROUBLE,
        {
            "order": order.pk if order else None,
            "number": order.number if order else "",
            "event": event.pk,
            "reason": verdict.value,
            "amount_idr": event.amount_idr,
            "on": True,
        },
    )
