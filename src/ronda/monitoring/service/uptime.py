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
from typing import NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ronda.devices.models import Ont
from ronda.devices.service.scope import mine
from ronda.monitoring.models import Outage, Transition, Unobserved
from ronda.monitoring.rules.belief import State
from ronda.monitoring.rules.intervals import Span, Uptime, clip, uptime
from ronda.monitoring.service import maintenance
from ronda.storage.database import is_sqlite

CHUNK = 500
ZERO = timedelta()


class Silence(NamedTuple):
    """What outages took of the observed time of one ONT."""

    down: timedelta
    outages: int
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Uptimes:
    """Uptime by ONT, made when asked for: a fleet's figures are mostly added up, not looked at.

    `usual` is that of an ONT to which nothing happened, `silent` what outages took from one that
    was otherwise like it, `special` the figures of those put on the list or set aside meanwhile.
    """

    usual: Uptime
    silent: dict[int, Silence]
    special: dict[int, Uptime]

    def of(self, ont: int) -> Uptime:
        """The figure of one ONT."""
        if (own := self.special.get(ont)) is not None:
            return own
        if (silence := self.silent.get(ont)) is None:
            return self.usual
        usual = self.usual
        return Uptime(usual.total, silence.down, usual.unobserved, usual.excluded, *silence[1:])

    def of_all(self, onts: Iterable[int]) -> Uptime:
        """The figure of a group: the times added up, the longest outage of all."""
        plain, outages, down, longest = 0, 0, ZERO, ZERO
        parts = []
        for ont in onts:
            if (own := self.special.get(ont)) is not None:
                parts.append(own)
                continue
            plain += 1
            if (silence := self.silent.get(ont)) is not None:
                down += silence.down
                outages += silence.outages
                longest = max(longest, silence.longest)
        if plain:
            usual = self.usual
            parts.append(
                Uptime(
                    usual.total * plain,
                    down,
                    usual.unobserved * plain,
                    usual.excluded * plain,
                    outages,
                    longest,
                )
            )
        return joined(parts)


class Unseen:
    """How much of any stretch of time was unobserved, in the logarithm of their number."""

    def __init__(self, pieces: Sequence[tuple[datetime, datetime]]) -> None:
        """`pieces` as `clip` gives them: sorted and apart."""
        self.any = bool(pieces)
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
    # Django's own reading of times would take five times as long as everything else.
    with connection.cursor() as cursor:
        if not is_sqlite():
            cursor.execute(sql, params)
            return list(cursor.fetchall())
        zoned = f"SELECT ont_id, started_at || '+00:00', ended_at || '+00:00' FROM ({sql})"  # noqa: S608 -- made by Django
        cursor.execute(zoned, params)
        read = datetime.fromisoformat
        return [
            (ont, read(began), None if ended is None else read(ended))
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
        return Uptimes(nothing, {}, {})
    holes = unobserved(start, end)
    unseen = Unseen(holes)
    usual = Uptime(end - start, ZERO, unseen.between(start, end), ZERO, 0, ZERO)
    born = _born_within(start, end, onts)
    excluded = _excluded(start, end, onts)
    apart: dict[int, list[Span]] = {ont: [] for ont in born.keys() | excluded.keys()}
    rows = _outages(start, end, onts) if known is None else known
    silent = _silences(rows, start, end, unseen, apart)
    gaps = [Span(*hole) for hole in holes]
    special: dict[int, Uptime] = {}
    # Work on a whole site gives thousands the same figure.
    same: dict[tuple[Span, ...], Uptime] = {}
    for ont, outages in apart.items():
        if ont not in excluded:
            special[ont] = _plain(born[ont], end, outages, unseen)
            continue
        times = tuple(excluded[ont])
        quiet = not outages and ont not in born
        if quiet and times in same:
            special[ont] = same[times]
            continue
        special[ont] = uptime(
            Span(start, end),
            moment,
            outages,
            watched_from=born.get(ont),
            unobserved=gaps,
            excluded=times,
        )
        if quiet:
            same[times] = special[ont]
    return Uptimes(usual, silent, special)


def _silences(
    outages: Iterable[OutageTimes],
    start: datetime,
    end: datetime,
    unseen: Unseen,
    apart: dict[int, list[Span]],
) -> dict[int, Silence]:
    """What outages took of each ONT's observed time; those of ONTs in `apart` are put there."""
    silent: dict[int, Silence] = {}
    hidden = unseen.between if unseen.any else None
    for ont, began, ended in outages:
        if ont in apart:
            if began < end and (ended is None or ended > start):
                apart[ont].append(Span(began, ended))
            continue
        first = max(start, began)
        last = end if ended is None or ended > end else ended
        if last <= first:
            continue
        part = last - first
        if hidden is not None and not (part := part - hidden(first, last)):
            continue
        if (before := silent.get(ont)) is None:
            silent[ont] = Silence(part, 1, part)
        else:
            silent[ont] = Silence(before[0] + part, before[1] + 1, max(before[2], part))
    return silent


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


def _excluded(
    start: datetime, end: datetime, onts: Collection[int] | None
) -> dict[int, list[Span]]:
    """Times that are in no figure: set aside by a person, or under planned work."""
    found = _paused(start, end, onts)
    for ont, times in maintenance.spans(start, end, onts).items():
        found[ont] = [*found.get(ont, ()), *times]
    return found


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
    listed = mine(Ont.objects.watched())
    if site is not None:
        listed = listed.filter(site=site)
    names: dict[int | str | None, str] = {}
    members: defaultdict[int | str | None, list[int]] = defaultdict(list)
    rows = listed.order_by().values_list("id", key_field, name_field)
    for ont, key, name in rows.iterator(chunk_size=5000):
        names[key] = name or ""
        members[key].append(ont)
    groups = [
        GroupUptime(key, names[key], len(onts), figures.of_all(onts))
        for key, onts in members.items()
    ]
    return sorted(groups, key=_worst)


def _worst(group: GroupUptime) -> tuple[float, str]:
    percent = group.uptime.uptime_percent
    return (101.0 if percent is None else percent, group.name)
