"""Maintenance windows: when planned work is done, once or again and again, in the zone of the place.

Indonesia has three zones and no summer time, so a zone is a fixed distance from UTC and a window is
as long on every day of the year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

LONGEST = timedelta(days=31)


class Zone(StrEnum):
    """A zone of Indonesia."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"

    @property
    def offset(self) -> timezone:
        """As a fixed distance from UTC."""
        hours = {"WIB": 7, "WITA": 8, "WIT": 9}[self.value]
        return timezone(timedelta(hours=hours), self.value)


class Repeat(StrEnum):
    """How often the work is done."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Turn(NamedTuple):
    """One time of a window; `end` is not included."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """When a window is open.

    It begins at `at` o'clock of `zone` on its days from `first` to `last` (None: for ever) and lasts
    `length`. `days`: of the week for weekly (0 is Monday), of the month for monthly; a month that
    is too short for a day takes its last one.
    """

    first: date
    at: time
    length: timedelta
    zone: Zone
    repeat: Repeat = Repeat.ONCE
    days: frozenset[int] = frozenset()
    last: date | None = None

    def __post_init__(self) -> None:
        """Refuse a plan that has no turn, or turns without end.

        Raises:
            ValueError: the length or the days do not fit.
        """
        if not timedelta(0) < self.length <= LONGEST:
            raise ValueError("length")
        least, most = {Repeat.WEEKLY: (0, 6), Repeat.MONTHLY: (1, 31)}.get(self.repeat, (0, -1))
        if self.repeat in (Repeat.WEEKLY, Repeat.MONTHLY) and not self.days:
            raise ValueError("days")
        if any(not least <= day <= most for day in self.days):
            raise ValueError("days")


def turns(plan: Plan, after: datetime, before: datetime) -> Iterator[Turn]:
    """The turns that begin in [after, before), in order; ask for a bounded time."""
    offset = plan.zone.offset
    day = max(plan.first, after.astimezone(offset).date() - timedelta(days=1))
    end = before.astimezone(offset).date()
    if plan.repeat is Repeat.ONCE:
        end = min(end, plan.first)
    elif plan.last is not None:
        end = min(end, plan.last)
    while day <= end:
        if _is_day(plan, day):
            start = datetime.combine(day, plan.at, offset)
            if after <= start < before:
                yield Turn(start, start + plan.length)
        day += timedelta(days=1)


def following(plan: Plan, after: datetime, count: int = 1) -> list[Turn]:
    """The next turns that begin at `after` or later; fewer than `count` when the plan ends."""
    begin = max(after, datetime.combine(plan.first, plan.at, plan.zone.offset))
    found: list[Turn] = []
    # Two turns of one plan are at most a month apart.
    for turn in turns(plan, begin, begin + timedelta(days=32 * count)):
        found.append(turn)
        if len(found) == count:
            break
    return found


def running(plan: Plan, at: datetime) -> Turn | None:
    """The turn that is on at this moment; of several the one that ends last."""
    on = [
        turn
        for turn in turns(plan, at - plan.length, at + timedelta(microseconds=1))
        if turn.end > at
    ]
    return max(on, key=lambda turn: turn.end, default=None)


def _is_day(plan: Plan, day: date) -> bool:
    if plan.repeat is Repeat.ONCE:
        return day == plan.first
    if plan.repeat is Repeat.WEEKLY:
        return day.weekday() in plan.days
    if plan.repeat is Repeat.MONTHLY:
        last_of_month = (day + timedelta(days=1)).month != day.month
        return day.day in plan.days or (last_of_month and any(one > day.day for one in plan.days))
    return True
