"""Uptime from intervals: what is counted, what is not, and how sure we are.

The accounting policy, printed on every report:

1. Time before the ONT was watched, and time that has not come yet, is in no figure.
2. *Excluded* time (paused, maintenance) is taken out first.
3. *Unobserved* time (the poller was blind or not running) comes next: it is neither up nor down,
   an outage that reaches into it loses that part. It lowers "observed %", never "uptime %".
4. What is left of the outages is *down*; the rest is *up*.

uptime % = up / (up + down); observed % = (up + down) / (total - excluded). Seconds are never
interpolated: all arithmetic is on whole microseconds (timedelta) and exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """From `start` up to `end` (not included). `end` None: still open."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Uptime:
    """Where the time of a period went. total = up + down + unobserved + excluded."""

    total: timedelta
    down: timedelta
    unobserved: timedelta
    excluded: timedelta
    outages: int
    """Outages that took observed time of the period."""
    longest: timedelta
    """The longest one's observed part within the period."""

    @property
    def up(self) -> timedelta:
        """Time it was believed up."""
        return self.total - self.down - self.unobserved - self.excluded

    @property
    def uptime_percent(self) -> float | None:
        """0-100; None when nothing was observed."""
        return _percent(self.up, self.up + self.down)

    @property
    def observed_percent(self) -> float | None:
        """0-100; None when nothing should have been observed."""
        return _percent(self.up + self.down, self.total - self.excluded)


def uptime(
    period: Span,
    now: datetime,
    outages: Iterable[Span],
    *,
    watched_from: datetime | None = None,
    unobserved: Iterable[Span] = (),
    excluded: Iterable[Span] = (),
) -> Uptime:
    """The uptime of one ONT in a period, by the policy above.

    Spans may overlap, be open, lie outside the period or come in any order.

    Args:
        watched_from: when the watch of this ONT began; None: before the period.
    """
    start = period.start if watched_from is None else max(period.start, watched_from)
    end = now if period.end is None else min(period.end, now)
    if end <= start:
        zero = timedelta()
        return Uptime(zero, zero, zero, zero, 0, zero)
    out = clip(excluded, start, end)
    unseen = subtract(clip(unobserved, start, end), out)
    hidden = clip([*_spans(out), *_spans(unseen)], start, end)
    parts = [
        length(subtract(clip([outage], start, end), hidden)) for outage in _joined(outages, end)
    ]
    taken = [part for part in parts if part]
    return Uptime(
        total=end - start,
        down=sum(taken, timedelta()),
        unobserved=length(unseen),
        excluded=length(out),
        outages=len(taken),
        longest=max(taken, default=timedelta()),
    )


Piece = tuple[datetime, datetime]


def clip(spans: Iterable[Span], start: datetime, end: datetime) -> list[Piece]:
    """The spans' union within [start, end): sorted, apart from each other, none empty."""
    cut = sorted(
        (max(span.start, start), end if span.end is None else min(span.end, end)) for span in spans
    )
    union: list[Piece] = []
    for begin, stop in cut:
        if stop <= begin:
            continue
        if union and begin <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], stop))
        else:
            union.append((begin, stop))
    return union


def subtract(pieces: Sequence[Piece], holes: Sequence[Piece]) -> list[Piece]:
    """The pieces without the holes. Both as `clip` gives them."""
    left: list[Piece] = []
    first = 0
    for start, stop in pieces:
        begin = start
        while first < len(holes) and holes[first][1] <= begin:
            first += 1
        for hole_start, hole_stop in holes[first:]:
            if hole_start >= stop:
                break
            if hole_start > begin:
                left.append((begin, hole_start))
            begin = max(begin, hole_stop)
        if begin < stop:
            left.append((begin, stop))
    return left


def length(pieces: Iterable[Piece]) -> timedelta:
    """The sum of all pieces."""
    return sum((stop - start for start, stop in pieces), timedelta())


def _spans(pieces: Iterable[Piece]) -> list[Span]:
    return [Span(start, stop) for start, stop in pieces]


def _joined(outages: Iterable[Span], now: datetime) -> list[Span]:
    """Outages as they are; ones that overlap (they should not) count once."""
    joined: list[Span] = []
    for outage in sorted(outages, key=lambda span: span.start):
        end = now if outage.end is None else outage.end
        last = joined[-1].end if joined else None
        if last is not None and outage.start < last:
            joined[-1] = Span(joined[-1].start, max(last, end))
        else:
            joined.append(Span(outage.start, end))
    return joined


def _percent(part: timedelta, whole: timedelta) -> float | None:
    return 100.0 * (part / whole) if whole else None
