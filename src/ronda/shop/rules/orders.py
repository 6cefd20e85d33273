"""The life of an order, and what money means that comes for it: pure.

Late money, the rule: an order that was not paid in time is revived by the right amount while its
package is still sold; otherwise, as with money for a cancelled order, a person decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where an order is between choosing and the code; the words of `models.Order.State`."""

    PENDING = "pending"
    PAID = "paid"
    PROVISIONING = "provisioning"
    DELIVERED = "delivered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    ATTENTION = "attention"


#: What may follow; a refund ends every order, and no order waits for money again.
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PENDING: frozenset({State.PAID, State.EXPIRED, State.CANCELLED, State.ATTENTION}),
        State.PAID: frozenset(
            # Months of a member are in the books at once, and need no router to be bought.
            {State.PROVISIONING, State.DELIVERED, State.ATTENTION, State.REFUNDED}
        ),
        State.PROVISIONING: frozenset({State.DELIVERED, State.ATTENTION, State.REFUNDED}),
        State.DELIVERED: frozenset({State.REFUNDED}),
        State.EXPIRED: frozenset({State.PAID, State.ATTENTION}),
        State.CANCELLED: frozenset({State.ATTENTION}),
        State.ATTENTION: frozenset(
            {State.PAID, State.PROVISIONING, State.DELIVERED, State.REFUNDED}
        ),
        State.REFUNDED: frozenset(),
    }
)

#: Nothing happens to these by themselves; they hold no amount and no code.
CLOSED = frozenset({State.EXPIRED, State.CANCELLED, State.REFUNDED})


def may_move(now: State, then: State) -> bool:
    """Whether an order may go from one state to the other."""
    return then in MOVES[now]


def before(then: State) -> tuple[State, ...]:
    """The states from which `then` may be reached, in the order of their life."""
    return tuple(state for state in State if may_move(state, then))


class Verdict(StrEnum):
    """What one word of money coming in leads to. All but the first are for the inbox."""

    SERVED = "served"
    WRONG_AMOUNT = "wrong-amount"
    DOUBLE = "double"
    LATE = "late"
    AFTER_CANCEL = "after-cancel"
    NO_ORDER = "no-order"


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of an order when money comes: `due` are the amounts asked for it, in rupiah.

    `paid` is whether its money was accepted already; `still_sold` whether its package can be bought, or its member
    has not ended.
    """

    state: State
    due: frozenset[int]
    paid: bool
    still_sold: bool


def judge(claim: Claim | None, amount_idr: int) -> Verdict:
    """What becomes of `amount_idr` rupiah that came in for this order; None is no order of ours."""
    if claim is None:
        return Verdict.NO_ORDER
    if claim.paid or claim.state is State.REFUNDED:
        return Verdict.DOUBLE
    if claim.state is State.CANCELLED:
        return Verdict.AFTER_CANCEL
    if amount_idr not in claim.due:
        return Verdict.WRONG_AMOUNT
    if claim.state is State.EXPIRED and not claim.still_sold:
        return Verdict.LATE
    return Verdict.SERVED


def holds_up(state: State, verdict: Verdict) -> bool:
    """Whether money that could not be served stops an order of `state`, so that a person looks at it."""
    return verdict is not Verdict.SERVED and state in _NOT_SERVED


#: Nobody has got anything for these, nor is about to.
_NOT_SERVED = frozenset({State.PENDING, State.EXPIRED, State.CANCELLED})


def is_on_sale(*, active: bool, deleted: bool, sold_by: datetime | None, at: datetime) -> bool:
    """Whether a package can be bought at a moment; `sold_by` itself is the first moment it cannot."""
    return active and not deleted and (sold_by is None or at < sold_by)
