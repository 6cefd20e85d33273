"""What a rule would have sent: the real decision, walked through time that has passed: pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ronda.alerts.rules.deciding import Told, World, decide
from ronda.alerts.rules.occurrences import Occurrence
from ronda.alerts.rules.verdicts import Delivery, Kind

#: Looks at one occurrence; a rule that repeats itself for a month is long enough seen by then.
MOST_LOOKS = 200


@dataclass(frozen=True, slots=True)
class Would:
    """One message that would have been sent."""

    at: datetime
    occurrence: Occurrence
    delivery: Delivery


def rehearse(occurrence: Occurrence, world: World, until: datetime) -> Iterator[Would]:
    """The messages about one occurrence as it is known today, in the order of their times.

    Limits by the number of messages are not rehearsed: `recent` of the recipients is as it is given.
    """
    told: dict[str, Told] = {}
    at: datetime | None = occurrence.opened_at
    for _look in range(MOST_LOOKS):
        if at is None or at > until:
            break
        seen = _as_of(occurrence, at)
        decision = decide(seen, world, told, at)
        for one in decision.deliveries:
            told[one.to] = _after(told.get(one.to), one, at)
            yield Would(at, occurrence, one)
        at = _next(occurrence, decision.look_at, at)


def _as_of(occurrence: Occurrence, at: datetime) -> Occurrence:
    """The occurrence as it was: what happened later is not known yet."""
    closed, seen = occurrence.closed_at, occurrence.acknowledged_at
    return replace(
        occurrence,
        closed_at=closed if closed and closed <= at else None,
        acknowledged_at=seen if seen and seen <= at else None,
    )


def _after(before: Told | None, one: Delivery, at: datetime) -> Told:
    by = frozenset({(one.rule, one.step)}) | (before.by if before else frozenset())
    return Told(at, by, recovered=one.kind == Kind.RECOVERY, woken=one.woken)


def _next(occurrence: Occurrence, look_at: datetime | None, at: datetime) -> datetime | None:
    happened = (occurrence.acknowledged_at, occurrence.closed_at, look_at)
    return min((one for one in happened if one and one > at), default=None)
