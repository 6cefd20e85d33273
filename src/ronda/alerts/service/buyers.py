"""Codes sent to buyers: an order that was delivered is told to its buyer, once, by each address they gave."""

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from ronda.alerts.models import Outgoing
from ronda.alerts.service import channels, sending
from ronda.shop.models import Order
from ronda.shop.service import branding, finding
from ronda.shop.service.printing import share_text
from ronda.work.models import Event

WHAT = "order"
CODE = "finding"


def tell_delivered(events: list[Event]) -> None:
    """Write the messages of a batch of `shop.delivered`."""
    for event in events:
        order = Order.objects.filter(pk=event.payload["order"]).first()
        if order is not None:
            _tell(order)


def _tell(order: Order) -> None:
    for reach, to in (("phone", order.buyer_phone), ("email", order.buyer_email)):
        channel = channels.for_buyers(reach) if to else None
        if channel is not None:
            sending.post(channel, to, WHAT, order.pk, f"order:{order.pk}:{reach}")


def words(about: int | None) -> tuple[str, str] | None:
    """Subject and text for the buyer of an order; None once it is delivered no more."""
    order = Order.objects.select_related("voucher__package").filter(pk=about or 0).first()
    if order is None or order.voucher is None or order.state != Order.State.DELIVERED:
        return None
    # Nobody knows the buyer's own language; the shop's is the likeliest.
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Your voucher, order %(number)s") % {"number": order.number}
        hello = (
            _("Hello %(name)s, thank you.") % {"name": order.buyer_name}
            if order.buyer_name
            else _("Thank you.")
        )
        begin = _("Your order %(number)s is ready:") % {"number": order.number}
        return subject, f"{hello} {begin}\n\n{share_text(order.voucher)}"


def tell_codes(events: list[Event]) -> None:
    """Write the messages of a batch of `shop.finding`."""
    for event in events:
        told = finding.to_send(event.payload["finding"])
        channel = channels.for_buyers("phone") if told else None
        if told is not None and channel is not None:
            pk = event.payload["finding"]
            sending.post(channel, told[0], CODE, pk, f"finding:{pk}")


def can_reach() -> bool:
    """Whether a buyer's number can be written to."""
    return channels.for_buyers("phone") is not None


def code_words(about: int | None) -> tuple[str, str] | None:
    """Subject and text of a code; None where it is too late to type it."""
    told = finding.to_send(about or 0)
    if told is None:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        text = _("%(code)s is your code for your orders at %(shop)s, for 15 minutes.") % {
            "code": told[1],
            "shop": branding.branding().name,
        }
        warning = _("Give it to nobody. If you did not ask for it, do nothing.")
        return _("Your code"), f"{text} {warning}"


def messages_of(order: int) -> QuerySet[Outgoing]:
    """What was sent about an order, newest first."""
    return Outgoing.objects.filter(what=WHAT, about=order).select_related("channel")


sending.say(WHAT, words)
sending.say(CODE, code_words)
