"""What one pass of the keeper wants written, before it is: plain values, no database."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ronda.monitoring.rules.belief import Watch
    from ronda.monitoring.service.shown import Shown


class Opening(NamedTuple):
    """An outage that begins."""

    started_at: datetime
    confirmed_at: datetime
    last_ok_at: datetime | None
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of what is shown about an ONT, with the outage that it opens or closes."""

    ont: int
    before: str
    after: str
    shown: Shown
    watch: Watch
    at: datetime
    decided_at: datetime
    reason: str
    evidence: dict[str, object]
    rtt_us: int | None = None
    opens: Opening | None = None
    closes: datetime | None = None


class Gap(NamedTuple):
    """An unobserved time that begins (`end` None), ends (`start` None), or is known as a whole."""

    reason: str
    start: datetime | None
    end: datetime | None


class Jump(NamedTuple):
    """The wall clock jumped: what was stamped from `since` on moves."""

    by: timedelta
    since: datetime


class Column(NamedTuple):
    """One sweep for the history: by ONT id, 0 not probed, 1 silent, else the round trip in us."""

    started_at: float
    finished_at: float
    rtts: array[int]


@dataclass(slots=True)
class Batch:
    """Everything of one transaction, in order."""

    changes: list[Change] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    # Misses in a row of the ONTs that are suspected longer and longer; the newest value wins.
    misses: dict[int, int] = field(default_factory=dict)
    news: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    # Fields of the poller's own row; the newest value wins.
    poller: dict[str, Any] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        """With one change more."""
        self.changes.append(change)

    def join(self, later: Batch) -> None:
        """Take in what came after, to be written in one go."""
        self.changes += later.changes
        self.gaps += later.gaps
        self.jumps += later.jumps
        self.columns += later.columns
        self.misses |= later.misses
        self.news += later.news
        self.poller |= later.poller

    def first(self, most: int) -> Batch:
        """Take out what is to be written first: everything but the changes after the first `most`."""
        taken = replace(self, changes=self.changes[:most])
        rest = Batch(changes=self.changes[most:])
        for name in self.__slots__:
            setattr(self, name, getattr(rest, name))
        return taken

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(
            self.changes
            or self.gaps
            or self.jumps
            or self.columns
            or self.misses
            or self.news
            or self.poller
        )
