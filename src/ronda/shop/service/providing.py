"""From a paid order to a code that works: its voucher, and what the router says of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.shop import events
from ronda.shop.models import Member, Order, Voucher
from ronda.shop.rules.inbox import Reason
from ronda.shop.rules.orders import State
from ronda.shop.service import making, renewals, sales
from ronda.storage.sealing import SealBroken, keyring
from ronda.work import feed

log = structlog.get_logger(__name__)

#: A buyer stands there and waits; after so long somebody should know.
PATIENCE = timedelta(minutes=5)
#: The router holds the user: its code works, or has worked.
WORKING = (Voucher.State.READY, Voucher.State.ACTIVE, Voucher.State.ENDED)


def provide(order: Order, person: Person | None, *, by_hand: bool = False) -> bool:
    """Make what a paid order bought: voucher, sale and job, in the caller's transaction.

    False when that cannot be done now; the money stays taken and the order lies in the inbox, as it
    does for packages whose users staff make `by_hand`. Months of a member are in the books at once.
    """
    if order.member is not None:
        return _renew(order, order.member, person)
    if not order.package.auto_create and not by_hand:
        trouble(order, Reason.BY_HAND, _("Staff make the users of this package by hand."))
        return False
    try:
        with transaction.atomic():
            voucher = making.make(
                order.package,
                order.router,
                actor=person.get_username() if person else "shop",
                person=person,
                code=order.wanted_code,
                password=_wanted_password(order),
                order=order,
            )
            sales.record(
                voucher,
                price_idr=order.paid_idr or 0,
                via="shop",
                seller=order.made_by,
                at=order.paid_at,
                person=person,
            )
            Order.objects.filter(pk=order.pk, voucher=None).update(
                voucher=voucher, state=State.PROVISIONING
            )
    except OperationalError:
        # The database, not the voucher: the whole transaction is to be tried again by who called.
        raise
    except Exception as error:
        log.exception("shop.not-made", order=order.number)
        trouble(order, Reason.NOT_MADE, str(error) or type(error).__name__)
        return False
    order.refresh_from_db()
    return True


def _renew(order: Order, member: Member, person: Person | None) -> bool:
    try:
        with transaction.atomic():
            renewals.renew(
                member,
                order.months,
                person,
                token=f"order:{order.number}",
                order_idr=order.paid_idr or 0,
            )
            now = timezone.now()
            Order.objects.filter(pk=order.pk).update(
                state=State.DELIVERED, delivered_at=now, trouble=""
            )
            feed.append(events.DELIVERED, {"order": order.pk, "voucher": None}, at=now)
            tell_over(order)
    except renewals.Over:
        trouble(order, Reason.ENDED, _("Give the money back, or enter the member anew."))
        return False
    order.refresh_from_db()
    return True


def ready(vouchers: Iterable[Voucher]) -> None:
    """Take up what became of vouchers on their routers; called in the transaction that settled them."""
    by_key = {voucher.pk: voucher for voucher in vouchers}
    keys = list(by_key)
    orders = [
        order
        for first in range(0, len(keys), 500)
        for order in Order.objects.filter(voucher__in=keys[first : first + 500])
    ]
    for order in orders:
        voucher = by_key[order.voucher_id or 0]
        if voucher.state in WORKING:
            _deliver(order, timezone.now())
        elif voucher.state == Voucher.State.TROUBLE:
            trouble(order, Reason.REFUSED, voucher.trouble)


def _deliver(order: Order, now: datetime) -> None:
    moved = Order.objects.filter(
        pk=order.pk, state__in=(State.PROVISIONING, State.ATTENTION), paid_at__isnull=False
    ).update(state=State.DELIVERED, delivered_at=now, trouble="")
    if moved:
        feed.append(events.DELIVERED, {"order": order.pk, "voucher": order.voucher_id})
        tell_over(order)


def tell_over(order: Order) -> None:
    """Tell that a paid order needs nobody any more, where it did: `trouble` is kept until then."""
    if order.state == State.ATTENTION or order.trouble:
        feed.append(events.TROUBLE, news(order, "", on=False))


def trouble(order: Order, reason: Reason, text: str) -> None:
    """Put a paid order into the inbox, and tell of it when it was not there."""
    told = f"{reason}: {text}"[:300]
    moved = Order.objects.filter(
        pk=order.pk, state__in=(State.PAID, State.PROVISIONING), paid_at__isnull=False
    ).update(state=State.ATTENTION, trouble=told)
    if moved:
        feed.append(events.TROUBLE, news(order, reason, on=True))
    else:
        Order.objects.filter(pk=order.pk, state=State.ATTENTION).update(trouble=told)
    order.refresh_from_db()


def news(order: Order, reason: str, *, on: bool) -> dict[str, object]:
    """What is told of a paid order in the inbox (`events.TROUBLE`)."""
    return {
        "order": order.pk,
        "number": order.number,
        "event": None,
        "reason": str(reason),
        "amount_idr": order.paid_idr,
        "on": on,
    }


def recheck(now: datetime | None = None) -> int:
    """Look after orders whose code does not come: deliver what is ready, tell of what takes too long; how many."""
    moment = now or timezone.now()
    count = 0
    stuck = Order.objects.filter(
        state__in=(State.PAID, State.PROVISIONING, State.ATTENTION), voucher__state__in=WORKING
    )
    late = Order.objects.filter(
        state__in=(State.PAID, State.PROVISIONING), paid_at__lt=moment - PATIENCE
    )
    for pk in [*stuck.values_list("pk", flat=True), *late.values_list("pk", flat=True)]:
        with transaction.atomic():
            count += _look(pk, moment)
    return count


def _look(pk: int, now: datetime) -> int:
    order = Order.objects.select_related("voucher", "router").get(pk=pk)
    voucher = order.voucher
    if voucher is not None and voucher.state in WORKING:
        _deliver(order, now)
    elif voucher is not None and voucher.state == Voucher.State.TROUBLE:
        trouble(order, Reason.REFUSED, voucher.trouble)
    elif order.state == State.PROVISIONING:
        trouble(
            order,
            Reason.WAITING,
            _("%(router)s has not made it yet; it will as soon as it is reached.")
            % {"router": order.router.name},
        )
    elif order.state == State.PAID:
        trouble(order, Reason.NOT_MADE, _("It was paid, but nothing was made for it."))
    else:
        return 0
    return 1


def _wanted_password(order: Order) -> str:
    if not order.wanted_password:
        return ""
    try:
        return keyring().open(order.wanted_password)
    except SealBroken:
        # Another installation's key: a password of ours serves the buyer as well.
        return ""
