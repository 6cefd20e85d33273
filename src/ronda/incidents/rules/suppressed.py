"""When an outage that was suppressed is told after all: Icinga's five conditions, pure.

A parent that comes back first leaves children behind whose state is stale; told at once they are a
flood of false news (icinga2#5208, #8201: `Checkable::FireSuppressedNotifications`). So what was
suppressed is judged at the moment of telling, after the hold, and is told only when all five hold:

1. nothing suppresses it any more;
2. its state is a hard one: confirmed, not being confirmed;
3. it has been checked since that which suppressed it ended;
4. no check is due soon: what the newest round found out has had the time to be believed;
5. its state is another than before it was suppressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SETTLES = timedelta(seconds=15)
"""A reply in a round ends an outage by a second one 5 s later, which takes its way to the database."""


class Verdict(StrEnum):
    """What becomes of a suppressed outage."""

    WAIT = "wait"
    TELL = "tell"
    DROP = "drop"  # as before it was suppressed: nobody needs to hear


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One outage that was not told.

    `free_from`: when that which suppressed it ended (None: not yet). `state`: what is believed now.
    `checked_from` and `checked_to`: begin and end of the newest whole round that probed it (None:
    none, and where nobody probes it, now).
    """

    state: str
    before: str
    free_from: datetime | None
    checked_from: datetime | None
    checked_to: datetime | None


HARD = frozenset({"down", "up"})


def judge(one: Suppressed, now: datetime) -> Verdict:
    """What becomes of it at this moment."""
    if one.free_from is None or one.free_from > now:
        return Verdict.WAIT
    if one.state not in HARD:
        return Verdict.WAIT
    if one.checked_from is None or one.checked_to is None or one.checked_from < one.free_from:
        return Verdict.WAIT
    if now - one.checked_to < SETTLES:
        return Verdict.WAIT
    return Verdict.DROP if one.state == one.before else Verdict.TELL
