"""Messages to buyers: the code of an order that was delivered, once, by each address they gave; codes to find own
orders by; and to monthly members that their paid time ends."""

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ronda.alerts.models import Outgoing
from ronda.alerts.service import channels, places, sending
from ronda.kernel.money import rupiah
from ronda.kernel.phones import read_phone
from ronda.shop.models import Member, Order
from ronda.shop.rules.members import REMIND, day_in
from ronda.shop.service import branding, finding, member_links
from ronda.shop.service.printing import share_text
from ronda.work.models import Event

WHAT = "order"
CODE = "finding"
DUE = "member-due"


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
    order = Order.objects.select_related("voucher__package", "member").filter(pk=about or 0).first()
    if order is None or order.state != Order.State.DELIVERED:
        return None
    if order.member is not None:
        return _thanks(order, order.member)
    if order.voucher is None:
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


def _thanks(order: Order, member: Member) -> tuple[str, str]:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Your payment, order %(number)s") % {"number": order.number}
        text = _("Hello %(name)s, thank you. Your internet is paid up to and including %(day)s.")
        return subject, text % {"name": member.name, "day": date_format(member.last_day, "j M Y")}


def tell_due(events: list[Event]) -> None:
    """Write the reminders of a batch of `shop.member-due`."""
    for event in events:
        member = Member.objects.filter(pk=event.payload["member"]).first()
        try:
            phone = read_phone(member.phone) if member is not None else ""
        except ValueError:
            continue
        channel = channels.for_buyers("phone") if phone else None
        if member is not None and channel is not None:
            once = f"due:{member.pk}:{event.payload['until']}:{event.payload['days']}"
            sending.post(channel, phone, DUE, member.pk, once)


def due_words(about: int | None) -> tuple[str, str] | None:
    """Subject and text of a reminder; None once more was paid or the member has ended."""
    member = Member.objects.filter(pk=about or 0).first()
    if member is None or member.state == Member.State.ENDED:
        return None
    if (member.until - day_in(member.zone, timezone.now())).days > max(REMIND):
        return None
    with translation.override(settings.LANGUAGE_CODE):
        text = _(
            "Hello %(name)s, your internet is paid up to and including %(day)s. One more month costs %(price)s."
        ) % {
            "name": member.name,
            "day": date_format(member.last_day, "j M Y"),
            "price": rupiah(member.price_idr),
        }
        address = places.public_address()
        if address:
            link = {"link": f"{address}{member_links.path_of(member)}"}
            text = f"{text}\n\n{_('Pay here: %(link)s') % link}"
        return _("Your internet at %(shop)s") % {"shop": branding.branding().name}, text


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
sending.say(DUE, due_words)
