"""Who waits for a thread, who is next, and who is turned away: no I/O, no clock; moments are arguments.

A rush of people who all come at once may wait for seconds. Where there have been people waiting for
longer than that, the server cannot keep up, and letting everybody wait would only make everybody's
answer late: then most are turned away at once, and those who are let in wait a second or two.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

J = TypeVar("J")


class Line(IntEnum):
    """In which line a request waits; the lowest goes first."""

    CALLBACK = 0  # a payment gateway tells of money
    DOOR = 1  # signing in, and what a page is made of
    PAGE = 2  # everything else
    BUYER = (
        3  # the public shop: last, so that a crowd of strangers stops no staff, but with patience
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """How many may wait in a line, for how many seconds, and for how many where it never empties."""

    length: int
    rush_s: float
    steady_s: float


BOUNDS = {
    # Gateways wait 5 to 30 s and call again; they are few, and each is about money.
    Line.CALLBACK: Bound(1000, 25.0, 25.0),
    Line.DOOR: Bound(400, 10.0, 5.0),
    Line.PAGE: Bound(400, 6.0, 2.0),
    # Who is about to pay rather waits than begins anew.
    Line.BUYER: Bound(400, 20.0, 10.0),
}


@dataclass(slots=True)
class _Place(Generic[J]):
    job: J
    since: float


class Lines(Generic[J]):
    """The lines, the most urgent first."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._lines: dict[Line, deque[_Place[J]]] = {line: deque() for line in Line}
        self._empty_at = dict.fromkeys(Line, 0.0)

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def join(self, job: J, line: Line, now: float) -> bool:
        """Let it wait; False when the line is full."""
        waiting = self._lines[line]
        if len(waiting) >= BOUNDS[line].length:
            return False
        if not waiting:
            self._empty_at[line] = now
        waiting.append(_Place(job, now))
        return True

    def overdue(self, now: float) -> list[tuple[J, Line]]:
        """Those who have waited too long, who leave their line."""
        left: list[tuple[J, Line]] = []
        for line, waiting in self._lines.items():
            patience = self._patience(line, now)
            while waiting and now - waiting[0].since > patience:
                left.append((waiting.popleft().job, line))
        return left

    def first(self) -> J | None:
        """Who is next, and leaves the line; None when nobody waits."""
        for waiting in self._lines.values():
            if waiting:
                return waiting.popleft().job
        return None

    def empty(self) -> list[J]:
        """Everybody, who all leave."""
        left = [place.job for waiting in self._lines.values() for place in waiting]
        for waiting in self._lines.values():
            waiting.clear()
        return left

    def _patience(self, line: Line, now: float) -> float:
        bound = BOUNDS[line]
        return bound.steady_s if now - self._empty_at[line] > bound.rush_s else bound.rush_s
