"""What a person may do about an incident as it stands: a table, pure.

| doing          | open         | acknowledged | snoozed      | over        |
|----------------|--------------|--------------|--------------|-------------|
| acknowledge    | yes          | nothing new  | yes          | it is over  |
| unacknowledge  | nothing new  | yes          | as it stands | it is over  |
| assign         | yes          | yes          | yes          | it is over  |
| note           | yes          | yes          | yes          | yes         |
| snooze         | yes          | yes          | yes: anew    | it is over  |
| unsnooze       | nothing new  | nothing new  | yes          | it is over  |

"Acknowledged" and "snoozed" do not exclude each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_SNOOZE = timedelta(days=30)


class Doing(StrEnum):
    """What may be done; the names stand in addresses, in the API and in the audit trail."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    ASSIGN = "assign"
    NOTE = "note"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"


class Answer(StrEnum):
    """Whether it is done."""

    DO = "do"
    NOTHING_NEW = "nothing-new"  # it is so already: no row, no news
    OVER = "over"
    PAST = "past"  # the snooze would end before it begins
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an incident stands."""

    over: bool = False
    acknowledged: bool = False
    snoozed_until: datetime | None = None
    assigned_to: int | None = None


def may(doing: Doing, standing: Standing) -> Answer:
    """Whether it can be done to an incident that stands so; its values are judged apart."""
    if doing is Doing.NOTE:
        return Answer.DO
    if standing.over:
        return Answer.OVER
    idle = {
        Doing.ACKNOWLEDGE: standing.acknowledged,
        Doing.UNACKNOWLEDGE: not standing.acknowledged,
        Doing.UNSNOOZE: standing.snoozed_until is None,
    }
    return Answer.NOTHING_NEW if idle.get(doing, False) else Answer.DO


def may_snooze(standing: Standing, until: datetime, now: datetime) -> Answer:
    """Whether it can be snoozed until then."""
    if (answer := may(Doing.SNOOZE, standing)) is not Answer.DO:
        return answer
    if until <= now:
        return Answer.PAST
    if until - now > LONGEST_SNOOZE:
        return Answer.TOO_LONG
    return Answer.NOTHING_NEW if until == standing.snoozed_until else Answer.DO


def may_assign(standing: Standing, to: int | None) -> Answer:
    """Whether it can be given to this person (None: to nobody)."""
    if (answer := may(Doing.ASSIGN, standing)) is not Answer.DO:
        return answer
    return Answer.NOTHING_NEW if to == standing.assigned_to else Answer.DO
