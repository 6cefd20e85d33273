"""Reasons, decisions and deeds around orders, in words."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from ronda.shop.rules.inbox import Reason, Settled
from ronda.web.words import Text

REASONS: Mapping[Reason, Text] = {
    Reason.WRONG_AMOUNT: _("Another amount than the order's came."),
    Reason.DOUBLE: _("The order was paid before: this may be a second payment."),
    Reason.LATE: _("It came late, and the package is not sold any more."),
    Reason.AFTER_CANCEL: _("The order had been cancelled."),
    Reason.NO_ORDER: _("It names no order of ours."),
    Reason.BY_HAND: _("Staff make the users of this package by hand."),
    Reason.NOT_MADE: _("No voucher could be made."),
    Reason.REFUSED: _("The router refused."),
    Reason.ENDED: _("The member has ended."),
    Reason.WAITING: _("The router has been away for too long."),
}

SETTLED: Mapping[Settled, Text] = {
    Settled.SERVED: _("taken for the order"),
    Settled.SAME: _("the same money, counted already"),
    Settled.REFUNDED: _("given back"),
}

SOURCES: Mapping[str, Text] = {
    "callback": _("told by the payment service"),
    "poll": _("found by asking the payment service"),
    "staff": _("confirmed by staff"),
}

DEEDS: Mapping[str, Text] = {
    "order.place": _("The order was made."),
    "order.cancel": _("It was cancelled."),
    "order.retry": _("It was tried again."),
    "order.move": _("It was moved to another router."),
    "order.refund": _("The money was given back."),
}


def reason_of(trouble: str) -> tuple[Reason | None, str]:
    """The reason that stands before a stored trouble, and what the router or the program said."""
    word, _colon, rest = trouble.partition(": ")
    return (Reason(word), rest) if word in list(Reason) else (None, trouble)
