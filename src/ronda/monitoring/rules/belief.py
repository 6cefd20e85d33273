"""What is believed about one ONT: its states, what a belief holds, and how one begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from ronda.monitoring.events import OntEvent, Probe


class State(StrEnum):
    """What is believed about one ONT.

    MAINTENANCE is only ever shown, never believed (`service.showing`): an ONT that is DOWN while planned
    work is done there. UNREACHABLE is for a slice to come.
    """

    UNKNOWN = "unknown"
    UP = "up"
    SUSPECT = "suspect"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    MAINTENANCE = "maintenance"
    PAUSED = "paused"


class Sight(IntEnum):
    """Can the poller see? Decided by `blind.Guard`; belongs to the poller, never to an ONT."""

    CLEAR = 0
    DOUBTFUL = 1  # misses count, but nothing goes DOWN yet
    BLIND = 2  # nothing changes


class Reading(Protocol):
    """One probe's result, as `ronda.probing.port.Reading` has it (the key is the ONT's id)."""

    @property
    def at(self) -> float:
        """Epoch seconds UTC at which the probe was sent."""

    @property
    def rtt_us(self) -> int | None:
        """Round trip in microseconds; None: no reply in time."""

    @property
    def cause(self) -> int:
        """0 reply, 1 silent, 2 ICMP unreachable, 3 TTL exceeded, 4 could not be sent."""

    @property
    def confirm(self) -> bool:
        """True for a probe that `Folded.again` asked for."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is believed about one ONT. Make one with `fresh` or `restored`."""

    ont: int
    state: State = State.UNKNOWN
    since: float = 0.0
    """Since when it is up (first reply), down (first missed probe), unknown or paused.

    A suspicion does not end being up: SUSPECT keeps the time of UP, `first_miss` has its own."""
    last_at: float = 0.0
    """Sending time of the last reading that changed anything; older ones are dropped."""
    last_ok: float | None = None
    """Last reply known here. Replies of a settled UP watch do not come here one by one."""
    misses: int = 0
    """Misses in a row while suspecting; kept as the verdict's count in DOWN."""
    first_miss: float | None = None
    """Set while a silence is being confirmed (SUSPECT, or UNKNOWN that never answered) and DOWN."""
    answered: float | None = None
    """DOWN only: the first good reply, while the second is awaited."""
    due: float = 0.0
    """Time of the probe asked for last; no other is asked for before it."""
    provisional: bool = False
    """Taken from the database at a restart and not confirmed by a reading since."""
    probes: tuple[Probe, ...] = ()
    """The evidence of the transition under way, or of the last one."""

    @property
    def steady(self) -> bool:
        """True when a reply would change nothing: the prober need not report it."""
        return self.state is State.UP and not self.provisional

    @property
    def suspecting(self) -> bool:
        """True while confirm probes are being waited for (SUSPECT, or UNKNOWN and silent)."""
        return self.first_miss is not None and self.state is not State.DOWN


class Folded(NamedTuple):
    """What a reading led to. `again`: epoch seconds at which one more probe is wanted, or None."""

    watch: Watch
    events: tuple[OntEvent, ...] = ()
    again: float | None = None


def fresh(ont: int, at: float) -> Watch:
    """The watch of an ONT that nothing is known about (new, resumed, or its address changed)."""
    return Watch(ont, since=at)


def restored(
    ont: int, state: State, since: float, *, last_ok: float | None = None, misses: int = 0
) -> Watch:
    """The watch as the database had it before a restart, to be confirmed by what comes.

    A SUSPECT of before is UP again: its confirm probes died with the process. What the first
    readings then change is on record, but marked `silent`.
    """
    if state is State.SUSPECT:
        state, misses = State.UP, 0
    return Watch(
        ont,
        state,
        since,
        last_ok=last_ok,
        misses=misses,
        first_miss=since if state is State.DOWN else None,
        provisional=state in (State.UP, State.DOWN),
    )


def shifted(watch: Watch, by: float, since: float) -> Watch:
    """The watch after the wall clock jumped by `by` seconds.

    Only times from `since` on (this process's start, on the old clock) move: those before were
    stamped by a clock that was presumably right.
    """

    def move(at: float) -> float:
        return at + by if at >= since else at

    def move_known(at: float | None) -> float | None:
        return None if at is None else move(at)

    return replace(
        watch,
        since=move(watch.since),
        last_at=move(watch.last_at),
        last_ok=move_known(watch.last_ok),
        first_miss=move_known(watch.first_miss),
        answered=move_known(watch.answered),
        due=move(watch.due),
        probes=tuple(probe._replace(at=move(probe.at)) for probe in watch.probes),
    )
