"""How many are and were online: now, as a chart, and by the hour.

All routers together are asked of their sum. Times that the sum does not know (before Ronda read the
routers) are answered by what older systems told, so that nothing is counted from two sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    """One router, one site, or everything when both are None."""

    site: int | None = None
    router: int | None = None


#: No site has this id.
NOWHERE = -1


def scope_of(site: int | None, router: int | None) -> Scope:
    """What somebody asks for, as far as they see it; a narrowed person asks about one site at a time."""
    sites = here()
    if sites is None:
        return Scope(site, router)
    if router is not None:
        seen = mine(Router.objects.filter(pk=router)).exists()
        return Scope(router=router) if seen else Scope(site=NOWHERE)
    if site is None:
        site = min(sites, default=NOWHERE)
    return Scope(site=site if site in sites else NOWHERE)


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
    mine = list(rows.filter(series__in=own).values_list("at", "users"))
    yield from ((at, 1, users, users, users) for at, users in mine)
    if others:
        known = {_stretch(at) for at, _ in mine}
        for at, users in rows.filter(series__in=others).values_list("at", "users"):
            if _stretch(at) not in known:
                yield at, 1, users, users, users


def _stretch(at: datetime) -> int:
    return int(at.timestamp() // 3600)


def _hour_rows(scope: Scope, start: datetime, end: datetime) -> Iterable[Row]:
    for hour in hours(scope, start, end):
        yield max(hour.hour, start), hour.samples, hour.users_sum, hour.least, hour.most


def hours(scope: Scope, start: datetime, end: datetime) -> list[UsageHour]:
    """The hours that begin in [start, end), oldest first, at most one of each."""
    own, others = series_of(scope)
    rows = UsageHour.objects.filter(hour__gte=start, hour__lt=end).order_by("hour")
    found = {hour.hour: hour for hour in rows.filter(series__in=own)}
    if others:
        for hour in rows.filter(series__in=others):
            mine = found.get(hour.hour)
            if mine is None or (not mine.samples and hour.samples):
                found[hour.hour] = hour
    return [found[at] for at in sorted(found)]


def series_of(scope: Scope) -> tuple[list[int], list[int]]:
    """The series that count a scope's users, and those that stand in where they know nothing."""
    if scope.router is not None:
        wanted = Q(router=scope.router)
    elif scope.site is not None:
        wanted = Q(kind=SeriesKind.SITE, site=scope.site)
    else:
        wanted = Q(kind=SeriesKind.ALL) | Q(kind__in=OTHERS)
    rows = list(UsageSeries.objects.filter(wanted).values_list("pk", "kind"))
    return (
        [pk for pk, kind in rows if kind not in OTHERS],
        [pk for pk, kind in rows if kind in OTHERS],
    )
