"""What outages took of the observed time of each ONT of a fleet, exact to the microsecond.

The policy is that of `rules.intervals`, for ONTs of which nothing is excluded. Times are whole
microseconds since the epoch: a month of 10,000 ONTs is 20,000 outages, and numbers are added up
several times as fast as times.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_US = 86_400_000_000
OPEN_US = 1 << 62
"""The end of an outage that goes on."""


def micros(at: datetime) -> int:
    """Microseconds since the epoch."""
    return (at - EPOCH) // MICROSECOND


def time_of(at_us: int) -> datetime:
    """The moment so many microseconds after the epoch, in UTC."""
    return EPOCH + timedelta(microseconds=at_us)


class Block(NamedTuple):
    """Some outages as columns, sorted by their start where `day` says that all ended in that day (UTC)."""

    day: int | None
    onts: array[int]
    starts: array[int]
    lengths: array[int]

    def each(self) -> Iterator[tuple[int, int, int]]:
        """ONT, start and length of each."""
        return zip(self.onts, self.starts, self.lengths, strict=True)

    def times(self) -> Iterator[tuple[int, datetime, datetime | None]]:
        """ONT, start and end of each; no end while it goes on."""
        for ont, start, length in self.each():
            end = start + length
            yield ont, time_of(start), None if end >= OPEN_US else time_of(end)


class Outages(NamedTuple):
    """All outages that touch a stretch of time, and possibly others."""

    blocks: Sequence[Block]

    def times(self) -> Iterator[tuple[int, datetime, datetime | None]]:
        """ONT, start and end of each; no end while it goes on."""
        return chain.from_iterable(block.times() for block in self.blocks)

    def of(self, onts: Collection[int]) -> dict[int, Block]:
        """Those of these ONTs, a block each, in the order of their ends."""
        found = {ont: Block(None, array("I"), array("q"), array("q")) for ont in onts}
        for block in self.blocks if found else ():
            for ont, start, length in block.each():
                if ont in found:
                    own = found[ont]
                    own.onts.append(ont)
                    own.starts.append(start)
                    own.lengths.append(length)
        return found


class Unseen:
    """How much of any stretch of time was unobserved, in the logarithm of their number."""

    def __init__(self, pieces: Sequence[tuple[int, int]]) -> None:
        """`pieces` sorted and apart."""
        self._starts = [start for start, _ in pieces]
        self._pieces = pieces
        self._before = [0]
        for start, end in pieces:
            self._before.append(self._before[-1] + end - start)

    def until(self, at: int) -> int:
        """Unobserved time before `at`."""
        number = bisect_right(self._starts, at)
        if number == 0:
            return 0
        start, end = self._pieces[number - 1]
        return self._before[number - 1] + min(at, end) - start

    def over_before(self, at: int) -> int:
        """The end of the last piece that begins before `at`; 0 where there is none."""
        number = bisect_left(self._starts, at)
        return self._pieces[number - 1][1] if number else 0

    def between(self, start: int, end: int) -> int:
        """Unobserved time from `start` to `end`."""
        number = bisect_right(self._starts, start)
        # Most outages lie between two gaps; that is told without any arithmetic.
        seen = number == 0 or self._pieces[number - 1][1] <= start
        if seen and (number == len(self._starts) or self._starts[number] >= end):
            return 0
        return self.until(end) - self.until(start)


class Silence(NamedTuple):
    """What outages took of the observed time of one ONT, in microseconds, and how many did."""

    down: int
    outages: int
    longest: int


NONE = Silence(0, 0, 0)


class Silences:
    """What outages took of each ONT's observed time between `start` and `end`."""

    def __init__(self, start: int, end: int, unseen: Unseen, *, width: int | None) -> None:
        """`width` is above every ONT's id that will be added; None when there are few of any ids."""
        self._start, self._end, self._unseen = start, end, unseen
        self._down: list[int] | dict[int, int] = _column(width)
        self._outages: list[int] | dict[int, int] = _column(width)
        self._longest: list[int] | dict[int, int] = _column(width)

    def of(self, ont: int) -> Silence:
        """What they took of one ONT."""
        try:
            return Silence(self._down[ont], self._outages[ont], self._longest[ont])
        except IndexError:
            return NONE

    def together(self, onts: Iterable[int]) -> Silence:
        """What they took of these ONTs, added up; the longest of all."""
        found = [self.of(ont) for ont in onts]
        return Silence(
            sum(each.down for each in found),
            sum(each.outages for each in found),
            max((each.longest for each in found), default=0),
        )

    def add(self, block: Block) -> None:
        """Count the block's outages; no outage may be added twice."""
        cut = len(block.starts)
        if block.day is not None:
            began, over = block.day * DAY_US, (block.day + 1) * DAY_US
            if self._start <= began and over <= self._end:
                # What began on that day after its last gap counts whole: no need to look closer.
                cut = bisect_left(block.starts, max(began, self._unseen.over_before(over)))
        self._count(self._observed(block, cut))
        self._count(zip(block.onts[cut:], block.lengths[cut:], strict=True))

    def _observed(self, block: Block, count: int) -> Iterator[tuple[int, int]]:
        """ONT and observed time within the period of the block's first outages."""
        between = self._unseen.between
        columns = (block.onts[:count], block.starts[:count], block.lengths[:count])
        for ont, start, length in zip(*columns, strict=True):
            first, last = max(start, self._start), min(start + length, self._end)
            if first < last and (part := last - first - between(first, last)):
                yield ont, part

    def _count(self, parts: Iterable[tuple[int, int]]) -> None:
        down, outages, longest = self._down, self._outages, self._longest
        for ont, part in parts:
            down[ont] += part
            outages[ont] += 1
            if part > longest[ont]:
                longest[ont] = part


def _column(width: int | None) -> list[int] | dict[int, int]:
    return defaultdict(int) if width is None else [0] * width
