"""What the use of a period comes to: peaks, averages, devices, clients, profiles, routers.

Counts of users come from hours, bytes and devices from clients' days. Where clients' days are
forgotten, their totals stand in: bytes and sessions are exact then, devices and users are not known
beyond one day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from ronda.hotspot.models import SeriesKind, UsageDay, UsageHour, UsageSeries, UsageTotal
from ronda.hotspot.rules.amounts import HOUR
from ronda.hotspot.service.usage import counts
from ronda.hotspot.service.usage.counts import OTHERS, Scope

TOP = 20
DAYS_OF_WEEK, HOURS_OF_DAY = 7, 24


@dataclass(frozen=True, slots=True)
class Level:
    """How many were online: highest and lowest with their hours, the average of known hours."""

    peak: int | None = None
    peak_at: datetime | None = None
    lowest: int | None = None
    lowest_at: datetime | None = None
    average: float | None = None
    known: int = 0
    partial: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """What some clients used together; `users` and `devices` None where they are not known any more."""

    bytes_in: int = 0
    bytes_out: int = 0
    seconds: int = 0
    sessions: int = 0
    users: int | None = 0
    devices: int | None = 0

    @property
    def total(self) -> int:
        """Bytes of both directions."""
        return self.bytes_in + self.bytes_out


@dataclass(frozen=True, slots=True)
class Day:
    """One local day."""

    day: date
    level: Level
    used: Used


@dataclass(frozen=True, slots=True)
class Ranked:
    """One client, profile or router with its use; `more` says what it is beside the name."""

    name: str
    used: Used
    more: str = ""
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Analytics:
    """Everything about one period and scope. `heat` is weekday x hour, None where nobody counted."""

    start: datetime
    end: datetime
    hours: int
    level: Level
    used: Used
    days: list[Day]
    heat: list[list[float | None]]
    users: list[Ranked] = field(default_factory=list)
    devices: list[Ranked] = field(default_factory=list)
    profiles: list[Ranked] = field(default_factory=list)
    routers: list[Ranked] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Nothing is known of this period."""
        return not self.level.known and not self.used.sessions and not self.used.total


def analyse(scope: Scope, first: date, last: date, zone: tzinfo, now: datetime) -> Analytics:
    """The use of whole local days from `first` to `last`, as far as they are over.

    A number of queries that depends on nothing; their cost grows with the days of clients.
    """
    start, end = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    hours = counts.hours(scope, start, end)
    days = _days(scope, first, last)
    totals = _totals(scope, first, last)
    by_day = {row["day"]: _used(row) for row in _sums(days.values("day"))}
    forgotten = {row["day"]: _used(row) for row in _forgotten(totals.values("day"))}
    return Analytics(
        start=start,
        end=end,
        hours=max(0, round((min(end, now) - start) / HOUR)),
        level=level(hours),
        used=_overall(days, forgotten.values()),
        days=_by_day(hours, by_day, forgotten, zone, first, min(last, now.astimezone(zone).date())),
        heat=heat(hours, zone),
        users=_top(days.exclude(user=""), "user"),
        devices=_top(days.exclude(mac=""), "mac"),
        profiles=_by_profile(days, totals),
        routers=_by_router(days, totals),
    )


def level(hours: Iterable[UsageHour]) -> Level:
    """Highest, lowest and average of the hours in which anybody counted."""
    known = [hour for hour in hours if hour.samples]
    if not known:
        return Level()
    peak = max(known, key=lambda hour: hour.most)
    lowest = min(known, key=lambda hour: hour.least)
    average = sum(hour.users_sum / hour.samples for hour in known) / len(known)
    partial = sum(1 for hour in known if hour.partial)
    return Level(peak.most, peak.hour, lowest.least, lowest.hour, average, len(known), partial)


def heat(hours: Iterable[UsageHour], zone: tzinfo) -> list[list[float | None]]:
    """The average of each hour of each weekday, from Monday."""
    found: list[list[list[float]]] = [
        [[] for _ in range(HOURS_OF_DAY)] for _ in range(DAYS_OF_WEEK)
    ]
    for hour in hours:
        if hour.samples:
            at = hour.hour.astimezone(zone)
            found[at.weekday()][at.hour].append(hour.users_sum / hour.samples)
    return [[sum(cell) / len(cell) if cell else None for cell in row] for row in found]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _series(scope: Scope) -> Q:
    """The series whose clients are asked about."""
    if scope.router is not None:
        return Q(series__router=scope.router)
    if scope.sites is not None:
        return Q(series__kind=SeriesKind.ROUTER, series__site__in=scope.sites)
    return Q()


def _days(scope: Scope, first: date, last: date) -> QuerySet[UsageDay]:
    days = UsageDay.objects.filter(_series(scope), day__gte=first, day__lte=last).order_by()
    if scope == Scope():
        days = days.exclude(Q(series__kind__in=OTHERS) & Q(day__in=_known_days(first, last)))
    return days


def _totals(scope: Scope, first: date, last: date) -> QuerySet[UsageTotal]:
    totals = UsageTotal.objects.filter(_series(scope), day__gte=first, day__lte=last).order_by()
    if scope == Scope():
        totals = totals.exclude(Q(series__kind__in=OTHERS) & Q(day__in=_known_days(first, last)))
    return totals


def _known_days(first: date, last: date) -> list[date]:
    """Days of which routers themselves told; only asked when something else told of any."""
    if not UsageSeries.objects.filter(kind__in=OTHERS).exists():
        return []
    told: set[date] = set()
    for model in (UsageDay, UsageTotal):
        rows = model._default_manager.filter(  # noqa: SLF001 -- Django's public name for it
            series__kind=SeriesKind.ROUTER, day__gte=first, day__lte=last
        )
        told |= set(rows.order_by().values_list("day", flat=True).distinct())
    return sorted(told)


_SUMS: dict[str, Any] = {
    "b_in": Sum("bytes_in"),
    "b_out": Sum("bytes_out"),
    "secs": Sum("seconds"),
    "begun": Sum("sessions"),
}
_CLIENTS: dict[str, Any] = {
    "people": Count("user", distinct=True, filter=~Q(user="")),
    "macs": Count("mac", distinct=True, filter=~Q(mac="")),
}


def _sums(rows: Any) -> Any:
    return rows.annotate(**_SUMS, **_CLIENTS)


def _forgotten(rows: Any) -> Any:
    return rows.annotate(**_SUMS, people=Sum("users"), macs=Sum("devices"))


def _used(row: dict[str, Any]) -> Used:
    return Used(
        row["b_in"] or 0,
        row["b_out"] or 0,
        row["secs"] or 0,
        row["begun"] or 0,
        row["people"],
        row["macs"],
    )


def _overall(days: QuerySet[UsageDay], forgotten: Iterable[Used]) -> Used:
    known = _used(days.aggregate(**_SUMS, **_CLIENTS))
    old = list(forgotten)
    if not old:
        return known
    return Used(
        known.bytes_in + sum(used.bytes_in for used in old),
        known.bytes_out + sum(used.bytes_out for used in old),
        known.seconds + sum(used.seconds for used in old),
        known.sessions + sum(used.sessions for used in old),
        None,
        None,
    )


def _by_day(
    hours: list[UsageHour],
    by_day: dict[date, Used],
    forgotten: dict[date, Used],
    zone: tzinfo,
    first: date,
    last: date,
) -> list[Day]:
    of_day: dict[date, list[UsageHour]] = {}
    for hour in hours:
        of_day.setdefault(hour.hour.astimezone(zone).date(), []).append(hour)
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        used = by_day.get(day) or forgotten.get(day) or Used()
        found.append(Day(day, level(of_day.get(day, ())), used))
    return found


def _top(days: QuerySet[UsageDay], by: str) -> list[Ranked]:
    """The clients that used most."""
    rows = (
        days.values(by)
        .annotate(**_SUMS, **_CLIENTS, last=Max("day"), kind=Max("profile"))
        .annotate(all=F("b_in") + F("b_out"))
        .order_by("-all", by)[:TOP]
    )
    return [Ranked(row[by], _used(row), row["kind"], row["last"]) for row in rows]


def _by_profile(days: QuerySet[UsageDay], totals: QuerySet[UsageTotal]) -> list[Ranked]:
    return _merged(
        ((row["profile"], _used(row)) for row in _sums(days.values("profile"))),
        ((row["profile"], _used(row)) for row in _forgotten(totals.values("profile"))),
    )


def _by_router(days: QuerySet[UsageDay], totals: QuerySet[UsageTotal]) -> list[Ranked]:
    series = {
        pk: (name, site or "")
        for pk, name, site in UsageSeries.objects.values_list("pk", "name", "site__name")
    }
    found = _merged(
        ((row["series"], _used(row)) for row in _sums(days.values("series"))),
        ((row["series"], _used(row)) for row in _forgotten(totals.values("series"))),
    )
    return [Ranked(*(series[int(r.name)][:1]), r.used, series[int(r.name)][1]) for r in found]


def _merged(known: Iterable[tuple[Any, Used]], old: Iterable[tuple[Any, Used]]) -> list[Ranked]:
    found = dict(known)
    for name, used in old:
        mine = found.get(name, Used())
        found[name] = Used(
            mine.bytes_in + used.bytes_in,
            mine.bytes_out + used.bytes_out,
            mine.seconds + used.seconds,
            mine.sessions + used.sessions,
            None,
            None,
        )
    ranked = [Ranked(str(name), used) for name, used in found.items()]
    return sorted(ranked, key=lambda item: (-item.used.total, item.name))
