"""The periods of reports: whole local days, weeks from Monday, months, or any run of days. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

Kind = Literal["day", "week", "month", "any"]
KINDS: tuple[Kind, ...] = ("day", "week", "month", "any")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)
MOST_DAYS = 1830


class WrongPeriod(ValueError):
    """Not a period; `field` is `day` or `until`, `reason` is `order`, `long` or `range`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both whole, in the zone `zone`."""

    kind: Kind
    first: date
    last: date
    zone: tzinfo

    @property
    def start(self) -> datetime:
        """Midnight that begins it."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """Midnight after its last day; not part of it."""
        return midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The period before: the calendar's for weeks and months, else as many days."""
        if self.kind == "month":
            return month_of(self.first - timedelta(days=1), self.zone)
        return self._moved(-self.days)

    def after(self) -> Period:
        """The period after it."""
        if self.kind == "month":
            return month_of(self.last + timedelta(days=1), self.zone)
        return self._moved(self.days)

    def _moved(self, days: int) -> Period:
        by = timedelta(days=days)
        return Period(self.kind, self.first + by, self.last + by, self.zone)


def period_of(kind: Kind, day: date, until: date | None, zone: tzinfo) -> Period:
    """The day, week or month that `day` lies in; for `any` from `day` to `until`, both included.

    Raises:
        WrongPeriod: it ends before it begins, is longer than five years, or lies out of range.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise WrongPeriod("day", "range")
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + timedelta(days=6), zone)
    if kind == "month":
        return month_of(day, zone)
    last = day if kind == "day" or until is None else until
    if not FIRST_DAY <= last <= LAST_DAY:
        raise WrongPeriod("until", "range")
    if last < day:
        raise WrongPeriod("until", "order")
    if (last - day).days >= MOST_DAYS:
        raise WrongPeriod("until", "long")
    return Period(kind, day, last, zone)


def month_of(day: date, zone: tzinfo) -> Period:
    """The calendar month that a day lies in."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Period("month", first, following - timedelta(days=1), zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The local beginning of a day."""
    return datetime.combine(day, time.min, tzinfo=zone)
