"""How many are and were online: now, as a chart, and by the hour.

All routers together are asked of their sum. Times that the sum does not know (before Ronda read the
routers) are answered by what older systems told, so that nothing is counted from two sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db.models import Max, Q
from django.utils import timezone

from ronda.devices.service.scope import here, mine
from ronda.hotspot.models import SeriesKind, UsageHour, UsageSample, UsageSeries
from ronda.hotspot.rules.amounts import HOUR
from ronda.routers.models import Router

MOST_POINTS = 1500
FINE = timedelta(days=8)
"""Charts of longer periods read hours, those of shorter ones every reading."""
OTHERS = (SeriesKind.OLDER, SeriesKind.IMPORT)


@dataclass(frozen=True, slots=True)
class Scope:
    """One router, some sites together, or everything when both are None."""

    sites: frozenset[int] | None = None
    router: int | None = None


NOWHERE = Scope(frozenset())


def scope_of(site: int | None, router: int | None) -> Scope:
    """What somebody asks for, as far as they see it: all of a narrowed person's sites where they name none."""
    seen = here()
    if router is not None:
        theirs = seen is None or mine(Router.objects.filter(pk=router)).exists()
        return Scope(router=router) if theirs else NOWHERE
    if site is None:
        return Scope(seen)
    return Scope(frozenset({site})) if seen is None or site in seen else NOWHERE


class Online(NamedTuple):
    """How many are online at one router, as of `at`; both None before the first reading."""

    router: int
    name: str
    users: int | None
    at: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Now:
    """How many are online; `users` adds up what is fresh, `at` is the oldest reading in it.

    `missing` routers have no fresh reading: what they were last known to have is not added.
    """

    routers: tuple[Online, ...]
    users: int | None
    at: datetime | None

    @property
    def missing(self) -> int:
        """How many routers have no fresh reading."""
        return sum(router.stale for router in self.routers)

    @property
    def newest(self) -> datetime | None:
        """When any router was last read."""
        return max((router.at for router in self.routers if router.at), default=None)


def now(moment: datetime | None = None) -> Now:
    """Users online now, router by router; no routers gives an empty answer."""
    at = moment or timezone.now()
    rows = (
        mine(Router.objects.in_use())
        .order_by("name", "pk")
        .values_list("pk", "name", "poll_s", "usage__users", "usage__counted_at")
    )
    found = tuple(
        Online(pk, name, users, counted, counted is None or at - counted > fresh_for(poll_s))
        for pk, name, poll_s, users, counted in rows
    )
    fresh = [router for router in found if not router.stale]
    return Now(
        found,
        sum(router.users or 0 for router in fresh) if fresh else None,
        min((router.at for router in fresh if router.at), default=None),
    )


def fresh_for(poll_s: int) -> timedelta:
    """How long a router's reading counts as now: two readings may be missed."""
    return timedelta(seconds=3 * poll_s + 60)


class Point(NamedTuple):
    """Users in one stretch of a chart; all None when nobody counted."""

    at: datetime
    average: float | None
    least: int | None
    most: int | None


def chart(scope: Scope, start: datetime, end: datetime, points: int) -> list[Point]:
    """Users over time in stretches of equal length, oldest first; at most `points` of them.

    A stretch holds two readings at least, so that an empty one is a gap only when there was one.

    Raises:
        ValueError: the period is empty, or `points` is not within 1-1500.
    """
    if end <= start or not 1 <= points <= MOST_POINTS:
        raise ValueError("a chart needs a period and 1-1500 points")
    fine = end - start <= FINE
    least = _two_readings() if fine else HOUR
    width = max((end - start) / points, least)
    stretches: list[list[tuple[int, int, int, int]]] = [
        [] for _ in range(-(-(end - start) // width))
    ]
    rows = _samples(scope, start, end) if fine else _hour_rows(scope, start, end)
    for at, count, total, low, high in rows:
        stretches[(at - start) // width].append((count, total, low, high))
    return [_point(start + width * n, found) for n, found in enumerate(stretches)]


def _two_readings() -> timedelta:
    slowest = Router.objects.in_use().aggregate(slowest=Max("poll_s"))["slowest"]
    return timedelta(seconds=max(600, 2 * (slowest or 0)))


def _point(at: datetime, found: Sequence[tuple[int, int, int, int]]) -> Point:
    count = sum(row[0] for row in found)
    if not count:
        return Point(at, None, None, None)
    average = sum(row[1] for row in found) / count
    return Point(at, average, min(row[2] for row in found), max(row[3] for row in found))


Row = tuple[datetime, int, int, int, int]


def _samples(scope: Scope, start: datetime, end: datetime) -> Iterable[Row]:
    own, others = series_of(scope)
    rows = UsageSample.objects.filter(at__gte=start, at__lt=end).order_by("at")
    if len(own) > 1:
        yield from ((at, 1, users, users, users) for at, users in _together(own, start, end))
        return
    mine = list(rows.filter(series__in=own).values_list("at", "users"))
    yield from ((at, 1, users, users, users) for at, users in mine)
    if others:
        known = {_stretch(at) for at, _ in mine}
        for at, users in rows.filter(series__in=others).values_list("at", "users"):
            if _stretch(at) not in known:
                yield at, 1, users, users, users


def _together(series: list[int], start: datetime, end: datetime) -> Iterable[tuple[datetime, int]]:
    """At each reading of any of these what all of them had last; one that was not read for an hour has nothing."""
    latest: dict[int, tuple[datetime, int]] = {}
    rows = UsageSample.objects.filter(series__in=series, at__gte=start - HOUR, at__lt=end)
    for at, one, users in rows.order_by("at", "series").values_list("at", "series", "users"):
        latest[one] = (at, users)
        if at >= start:
            yield at, sum(users for seen, users in latest.values() if at - seen < HOUR)


def _stretch(at: datetime) -> int:
    return int(at.timestamp() // 3600)


def _hour_rows(scope: Scope, start: datetime, end: datetime) -> Iterable[Row]:
    for hour in hours(scope, start, end):
        yield max(hour.hour, start), hour.samples, hour.users_sum, hour.least, hour.most


def hours(scope: Scope, start: datetime, end: datetime) -> list[UsageHour]:
    """The hours that begin in [start, end), oldest first, at most one of each.

    Of several sites together: averages add up, and so do the highest and the lowest of each, which are bounds
    then: they need not have come at the same moment.
    """
    own, others = series_of(scope)
    rows = UsageHour.objects.filter(hour__gte=start, hour__lt=end).order_by("hour")
    if len(own) > 1:
        same = groupby(rows.filter(series__in=own), _hour_of)
        return [_added(list(found), len(own)) for _at, found in same]
    found = {hour.hour: hour for hour in rows.filter(series__in=own)}
    if others:
        for hour in rows.filter(series__in=others):
            mine = found.get(hour.hour)
            if mine is None or (not mine.samples and hour.samples):
                found[hour.hour] = hour
    return [found[at] for at in sorted(found)]


def _hour_of(row: UsageHour) -> datetime:
    return row.hour


def _added(rows: Sequence[UsageHour], series: int) -> UsageHour:
    """One hour of so many series as if they were one; partial where one of them knows nothing of it."""
    known = [row for row in rows if row.samples]
    samples = max((row.samples for row in known), default=0)
    return UsageHour(
        hour=rows[0].hour,
        samples=samples,
        users_sum=round(sum(row.users_sum / row.samples for row in known) * samples),
        least=sum(row.least for row in known),
        most=sum(row.most for row in known),
        partial=sum(row.partial for row in known) + (samples if len(known) < series else 0),
        bytes_in=sum(row.bytes_in for row in rows),
        bytes_out=sum(row.bytes_out for row in rows),
    )


def series_of(scope: Scope) -> tuple[list[int], list[int]]:
    """The series that count a scope's users, and those that stand in where they know nothing."""
    if scope.router is not None:
        wanted = Q(router=scope.router)
    elif scope.sites is not None:
        wanted = Q(kind=SeriesKind.SITE, site__in=scope.sites)
    else:
        wanted = Q(kind=SeriesKind.ALL) | Q(kind__in=OTHERS)
    rows = list(UsageSeries.objects.filter(wanted).values_list("pk", "kind"))
    return (
        [pk for pk, kind in rows if kind not in OTHERS],
        [pk for pk, kind in rows if kind in OTHERS],
    )
