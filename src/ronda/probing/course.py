"""What is under way in an engine: its rounds, waves and single probes, and the time they go by.

The parts of the engine share one `Course`; each of them changes it in its own way and keeps nothing
of it to itself.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ronda.probing.packets import Family
from ronda.probing.wave import Lane, Round, Single, Wave

SECOND = 1_000_000_000
# The sequence number of all single probes; waves use those below.
SINGLE_SEQUENCE = 0xFFFF


class Clock(Protocol):
    """Where the engine gets the time from, in nanoseconds."""

    def monotonic_ns(self) -> int:
        """Time that never steps."""

    def time_ns(self) -> int:
        """Wall time since the epoch."""


@dataclass(frozen=True, slots=True)
class Burst:
    """One round at once instead of rounds spread over an interval.

    `rate` is probes per second, 0 for as fast as they are answered; never more than `window`
    probes wait for a fresh reply, so that no queue on the way overflows (TUN and many network
    cards queue 500 to 1,000 packets). `retries` is how often silence is asked again.
    """

    rate: int = 10_000
    window: int = 384
    retries: int = 0


Targets = Mapping[Family, Iterable[tuple[int, bytes]]]


class WallTime:
    """How far the wall clock is ahead of the monotonic one, and whether it was just set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset = clock.time_ns() - clock.monotonic_ns()
        self.stepped = False

    def measure(self) -> None:
        """Measure wall minus monotonic time; a change is a step of the wall clock."""
        clock = self._clock
        best, offset = 1 << 62, self.offset
        for _ in range(3):
            before = clock.monotonic_ns()
            wall = clock.time_ns()
            width = clock.monotonic_ns() - before
            if width < best:
                best, offset = width, wall - before - width // 2
            if width < 2_000:
                break
        self.stepped = abs(offset - self.offset) > 1_000_000 + best
        if self.stepped or best < 20_000:
            self.offset = offset


@dataclass(slots=True)
class Course:
    """Times are of the monotonic clock, in nanoseconds; `limit` is the longest round trip in us."""

    lanes: dict[Family, Lane]
    interval: int
    timeout: int
    ceiling: float = math.inf  # probes per second, never more
    burst: Burst | None = None
    next_number: int = 1
    hopeless: tuple[int, ...] = ()
    largest_key: int = -1
    round: Round | None = None
    closing: list[Round] = field(default_factory=list)
    asked: dict[int, Single] = field(default_factory=dict)
    deadlines: deque[tuple[int, int]] = field(default_factory=deque)
    round_trip: float = 5_000_000.0  # a typical one, in ns; only for the burst window
    limit: int = field(init=False)
    _next_sequence: int = 0

    def __post_init__(self) -> None:
        self.limit = self.timeout // 1000

    def fleet_rate(self) -> float:
        """Probes per second that the rounds need."""
        count = sum(lane.fleet.count for lane in self.lanes.values())
        return count * SECOND / max(1, self.interval)

    def lane_of(self, single: Single) -> Lane:
        """The lane on which a single probe is sent."""
        family = Family.IPV6 if isinstance(single.source, bytes) else Family.IPV4
        return self.lanes[family]

    @staticmethod
    def still_watched(lane: Lane, wave: Wave, position: int) -> bool:
        """Whether the target of this probe is in the fleet, with the same address."""
        return wave.fleet is lane.fleet or wave.fleet.same(position, lane.fleet)

    def round_of(self, wave: Wave) -> Round | None:
        """The round that waits for this wave, None if it is over."""
        for running in (self.round, *self.closing):
            if running is not None and wave in running.waves:
                return running
        return None

    def new_wave(self, lane: Lane, start: int) -> Wave:
        """Begin to probe a lane's fleet, from a position on."""
        sequence = self._next_sequence
        wave = Wave(lane.fleet, sequence, lane.wire.mark(sequence), start)
        self._next_sequence = (self._next_sequence + 1) % SINGLE_SEQUENCE
        lane.waves[wave.mark] = wave
        lane.current = wave
        lane.recent.clear()
        return wave
