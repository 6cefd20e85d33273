"""The clocks of a voucher: until when it may be sold, how long it is valid after the first login, how
long one may be online; and which of them ends it.

Valid time runs by the calendar of the buyer's zone: a month after 31 January is the last day of
February at the same time of day. Ronda's own clock decides: no router's clock comes into it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from ronda.hotspot.rules.windows import Window, Zone, is_open, next_change
from ronda.shop.rules.entries import MINUTES
from ronda.shop.rules.terms import Span, SpanUnit, Terms

#: How far ahead a simulation looks before it says that a voucher lasts.
FAR = timedelta(days=800)


class Clock(StrEnum):
    """What ends a voucher; the words of `models.Voucher.Clock`."""

    VALIDITY = "validity"
    ONLINE = "online"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Use:
    """How somebody is assumed to use the internet: hours a day in one go, and bytes in such an hour."""

    hours_a_day: float = 3.0
    download_per_hour: int = 300 * 1024**2
    upload_per_hour: int = 30 * 1024**2


@dataclass(frozen=True, slots=True)
class Ending:
    """When it would be over and by which clock; both None where it lasts longer than anybody looks.

    `online_s` is how long one would have been online by then.
    """

    at: datetime | None
    clock: Clock | None
    online_s: int


def offset(zone: str) -> timezone:
    """A zone of Indonesia as a fixed distance from UTC: there is no summer time."""
    return timezone(timedelta(minutes=Zone(zone).minutes), zone)


def after(start: datetime, span: Span, zone: str) -> datetime:
    """`start` and a span later by the calendar of the zone, in UTC.

    Raises:
        OverflowError: it lies beyond year 9999.
    """
    if span.unit is not SpanUnit.MONTH:
        return (start + timedelta(minutes=span.count * MINUTES[span.unit])).astimezone(UTC)
    local = start.astimezone(offset(zone))
    years, month = divmod(local.month - 1 + span.count, 12)
    year = local.year + years
    if year > 9999:
        raise OverflowError(year)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def ends_at(terms: Terms, first_login_at: datetime | None, zone: str = "") -> datetime | None:
    """When the valid time is over, in UTC; None before the first login and where there is no such limit.

    `zone` is the one the calendar is read in; that of the terms when left out.
    """
    if first_login_at is None or terms.valid_for is None:
        return None
    return after(first_login_at, terms.valid_for, zone or terms.zone)


def may_be_sold(sold_by: datetime | None, now: datetime) -> bool:
    """Whether the sold-until date lets it be sold now."""
    return sold_by is None or now < sold_by


def windows_of(terms: Terms) -> tuple[Window, ...]:
    """The hours in which it may be used; none is always."""
    return windows_from(terms.windows)


def windows_from(stored: Sequence[Any]) -> tuple[Window, ...]:
    """Windows as they are stored with packages and vouchers."""
    return tuple(Window(frozenset(days), start, end) for days, start, end in stored)


def simulate(terms: Terms, first_login_at: datetime, use: Use) -> Ending:
    """What would end a voucher first if somebody logs in then and uses it so, every day at that time.

    Time outside its hours is not used: the router signs the customer out.
    """
    valid = ends_at(terms, first_login_at)
    most, clock = _most_online(terms, use)
    used = 0.0
    last = min(valid, first_login_at + FAR) if valid else first_login_at + FAR
    for start, end in _sessions(terms, first_login_at, last, use):
        length = (end - start).total_seconds()
        if most is not None and used + length >= most:
            return Ending(start + timedelta(seconds=most - used), clock, int(most))
        used += length
    if valid is None:
        return Ending(None, None, int(used))
    return Ending(valid, Clock.VALIDITY, int(used))


def _most_online(terms: Terms, use: Use) -> tuple[float | None, Clock | None]:
    """How many seconds online a voucher allows under this use, and whether time or data sets that."""
    limits: list[tuple[float, Clock]] = []
    if terms.online_s is not None:
        limits.append((terms.online_s, Clock.ONLINE))
    for quota, rate in (
        (terms.quota_bytes, use.download_per_hour + use.upload_per_hour),
        (terms.quota_download_bytes, use.download_per_hour),
        (terms.quota_upload_bytes, use.upload_per_hour),
    ):
        if quota is not None and rate > 0:
            limits.append((quota * 3600 / rate, Clock.QUOTA))
    return min(limits, key=lambda limit: limit[0]) if limits else (None, None)


def _sessions(
    terms: Terms, first: datetime, last: datetime, use: Use
) -> Iterator[tuple[datetime, datetime]]:
    windows, zone = windows_of(terms), Zone(terms.zone)
    length = timedelta(hours=min(use.hours_a_day, 24))
    start = first
    while start < last and length > timedelta():
        yield from _open_parts(windows, zone, start, min(start + length, last))
        start += timedelta(days=1)


def _open_parts(
    windows: Sequence[Window], zone: Zone, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        change = next_change(windows, zone, start)
        until = end if change is None else min(change, end)
        if is_open(windows, zone, start):
            yield start, until
        start = until
