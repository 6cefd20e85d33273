"""Did the wall clock jump?

The prober stamps readings with the wall clock; durations must not break when somebody sets it or
when a board without a battery learns the time after boot. The keeper shows both clocks here every
tick. A jump moves the times of the watches (`watch.shifted`) and of the outages opened since this
process began by the same amount, so that no outage ends before it began.

Use a monotonic clock that runs on through suspend (CLOCK_BOOTTIME on Linux), else a suspended
laptop looks like a jump.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ronda.monitoring.events import ClockJumped, moment


@dataclass(frozen=True, slots=True)
class Clocks:
    """How far the wall clock (epoch seconds) is ahead of the monotonic one."""

    ahead: float
    tolerance: float = 2.0


class Looked(NamedTuple):
    """The clocks after a look, and the jump if there was one."""

    clocks: Clocks
    jump: ClockJumped | None = None


def started(wall: float, monotonic: float) -> Clocks:
    """The first look, at process start."""
    return Clocks(wall - monotonic)


def look(clocks: Clocks, wall: float, monotonic: float) -> Looked:
    """Compare again. Slow drift (NTP slewing) is followed without a word."""
    ahead = wall - monotonic
    drift = ahead - clocks.ahead
    following = Clocks(ahead, clocks.tolerance)
    if abs(drift) <= clocks.tolerance:
        return Looked(following)
    return Looked(following, ClockJumped(at=moment(wall), by=drift))
