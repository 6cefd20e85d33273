"""Uptime of the fleet in a period, exact, from outages and unobserved time; never from samples.

The accounting policy is that of `rules.intervals`. ONTs to which nothing special happened share one
figure, so the cost follows the outages and not the fleet; outages of days that are over come packed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from ronda.devices.models import Ont
from ronda.devices.service.scope import mine
from ronda.monitoring.history import outage_days
from ronda.monitoring.models import Transition, Unobserved
from ronda.monitoring.rules.belief import State
from ronda.monitoring.rules.intervals import Span, Uptime, clip, length, uptime
from ronda.monitoring.rules.silence import (
    MICROSECOND,
    Block,
    Outages,
    Silence,
    Silences,
    Unseen,
    micros,
)
from ronda.monitoring.service import maintenance

CHUNK = 500
ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Uptimes:
    """Uptime by ONT, made when asked for: a fleet's figures are mostly added up, not looked at.

    `usual` is that of an ONT to which nothing happened, `silences` what outages took from those that
    were otherwise like it, `special` the figures of those put on the list or set aside meanwhile.
    """

    usual: Uptime
    silences: Silences
    special: Mapping[int, Uptime]

    def of(self, ont: int) -> Uptime:
        """The figure of one ONT."""
        if (own := self.special.get(ont)) is not None:
            return own
        return _figure(self.usual, self.silences.of(ont))

    def of_all(self, onts: Iterable[int]) -> Uptime:
        """The figure of a group: the times added up, the longest outage of all."""
        plain, parts = [], []
        for ont in onts:
            if (own := self.special.get(ont)) is not None:
                parts.append(own)
            else:
                plain.append(ont)
        if plain:
            usual, taken = self.usual, self.silences.together(plain)
            parts.append(
                Uptime(
                    usual.total * len(plain),
                    taken.down * MICROSECOND,
                    usual.unobserved * len(plain),
                    usual.excluded * len(plain),
                    taken.outages,
                    taken.longest * MICROSECOND,
                )
            )
        return joined(parts)


def unobserved(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The times within the period in which nothing can be said, sorted and joined."""
    spans = Unobserved.objects.filter(started_at__lt=end).filter(
        Q(ended_at=None) | Q(ended_at__gt=start)
    )
    return clip((Span(*times) for times in spans.values_list("started_at", "ended_at")), start, end)


def uptimes(
    period: Span,
    *,
    onts: Collection[int] | None = None,
    now: datetime | None = None,
    known: Outages | None = None,
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
        return Uptimes(nothing, Silences(0, 0, Unseen([]), width=0), {})
    holes = unobserved(start, end)
    unseen = Unseen([(micros(first), micros(last)) for first, last in holes])
    usual = Uptime(end - start, ZERO, length(holes), ZERO, 0, ZERO)
    outages = known or outage_days.touching(start, end, onts)
    ids = (max(block.onts, default=0) for block in outages.blocks)
    width = 1 + max(ids, default=0) if onts is None else None
    silences = Silences(micros(start), micros(end), unseen, width=width)
    for block in outages.blocks:
        silences.add(block)
    born = _born_within(start, end, onts)
    excluded = _excluded(start, end, onts)
    gaps = [Span(*hole) for hole in holes]
    special: dict[int, Uptime] = {}
    # Work on a whole site gives thousands the same figure.
    same: dict[tuple[Span, ...], Uptime] = {}
    for ont, own in outages.of(born.keys() | excluded.keys()).items():
        if ont not in excluded:
            special[ont] = _since(born[ont], end, ont, own, unseen)
            continue
        times = tuple(excluded[ont])
        quiet = not own.starts and ont not in born
        if quiet and times in same:
            special[ont] = same[times]
            continue
        special[ont] = uptime(
            Span(start, end),
            moment,
            [Span(first, last) for _ont, first, last in own.times()],
            watched_from=born.get(ont),
            unobserved=gaps,
            excluded=times,
        )
        if quiet:
            same[times] = special[ont]
    return Uptimes(usual, silences, special)


def _since(born: datetime, end: datetime, ont: int, outages: Block, unseen: Unseen) -> Uptime:
    """The figure of an ONT that was put on the list at `born`."""
    first, last = micros(born), micros(end)
    silences = Silences(first, last, unseen, width=None)
    silences.add(outages)
    return _figure(
        Uptime(end - born, ZERO, unseen.between(first, last) * MICROSECOND, ZERO, 0, ZERO),
        silences.of(ont),
    )


def _figure(usual: Uptime, silence: Silence) -> Uptime:
    """What was usual, less what outages took."""
    if not silence.outages:
        return usual
    down, longest = silence.down * MICROSECOND, silence.longest * MICROSECOND
    return replace(usual, down=down, outages=silence.outages, longest=longest)


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
