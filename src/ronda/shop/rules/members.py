"""Monthly members: until when somebody is paid for, what that makes of them, and who is reminded. Pure.

Days are those of the member's own zone. `until` is the first day that is not paid for: at its midnight the
paid time is over.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from ronda.hotspot.rules.windows import Zone

#: Days before the end at which a member is reminded.
REMIND = (7, 3, 1)
MOST_MONTHS = 24


class Standing(StrEnum):
    """What a member may expect."""

    ACTIVE = "active"
    GRACE = "grace"  # not paid, and not shut out yet
    SUSPENDED = "suspended"
    ENDED = "ended"


class Reach(StrEnum):
    """What a member can do at the router; the words of `models.Member.Reach`."""

    OPEN = "open"
    SLOW = "slow"
    SHUT = "shut"


class Period(NamedTuple):
    """What a payment buys: from a day to the first day that is not paid for; `anchor` is the day of month
    that later ends keep to."""

    begins: date
    until: date
    anchor: int


def day_in(zone: str, now: datetime) -> date:
    """The day it is in a zone at an aware moment."""
    return now.astimezone(timezone(timedelta(minutes=Zone(zone).minutes))).date()


def midnight(day: date, zone: str) -> datetime:
    """When a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), UTC) - timedelta(minutes=Zone(zone).minutes)


def months_on(day: date, months: int, anchor: int) -> date:
    """The day so many calendar months on: the day `anchor` of that month, or its last one where it is shorter.

    Starting on the 31st gives 28 or 29 February, and 31 March after that: ends never drift.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(anchor, calendar.monthrange(year, month + 1)[1]))


def standing(until: date, grace_days: int, today: date, *, ended: bool = False) -> Standing:
    """What a member is today."""
    if ended:
        return Standing.ENDED
    if today < until:
        return Standing.ACTIVE
    if today < until + timedelta(days=grace_days):
        return Standing.GRACE
    return Standing.SUSPENDED


def renewal(until: date, anchor: int, months: int, today: date, now: Standing) -> Period:
    """What paying today buys.

    Before the end and in the days of grace it goes on from the end, so that nothing is lost by paying early or
    late; who was shut out begins anew today, and pays for no day without service.
    """
    if now in (Standing.ACTIVE, Standing.GRACE):
        return Period(until, months_on(until, months, anchor), anchor)
    return Period(today, months_on(today, months, today.day), today.day)


def without(until: date, anchor: int, months: int) -> date:
    """Until when is paid when so many months are given back that others were bought after."""
    return months_on(until, -months, anchor)


def reach(now: Standing, *, slow: bool) -> Reach:
    """What a member can do at the router; `slow` says that a slow profile takes the place of being shut out."""
    if now is Standing.ENDED:
        return Reach.SHUT
    if now is Standing.SUSPENDED:
        return Reach.SLOW if slow else Reach.SHUT
    return Reach.OPEN


def reminders(until: date, today: date, told: Collection[int]) -> tuple[int | None, list[int]]:
    """The reminder to give now, None for none, and all that are done with by it.

    Each is given once for an end; of several that were missed only the nearest is given.
    """
    left = (until - today).days
    due = [days for days in REMIND if 0 < left <= days and days not in told]
    return (min(due), due) if due else (None, [])
