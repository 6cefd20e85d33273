"""Uptime of the fleet in a period, exact, from outages and unobserved time; never from samples.

The accounting policy is that of `rules.intervals`. ONTs to which nothing special happened share one
figure, so the cost follows the outages and not the fleet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ronda.devices.models import Ont
from ronda.monitoring.models import Outage, Transition, Unobserved
from ronda.monitoring.rules.intervals import Span, Uptime, clip, uptime
from ronda.monitoring.rules.watch import State
from ronda.storage.database import as_moment

CHUNK = 500
ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Uptimes:
    """Uptime by ONT; `usual` is that of every ONT not in `special`."""

    special: dict[int, Uptime]
    usual: Uptime

    def of(self, ont: int) -> Uptime:
        """The figure of one ONT."""
        return self.special.get(ont, self.usual)


class Unseen:
    """How much of any stretch of time was unobserved, in the logarithm of their number."""

    def __init__(self, pieces: Sequence[tuple[datetime, datetime]]) -> None:
        """`pieces` as `clip` gives them: sorted and apart."""
        self._starts = [start for start, _ in pieces]
        self._pieces = pieces
        self._before = [ZERO]
        for start, end in pieces:
            self._before.append(self._before[-1] + (end - start))

    def until(self, at: datetime) -> timedelta:
        """Unobserved time before `at`."""
        number = bisect_right(self._starts, at)
        if number == 0:
            return ZERO
        start, end = self._pieces[number - 1]
        return self._before[number - 1] + (min(at, end) - start)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Unobserved time from `start` to `end`."""
        number = bisect_right(self._starts, start)
        # Most outages lie between two gaps; that is told without any arithmetic.
        seen = number == 0 or self._pieces[number - 1][1] <= start
        if seen and (number == len(self._starts) or self._starts[number] >= end):
            return ZERO
        return self.until(end) - self.until(start)


def unobserved(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The times within the period in which nothing can be said, sorted and joined."""
    spans = Unobserved.objects.filter(started_at__lt=end).filter(
        Q(ended_at=None) | Q(ended_at__gt=start)
    )
    return clip((Span(*times) for times in spans.values_list("started_at", "ended_at")), start, end)


OutageTimes = tuple[int, datetime, datetime | None]
"""ONT, start and end of one outage."""


def outage_times(start: datetime, end: datetime) -> list[OutageTimes]:
    """All outages that touch [start, end), in no order; 20,000 take about 0.1 s."""
    query = Outage.objects.filter(started_at__lt=end).filter(
        Q(ended_at=None) | Q(ended_at__gt=start)
    )
    sql, params = (
        query.order_by().values_list("ont_id", "started_at", "ended_at").query.sql_with_params()
    )
    # Django's own reading of times would take four times as long as everything else.
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            (ont, as_moment(began), None if ended is None else as_moment(ended))
            for ont, began, ended in cursor.fetchall()
        ]


def uptimes(
    period: Span,
    *,
    onts: Collection[int] | None = None,
    now: datetime | None = None,
    known: Iterable[OutageTimes] | None = None,
) -> Uptimes:
    """The uptime of all ONTs, or of these, in the period.

    Args:
        known: the outages, when the caller has read them already: all that touch the period, and
            possibly others.
    """
    moment = now or timezone.now()
    # Comparing times of one zone is several times as fast as of two.
    start = period.start.astimezone(UTC)
    end = min(period.end or moment, moment).astimezone(UTC)
    if end <= start:
        nothing = Uptime(ZERO, ZERO, ZERO, ZERO, 0, ZERO)
        return Uptimes({}, nothing)
    holes = unobserved(start, end)
    unseen = Unseen(holes)
    usual = Uptime(end - start, ZERO, unseen.between(start, end), ZERO, 0, ZERO)
    born = _born_within(start, end, onts)
    paused = _paused(start, end, onts)
    special: dict[int, Uptime] = {}
    outages: defaultdict[int, list[Span]] = defaultdict(list)
    for ont, began, ended in _outages(start, end, onts) if known is None else known:
        if began < end and (ended is None or ended > start):
            outages[ont].append(Span(began, ended))
    gaps = [Span(*hole) for hole in holes]
    for ont in outages.keys() | born.keys() | paused.keys():
        if ont in paused:
            special[ont] = uptime(
                Span(start, end),
                moment,
                outages[ont],
                watched_from=born.get(ont),
                unobserved=gaps,
                excluded=paused[ont],
            )
        else:
            special[ont] = _plain(born.get(ont, start), end, outages[ont], unseen)
    return Uptimes(special, usual)


def _plain(start: datetime, end: datetime, outages: list[Span], unseen: Unseen) -> Uptime:
    """As `rules.intervals.uptime`, for outages that do not overlap and no excluded time."""
    down, longest, count = ZERO, ZERO, 0
    for span in outages:
        began = max(span.start, start)
        ended = end if span.end is None else min(span.end, end)
        if ended <= began:
            continue
        part = ended - began - unseen.between(began, ended)
        if part:
            down += part
            count += 1
            longest = max(longest, part)
    total = max(ZERO, end - start)
    hidden = unseen.between(start, end) if total else ZERO
    return Uptime(total, down, hidden, ZERO, count, longest)


def _outages(start: datetime, end: datetime, onts: Collection[int] | None) -> Iterator[OutageTimes]:
    if onts is None:
        yield from outage_times(start, end)
        return
    query = Outage.objects.filter(started_at__lt=end).filter(
        Q(ended_at=None) | Q(ended_at__gt=start)
    )
    rows = query.order_by().values_list("ont_id", "started_at", "ended_at")
    for chunk in _chunks(onts):
        yield from rows.filter(ont_id__in=chunk)


def _born_within(
    start: datetime, end: datetime, onts: Collection[int] | None
) -> dict[int, datetime]:
    """ONTs that were put on the list during the period: before, nothing was to be observed."""
    rows = Ont.objects.filter(created_at__gt=start).values_list("id", "created_at")
    if onts is None:
        return {ont: min(at, end) for ont, at in rows.iterator(chunk_size=5000)}
    return {ont: min(at, end) for chunk in _chunks(onts) for ont, at in rows.filter(id__in=chunk)}


def _paused(start: datetime, end: datetime, onts: Collection[int] | None) -> dict[int, list[Span]]:
    """Times in which a person had set an ONT aside."""
    query = Transition.objects.filter(decided_at__lt=end).filter(
        Q(after=State.PAUSED) | Q(before=State.PAUSED)
    )
    rows = query.order_by("id").values_list("ont_id", "at", "after")
    found: list[tuple[int, datetime, str]] = []
    if onts is None:
        found += rows
    else:
        for chunk in _chunks(onts):
            found += rows.filter(ont_id__in=chunk)
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    for ont, at, after in found:
        if after == State.PAUSED:
            spans[ont].append(Span(at))
        elif spans[ont] and spans[ont][-1].end is None:
            spans[ont][-1] = Span(spans[ont][-1].start, at)
    return {
        ont: kept
        for ont, times in spans.items()
        if (kept := [span for span in times if span.end is None or span.end > start])
    }


def _chunks(onts: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(onts)
    for first in range(0, len(ordered), CHUNK):
        yield ordered[first : first + CHUNK]


def joined(parts: Sequence[Uptime]) -> Uptime:
    """Many ONTs as one figure: the times added up, the longest outage of all."""
    return Uptime(
        total=sum((part.total for part in parts), ZERO),
        down=sum((part.down for part in parts), ZERO),
        unobserved=sum((part.unobserved for part in parts), ZERO),
        excluded=sum((part.excluded for part in parts), ZERO),
        outages=sum(part.outages for part in parts),
        longest=max((part.longest for part in parts), default=ZERO),
    )


def times(part: Uptime, count: int) -> Uptime:
    """The figure of `count` ONTs that all have this one."""
    return Uptime(
        part.total * count,
        part.down * count,
        part.unobserved * count,
        part.excluded * count,
        part.outages * count,
        part.longest,
    )


@dataclass(frozen=True, slots=True)
class GroupUptime:
    """The uptime of a group of ONTs; `key` is the site's or area's id, or the category."""

    key: int | str | None
    name: str
    onts: int
    uptime: Uptime


GROUPS = {
    "site": ("site_id", "site__name"),
    "area": ("area_id", "area__name"),
    "category": ("category", "category"),
}


def by_group(
    group: str, period: Span, *, site: int | None = None, now: datetime | None = None
) -> list[GroupUptime]:
    """Uptime per site, area or category over the ONTs on the list now, worst first."""
    figures = uptimes(period, now=now)
    key_field, name_field = GROUPS[group]
    onts = Ont.objects.watched()
    if site is not None:
        onts = onts.filter(site=site)
    names: dict[int | str | None, str] = {}
    counts: defaultdict[int | str | None, int] = defaultdict(int)
    parts: defaultdict[int | str | None, list[Uptime]] = defaultdict(list)
    rows = onts.order_by().values_list("id", key_field, name_field)
    for ont, key, name in rows.iterator(chunk_size=5000):
        names[key] = name or ""
        counts[key] += 1
        if ont in figures.special:
            parts[key].append(figures.special[ont])
    groups = [
        GroupUptime(
            key,
            names[key],
            counts[key],
            joined([*parts[key], times(figures.usual, counts[key] - len(parts[key]))]),
        )
        for key in counts
    ]
    return sorted(groups, key=_worst)


def _worst(group: GroupUptime) -> tuple[float, str]:
    percent = group.uptime.uptime_percent
    return (101.0 if percent is None else percent, group.name)
