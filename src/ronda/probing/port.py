"""What a prober is asked and what it answers; every engine and the simulator keep this port.

A target is a key (any integer the caller owns, for a fleet the slot of the ONT) and an address.
Replies of the whole fleet travel as one column per sweep (`SweepDone.rtts`), so that what the
caller pays follows what changed and not the size of the fleet.

Times are epoch seconds in UTC; schedules behind them run on the monotonic clock, so a step of the
wall clock moves the stamps of later rounds and never the rounds.
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol


class Cause(IntEnum):
    """Why a reading has, or has not, a round-trip time."""

    REPLY = 0
    SILENT = 1
    UNREACHABLE = 2  # a router or our own kernel said so (ICMP destination unreachable)
    TTL_EXCEEDED = 3  # a routing loop on the way (ICMP time exceeded)
    SEND_FAILED = 4  # the probe never left: no route, no such name, no socket


class Reading(NamedTuple):
    """One probe of one target.

    `rtt_us` is None when no reply came in time; `confirm` is True for a probe asked by `again()`.
    """

    key: int
    at: float
    rtt_us: int | None
    cause: Cause
    confirm: bool


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings since the last report, oldest first: misses, canaries, confirms, unsteady keys."""

    readings: list[Reading]


@dataclass(frozen=True, slots=True)
class SweepDone:
    """One round over the fleet is finished.

    An `uncertain` round lost replies inside our own machine (`dropped` of them, as far as the
    kernel counted) and could not ask again: nobody may be called down on it. A target whose silence
    may be our own loss is 0 in the column and makes no miss reading.
    """

    number: int
    started_at: float
    finished_at: float
    sent: int
    answered: int
    missed: int
    late: int
    duplicates: int
    dropped: int
    uncertain: bool
    # By key, 0 to the largest key: 0 not probed or not known, 1 silent, else the RTT in us.
    rtts: "array[int]"


@dataclass(frozen=True, slots=True)
class Trouble:
    """The prober itself is not well; after a `fatal` one it probes nothing until restarted."""

    at: float
    text: str
    fatal: bool


Report = Readings | SweepDone | Trouble


class Prober(Protocol):
    """Probes a fleet round after round, and a few targets more often.

    No method but `reports` blocks; requests take effect within a few tens of milliseconds.
    """

    @property
    def method(self) -> str:
        """How it probes: 'icmp-datagram', 'icmp-raw', 'ping', 'tcp' or 'simulated'."""

    def watch(self, targets: Mapping[int, str]) -> None:
        """Replace the fleet by these keys (0 or more) and addresses: literals or host names.

        In the round under way a target that stays is neither probed twice nor left out; a new one
        is probed in that round.
        """

    def steady(self, keys: Iterable[int]) -> None:
        """From now on replies of these keys come in the column only; their misses always come."""

    def unsteady(self, keys: Iterable[int]) -> None:
        """From now on every reading of these keys is reported, as it is for a new target."""

    def again(self, keys: Iterable[int], after: float) -> None:
        """Probe each key once more, `after` seconds from now, and report what it gave."""

    def pace(self, interval: float) -> None:
        """Spread the rounds over `interval` seconds each, from the next one on."""

    def canaries(self, targets: Mapping[int, str], every: float) -> None:
        """Replace the canaries (negative keys), probed every few seconds and always reported."""

    def reports(self, wait: float) -> list[Report]:
        """Return what has come since the last call, oldest first; block at most `wait` seconds."""

    def close(self) -> None:
        """Stop probing and free everything; calling it twice is fine."""
