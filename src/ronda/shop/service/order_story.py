"""Everything that happened to one order, in the order of time and in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from ronda.accounts.service import audit
from ronda.kernel.money import rupiah
from ronda.shop.models import Charge, Order, PaymentEvent, VoucherEvent
from ronda.shop.rules.inbox import Reason, Settled
from ronda.shop.service.order_words import DEEDS, REASONS, SETTLED, SOURCES


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    at: datetime
    text: str
    actor: str = ""


def story(order: Order) -> list[Line]:
    """Orders, money, voucher and people, oldest first; four queries."""
    lines = [*_people(order), *_money(order), *_charges(order), *_voucher(order)]
    if order.delivered_at:
        shown = _("The buyer was shown the code.")
        paid = _("The member's paid time was made longer.")
        lines.append(Line(order.delivered_at, shown if order.member_id is None else paid))
    return sorted(lines, key=lambda line: line.at)


def _people(order: Order) -> list[Line]:
    rows = audit.rows(action="order").filter(subject=order.number)
    return [Line(row.at, str(DEEDS.get(row.action, row.action)), row.actor) for row in rows]


def _money(order: Order) -> list[Line]:
    return [
        Line(event.at, _of_money(event), event.person.get_username() if event.person else "")
        for event in PaymentEvent.objects.filter(order=order).select_related("method", "person")
    ]


def _of_money(event: PaymentEvent) -> str:
    facts = {
        "amount": rupiah(event.amount_idr or 0),
        "method": event.method.name,
        "source": SOURCES.get(event.source, event.source),
    }
    text = _("%(amount)s came by %(method)s (%(source)s).") % facts
    if event.outcome in list(Reason):
        text = f"{text} {REASONS[Reason(event.outcome)]}"
    if event.settled_as and event.settled_as != Settled.SERVED:
        text = f"{text} → {SETTLED[Settled(event.settled_as)]}"
    return text


def _charges(order: Order) -> list[Line]:
    return [
        Line(
            charge.made_at,
            _("%(method)s was asked to collect %(amount)s (%(reference)s).")
            % {
                "method": charge.method.name,
                "amount": rupiah(charge.amount_idr),
                "reference": charge.reference,
            },
        )
        for charge in Charge.objects.filter(order=order).select_related("method")
    ]


def _voucher(order: Order) -> list[Line]:
    if order.voucher_id is None:
        return []
    told = {
        "made": _("The voucher was made; the router is asked to make its user."),
        "ready": _("The router has the user."),
        "trouble": _("The router refused."),
        "renamed": _("The code was taken on the router; another was drawn."),
        "repaired": _("It was tried again."),
        "moved": _("It was moved to another router."),
        "login": _("The buyer signed in for the first time."),
        "ended": _("The voucher ended."),
        "void": _("The voucher was made void."),
    }
    events = VoucherEvent.objects.filter(voucher=order.voucher_id, what__in=told)
    lines = [Line(event.at, told[event.what], event.actor) for event in events]
    voucher = order.voucher
    if voucher is not None and voucher.ready_at is not None:
        lines.append(Line(voucher.ready_at, told["ready"]))
    return lines
