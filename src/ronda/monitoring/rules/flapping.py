"""When single changes are no news any more: one notice in, one out.

Judged by time and on confirmed changes only (WentDown, CameBack). Counting checks instead, as
older monitors do, makes the answer depend on the check interval, and confirm probes distort it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from ronda.monitoring.events import SettledDown, StartedFlapping, moment


@dataclass(frozen=True, slots=True)
class FlapPolicy:
    """Flapping from `enter` changes within `window` seconds, until at most `leave` remain in it."""

    enter: int = 4
    leave: int = 1
    window: float = 3600.0


@dataclass(frozen=True, slots=True)
class FlapMemory:
    """One ONT's confirmed changes within the window, oldest first. Empty: `FlapMemory(ont)`."""

    ont: int
    changes: tuple[float, ...] = ()
    since: float | None = None
    """While flapping: the first of the changes that made it so."""
    total: int = 0
    """While flapping: changes since then."""

    @property
    def flapping(self) -> bool:
        """True while single changes are no news."""
        return self.since is not None


class Flapped(NamedTuple):
    """The memory after a change or after time, and the one event it may give."""

    memory: FlapMemory
    events: tuple[StartedFlapping | SettledDown, ...] = ()


DEFAULT = FlapPolicy()


def changed(memory: FlapMemory, at: float, policy: FlapPolicy = DEFAULT) -> Flapped:
    """With one confirmed change at `at` (epoch seconds, not before the last one)."""
    kept = (*_within(memory.changes, at, policy), at)
    if memory.since is not None:
        return Flapped(replace(memory, changes=kept, total=memory.total + 1))
    if len(kept) < policy.enter:
        return Flapped(replace(memory, changes=kept))
    started = StartedFlapping(
        ont=memory.ont, at=moment(at), since=moment(kept[0]), changes=len(kept)
    )
    return Flapped(FlapMemory(memory.ont, kept, since=kept[0], total=len(kept)), (started,))


def settle(memory: FlapMemory, now: float, policy: FlapPolicy = DEFAULT) -> Flapped:
    """With time gone by. Call it every minute or so for the ONTs that are flapping."""
    kept = _within(memory.changes, now, policy)
    if memory.since is None or len(kept) > policy.leave:
        return Flapped(replace(memory, changes=kept))
    settled = SettledDown(
        ont=memory.ont, at=moment(now), since=moment(memory.since), changes=memory.total
    )
    return Flapped(FlapMemory(memory.ont, kept), (settled,))


def _within(changes: tuple[float, ...], now: float, policy: FlapPolicy) -> tuple[float, ...]:
    return tuple(change for change in changes if change > now - policy.window)
