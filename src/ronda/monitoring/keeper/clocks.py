"""Clocks of the keeper: the wall clock may jump, and the whole process may stand still."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from ronda.monitoring.events import moment
from ronda.monitoring.rules import clockwatch
from ronda.monitoring.service.batch import Gap, Jump
from ronda.monitoring.service.fold import Fold

log = structlog.get_logger(__name__)


def boot_time() -> float:
    """A clock that never jumps and, where the system has one, runs on through suspend."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where the keeper gets the time from, and how it lets time pass."""

    wall: Callable[[], float] = time.time
    """Epoch seconds."""
    monotonic: Callable[[], float] = boot_time
    """Seconds on a clock that never jumps."""
    sleep: Callable[[float], None] = time.sleep
    """Waits while there is no prober to wait for."""


@dataclass(slots=True)
class Due:
    """When what is done every few seconds comes next, on the monotonic clock."""

    at: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def now(self, what: str, monotonic: float, every: float) -> bool:
        """Whether it is time; if so, the next time is `every` seconds later."""
        if monotonic < self.at[what]:
            return False
        self.at[what] = monotonic + every
        return True


class Timekeeping:
    """Notices jumps of the wall clock and standstills of this process."""

    def __init__(self, clocks: Clocks, fold: Fold, *, grace: float) -> None:
        """A gap in watching that is longer than `grace` seconds is unobserved time."""
        self._clocks = clocks
        self._fold = fold
        self._grace = grace
        self.began = 0.0
        self.begin(clocks.wall())

    def begin(self, now: float) -> None:
        """What is stamped from now on is stamped by this process."""
        self.began = now
        self._ticked_at = self._clocks.monotonic()
        self._watched = clockwatch.started(now, self._ticked_at)

    def look(self, now: float, monotonic: float) -> float:
        """Move the times of the beliefs when the wall clock was set; by how many seconds it was."""
        looked = clockwatch.look(self._watched, now, monotonic)
        self._watched = looked.clocks
        if looked.jump is None:
            return 0.0
        by = looked.jump.by
        log.warning("the clock jumped", seconds=round(by, 1))
        self._fold.shift(by, self.began)
        self._fold.batch.jumps.append(Jump(timedelta(seconds=by), moment(self.began)))
        self.began += by
        if by > self._grace:
            # Nobody can say what the time that was skipped was; it is not up and not down.
            self._fold.batch.gaps.append(Gap("clock", moment(now - by), moment(now)))
        return by

    def stood_still(self, monotonic: float, wait: float) -> float:
        """Seconds this process itself stood still (suspended, or the machine was), 0 if it ran."""
        still = monotonic - self._ticked_at
        self._ticked_at = monotonic
        return still if still > self._grace + wait else 0.0
