"""Money in, no service: what lies there, and what people do about it. Everything is audited."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.service.scope import mine
from ronda.routers.models import Router
from ronda.shop import events
from ronda.shop.models import Invoice, Order, PaymentEvent, Sale, Voucher
from ronda.shop.rules import orders as rules
from ronda.shop.rules.inbox import Settled, allowed
from ronda.shop.rules.orders import State, Verdict
from ronda.shop.service import (
    asking,
    ledger,
    life,
    making,
    paying,
    providing,
    renewals,
    sales,
)
from ronda.work import feed


class CannotDo(Exception):
    """It is not so any more, or would be unsafe; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much lies in the inbox."""

    money: int
    orders: int

    @property
    def all(self) -> int:
        """Both together."""
        return self.money + self.orders


def money() -> QuerySet[PaymentEvent]:
    """Money that was served to nobody and settled by nobody, oldest first."""
    every = PaymentEvent.objects.filter(settled_at=None).exclude(outcome=Verdict.SERVED)
    found = mine(every, "order__router__site")
    return found.select_related("order__package", "method").order_by("at", "pk")


def orders() -> QuerySet[Order]:
    """Paid orders whose buyers have no code, oldest first."""
    every = Order.objects.filter(
        Q(state=State.ATTENTION) | Q(state=State.PAID), paid_at__isnull=False
    )
    found = mine(every, "router__site")
    return found.select_related("package", "router", "voucher").order_by("paid_at", "pk")


def counts() -> Counts:
    """How much needs somebody now."""
    return Counts(money().count(), orders().count())


def serve(event: PaymentEvent, order: Order, person: Person, source: str = "") -> None:
    """Take this money for this order, whatever its amount, and give the buyer what was ordered.

    Raises:
        CannotDo: the money was settled, or the order was paid already.
    """
    with transaction.atomic():
        ledger.hold()
        now = timezone.now()
        kept = _settle(event, Settled.SERVED, person, now)
        found = Order.objects.select_for_update(of=("self",)).select_related("package", "router")
        locked = found.get(pk=order.pk)
        if State(locked.state) is State.CANCELLED:
            # A person decides what a rule may not: this order is wanted after all.
            Order.objects.filter(pk=locked.pk).update(state=State.ATTENTION)
        try:
            paying.take(locked, kept.amount_idr or 0, person, now)
        except paying.NotUnpaid:
            raise CannotDo(
                _("Order %(number)s was paid already. Choose another one.")
                % {"number": order.number}
            ) from None
        PaymentEvent.objects.filter(pk=kept.pk).update(order=locked)
        _told(kept, locked.number, person, source)


def settle(event: PaymentEvent, how: Settled, person: Person, source: str = "") -> None:
    """Take money out of the inbox without an order: it was counted already, or was given back.

    Raises:
        CannotDo: it was settled by somebody else, or this does not fit.
    """
    if how not in allowed(Verdict(event.outcome)) or how is Settled.SERVED:
        raise CannotDo(_("This cannot be said of this money."))
    with transaction.atomic():
        kept = _settle(event, how, person, timezone.now())
        if kept.order_id is not None and how is Settled.REFUNDED:
            _close_unpaid(kept.order_id)
        _told(kept, kept.order.number if kept.order else "", person, source)


def _settle(event: PaymentEvent, how: Settled, person: Person, now: datetime) -> PaymentEvent:
    moved = PaymentEvent.objects.filter(pk=event.pk, settled_at=None).update(
        settled_at=now, settled_as=how, person=person
    )
    if not moved:
        raise CannotDo(_("Somebody has settled this money already."))
    return PaymentEvent.objects.select_related("order").get(pk=event.pk)


def _close_unpaid(order: int) -> None:
    """An order that only stood there because of money that is gone again needs nobody any more."""
    if not PaymentEvent.objects.filter(order=order, settled_at=None).exists():
        Order.objects.filter(pk=order, state=State.ATTENTION, paid_at=None).update(
            state=State.REFUNDED, closed_at=timezone.now()
        )


def _told(event: PaymentEvent, number: str, person: Person, source: str) -> None:
    audit.record(
        person,
        "payment.settle",
        number or event.event_id,
        {"reason": event.outcome},
        {"as": event.settled_as, "amount_idr": event.amount_idr},
        source,
    )
    feed.append(
        events.TROUBLE,
        {
            "order": event.order_id,
            "number": number,
            "event": event.pk,
            "reason": event.outcome,
            "amount_idr": event.amount_idr,
            "on": False,
        },
    )


def retry(order: Order, person: Person, source: str = "") -> None:
    """Try again to make what was paid: a voucher where there is none, else its user on the router.

    Raises:
        CannotDo: the order is not in the inbox any more, or its voucher has ended.
    """
    with transaction.atomic():
        ledger.hold()
        locked = _stuck(order)
        audit.record(person, "order.retry", order.number, {"trouble": locked.trouble}, None, source)
        if locked.voucher is None:
            Order.objects.filter(pk=locked.pk).update(state=State.PAID)
            locked.refresh_from_db()
            providing.provide(locked, person, by_hand=True)
        else:
            _make_again(locked, locked.voucher, person)


def move(order: Order, router: Router, person: Person, source: str = "") -> None:
    """Make it on another router.

    Raises:
        CannotDo: the first router may hold the user already.
    """
    with transaction.atomic():
        ledger.hold()
        locked = _stuck(order)
        if locked.member_id is not None:
            raise CannotDo(_("These are months of a member, who has a router already."))
        audit.record(
            person,
            "order.move",
            order.number,
            {"router": locked.router.name},
            {"router": router.name},
            source,
        )
        Order.objects.filter(pk=locked.pk).update(router=router)
        if locked.voucher is None:
            Order.objects.filter(pk=locked.pk).update(state=State.PAID)
            locked = Order.objects.select_related("package", "router").get(pk=locked.pk)
            providing.provide(locked, person, by_hand=True)
            return
        # What was refused is certainly not there; what was begun and not answered may be.
        free = Voucher.objects.filter(pk=locked.voucher.pk, state=Voucher.State.TROUBLE)
        moved = free.update(router=router, state=Voucher.State.MAKING, begun=False, trouble="")
        if not moved:
            raise CannotDo(
                _(
                    "%(router)s may hold this user already. Wait until it is reached, or give the money back "
                    "and sell another."
                )
                % {"router": locked.router.name}
            )
        sales.moved(locked.voucher, router)
        life.note(locked.voucher, "moved", life.actor_of(person), router=router.name)
        _ask(locked, router.pk, locked.voucher)


def _make_again(order: Order, voucher: Voucher, person: Person) -> None:
    if voucher.state in (Voucher.State.VOID, Voucher.State.ENDED):
        raise CannotDo(_("Its voucher has ended. Give the money back, or sell another."))
    taken = voucher.trouble.startswith("AlreadyThere") and not voucher.chosen
    if taken and voucher.state == Voucher.State.TROUBLE and voucher.ready_at is None:
        # The buyer has not seen it: the code is shown when the router has it.
        making.exchange_code(voucher)
    life.note(voucher, "repaired", life.actor_of(person))
    Voucher.objects.filter(pk=voucher.pk, state=Voucher.State.TROUBLE).update(
        state=Voucher.State.MAKING, trouble=""
    )
    _ask(order, voucher.router_id, voucher)


def _ask(order: Order, router: int, voucher: Voucher) -> None:
    asking.make(router, voucher=voucher.pk)
    Order.objects.filter(pk=order.pk).update(state=State.PROVISIONING)


def _locked(order: Order) -> Order:
    """The order and its voucher, held until the transaction ends."""
    # The voucher first, as the desk does when a router has made it: the other way round both would wait.
    held = Voucher.objects.select_for_update(of=("self",)).filter(order=order.pk)
    list(held.values_list("pk", flat=True))
    found = Order.objects.select_for_update(of=("self",))
    return found.select_related("package", "router", "voucher").get(pk=order.pk)


def _stuck(order: Order) -> Order:
    locked = _locked(order)
    if locked.paid_at is None or locked.state not in (State.ATTENTION, State.PAID):
        raise CannotDo(
            _("Order %(number)s does not lie in the inbox any more.") % {"number": order.number}
        )
    return locked


def refund(order: Order, person: Person, reason: str, source: str = "") -> None:
    """Note that the buyer got the money back: the code is void, the ledger has the counter entry.

    Raises:
        CannotDo: nobody paid, or it was given back already.
    """
    with transaction.atomic():
        ledger.hold()
        locked = _locked(order)
        if locked.paid_at is None or not rules.may_move(State(locked.state), State.REFUNDED):
            raise CannotDo(
                _("Order %(number)s has no money to give back.") % {"number": order.number}
            )
        if locked.voucher is not None:
            _take_back(locked.voucher, person, reason, source)
        elif locked.member_id is not None:
            _take_months_back(locked, person, reason, source)
        Order.objects.filter(pk=locked.pk).update(
            state=State.REFUNDED, closed_at=timezone.now(), trouble=""
        )
        audit.record(
            person,
            "order.refund",
            order.number,
            {"state": locked.state},
            {"amount_idr": locked.paid_idr, "reason": reason},
            source,
        )
        providing.tell_over(locked)


def _take_months_back(order: Order, person: Person, reason: str, source: str) -> None:
    sold = Invoice.objects.filter(member=order.member_id, token=f"order:{order.number}")
    for invoice in sold:
        renewals.take_back(invoice, person, reason, source)


def _take_back(voucher: Voucher, person: Person, reason: str, source: str) -> None:
    if voucher.state not in (Voucher.State.VOID, Voucher.State.ENDED):
        life.void(voucher, person, reason=reason, source=source)
    sale = Sale.objects.filter(voucher=voucher).first()
    if sale is not None:
        sales.take_back(sale, person, reason)
