"""Health of routers over time: read, kept, judged, rolled up into hours, and asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Avg, Max, Min
from django.utils import timezone

from ronda.routeros.errors import RouterRefused
from ronda.routeros.port import Link, Row
from ronda.routers.desk.port import Visit
from ronda.routers.desk.rules import CallTimes
from ronda.upkeep.models import Hour, Reading
from ronda.upkeep.rules.conditions import LIMITS, Kind, disk_limit, used_share
from ronda.upkeep.service import troubles
from ronda.upkeep.service.reading import Health, health_of
from ronda.work.loops import in_thread

KEEP_READINGS = timedelta(days=30)
KEEP_HOURS = timedelta(days=3650)
POINTS = 800


async def poll(visit: Visit) -> None:
    """Read a router's health and keep it; its turn comes at the router's own interval."""
    resource = await visit.link.print("/system/resource")
    sensors = await _rows_or_none(visit.link, "/system/health")
    clock = await _rows_or_none(visit.link, "/system/clock")
    now = timezone.now()
    health = health_of(resource, sensors, clock, now)
    await in_thread(keep, visit.router, health, visit.calls, now)


async def _rows_or_none(link: Link, menu: str) -> list[Row]:
    try:
        return await link.print(menu)
    except RouterRefused:
        # A virtual router has no sensors, and some versions refuse the menu then.
        return []


def keep(router: int, health: Health, calls: CallTimes, at: datetime) -> None:
    """Store one reading and judge it, in one transaction."""
    memory = used_share(health.memory_free, health.memory_total)
    disk = used_share(health.disk_free, health.disk_total)
    clock = None if health.clock_off_s is None else abs(health.clock_off_s)
    with transaction.atomic():
        Reading.objects.create(
            router_id=router,
            at=at,
            uptime_s=health.uptime_s,
            cpu=health.cpu,
            memory_free=health.memory_free,
            memory_total=health.memory_total,
            disk_free=health.disk_free,
            disk_total=health.disk_total,
            temperature=health.temperature,
            voltage=health.voltage,
            clock_off_s=health.clock_off_s,
            sensors=[list(sensor) for sensor in health.sensors],
            calls=calls.count,
            calls_failed=calls.failed,
            p50_ms=calls.p50_ms,
            p95_ms=calls.p95_ms,
        )
        troubles.judge(
            router,
            {
                Kind.DISK: (disk, disk_limit(health.disk_total)),
                Kind.MEMORY: (memory, LIMITS[Kind.MEMORY]),
                Kind.CPU: (health.cpu, LIMITS[Kind.CPU]),
                Kind.TEMPERATURE: (health.temperature, LIMITS[Kind.TEMPERATURE]),
                Kind.CLOCK: (clock, LIMITS[Kind.CLOCK]),
            },
            at,
        )


def newest(routers: Iterable[int]) -> dict[int, Reading]:
    """The newest reading of each router that has one; one query."""
    rows = Reading.objects.filter(router__in=routers)
    ids = rows.order_by().values("router").annotate(newest=Max("id")).values("newest")
    return {row.router_id: row for row in Reading.objects.filter(pk__in=ids)}


def roll_up(now: datetime | None = None) -> int:
    """Make the hours that are over and not made yet; how many."""
    moment = now or timezone.now()
    this_hour = moment.replace(minute=0, second=0, microsecond=0)
    last = Hour.objects.aggregate(last=Max("at"))["last"]
    first = Reading.objects.aggregate(first=Min("at"))["first"]
    if first is None:
        return 0
    hour = first.replace(minute=0, second=0, microsecond=0)
    if last is not None:
        # The newest made hour is made again: a reading may have come in late.
        hour = max(hour, last)
    made = 0
    while hour < this_hour:
        made += _make_hour(hour)
        hour += timedelta(hours=1)
    return made


def _make_hour(hour: datetime) -> int:
    rows = Reading.objects.filter(at__gte=hour, at__lt=hour + timedelta(hours=1)).order_by()
    by_router: dict[int, list[Reading]] = {}
    for row in rows:
        by_router.setdefault(row.router_id, []).append(row)
    with transaction.atomic():
        Hour.objects.filter(at=hour, router__in=by_router).delete()
        Hour.objects.bulk_create(
            _hour(router, hour, readings) for router, readings in by_router.items()
        )
    return len(by_router)


def _hour(router: int, at: datetime, rows: list[Reading]) -> Hour:
    memory = _known(used_share(row.memory_free, row.memory_total) for row in rows)
    disk = _known(used_share(row.disk_free, row.disk_total) for row in rows)
    cpu = _known(row.cpu for row in rows)
    temperature = _known(row.temperature for row in rows)
    return Hour(
        router_id=router,
        at=at,
        readings=len(rows),
        cpu=_mean(cpu),
        cpu_most=max(cpu, default=None),
        memory=_mean(memory),
        memory_most=max(memory, default=None),
        disk=max(disk, default=None),
        temperature=_mean(temperature),
        temperature_most=max(temperature, default=None),
        voltage=min(_known(row.voltage for row in rows), default=None),
        p50_ms=_mean(_known(row.p50_ms for row in rows)),
        p95_ms=max(_known(row.p95_ms for row in rows), default=None),
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def forget(now: datetime | None = None) -> int:
    """Delete readings and hours beyond their time; how many."""
    moment = now or timezone.now()
    readings, _ = Reading.objects.filter(at__lt=moment - KEEP_READINGS).delete()
    hours, _ = Hour.objects.filter(at__lt=moment - KEEP_HOURS).delete()
    return readings + hours


@dataclass(frozen=True, slots=True)
class Series:
    """Columns of equal length for a chart, oldest first; None where nothing is known."""

    at: list[int]
    cpu: list[float | None]
    memory: list[float | None]
    disk: list[float | None]
    temperature: list[float | None]
    p50_ms: list[float | None]
    p95_ms: list[float | None]


def series(router: int, start: datetime, end: datetime) -> Series:
    """A router's health from `start` to `end`, at most 800 points; hours where readings are gone.

    Between readings that lie far apart there is a gap of one empty point.
    """
    coarse = end - start > timedelta(days=7) or start < timezone.now() - KEEP_READINGS
    rows = _hours(router, start, end) if coarse else _readings(router, start, end)
    every = timedelta(hours=1) if coarse else _usual_step(rows)
    rows = _thinned(rows, start, end, every)
    return Series(*(list(column) for column in zip(*rows, strict=True))) if rows else _EMPTY


_EMPTY = Series([], [], [], [], [], [], [])
Point = list[Any]


def _readings(router: int, start: datetime, end: datetime) -> list[Point]:
    rows = Reading.objects.filter(router=router, at__gte=start, at__lt=end).order_by("at")
    return [
        [
            row.at.timestamp(),
            row.cpu,
            used_share(row.memory_free, row.memory_total),
            used_share(row.disk_free, row.disk_total),
            row.temperature,
            row.p50_ms,
            row.p95_ms,
        ]
        for row in rows.defer("sensors")
    ]


def _hours(router: int, start: datetime, end: datetime) -> list[Point]:
    rows = Hour.objects.filter(router=router, at__gte=start, at__lt=end).order_by("at")
    return [
        [
            row.at.timestamp(),
            row.cpu,
            row.memory,
            row.disk,
            row.temperature_most,
            row.p50_ms,
            row.p95_ms,
        ]
        for row in rows
    ]


def _usual_step(rows: list[Point]) -> timedelta:
    steps = sorted(later[0] - earlier[0] for earlier, later in pairwise(rows))
    return timedelta(seconds=steps[len(steps) // 2] if steps else 300)


def _thinned(rows: list[Point], start: datetime, end: datetime, every: timedelta) -> list[Point]:
    step = max(every.total_seconds(), (end - start).total_seconds() / POINTS)
    buckets: dict[int, list[Point]] = {}
    for row in rows:
        buckets.setdefault(int(row[0] // step), []).append(row)
    found: list[Point] = []
    former: int | None = None
    for number, some in buckets.items():
        if former is not None and number - former > 2:
            found.append([round((former + 1) * step), *[None] * 6])
        former = number
        found.append([round(some[0][0]), *(_rounded(some, column) for column in range(1, 7))])
    return found


def _rounded(rows: list[Point], column: int) -> float | None:
    mean = _mean(_known(row[column] for row in rows))
    return None if mean is None else round(mean, 1)


def usual_calls(router: int, since: datetime) -> dict[str, float | None]:
    """How quickly a router answered since then: mean of the middles, highest 95th of a hundred."""
    return Reading.objects.filter(router=router, at__gte=since).aggregate(
        p50_ms=Avg("p50_ms"), p95_ms=Max("p95_ms")
    )
