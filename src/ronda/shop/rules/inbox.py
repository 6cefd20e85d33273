"""Money in, no service: why something lies in the inbox, and how it leaves: pure."""

from enum import StrEnum

from ronda.shop.rules.orders import Verdict


class Reason(StrEnum):
    """Why a person has to look. The first six are those of `Verdict`, the rest of paid orders."""

    WRONG_AMOUNT = "wrong-amount"
    DOUBLE = "double"
    LATE = "late"
    AFTER_CANCEL = "after-cancel"
    NO_ORDER = "no-order"
    BY_HAND = "by-hand"  # the package says that staff make its users
    NOT_MADE = "not-made"  # no voucher could be made
    REFUSED = "refused"  # the router said no, or its answer is not certain
    ENDED = "ended"  # the member whose months were paid has ended
    WAITING = "waiting"  # the router has been away for too long


class Settled(StrEnum):
    """How a word of money left the inbox."""

    SERVED = "served"  # it was given to an order after all
    SAME = "same"  # it told of money that was counted already
    REFUNDED = "refunded"


def allowed(verdict: Verdict) -> tuple[Settled, ...]:
    """What a person may decide about money of this verdict, most likely first."""
    if verdict is Verdict.DOUBLE:
        return (Settled.SAME, Settled.REFUNDED, Settled.SERVED)
    return (Settled.SERVED, Settled.REFUNDED)
