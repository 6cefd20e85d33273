"""Who is on call: people in turns, and who takes whose place: pure.

Handovers follow the wall clock of the rota's zone, so that a turn begins at eight in the morning on
both sides of a change of the clock.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

MOST_SHIFTS = 500


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody takes the place of whoever is on call from `begin` to before `end`."""

    person: str
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Rota:
    """People in the order of their turns; `first` is the wall-clock time of one handover, to the first of them.

    Those in `away` (deactivated) are passed over; of several overrides at one time the last counts.
    """

    people: tuple[str, ...]
    first: datetime  # naive, in `zone`
    days: int
    zone: str
    overrides: tuple[Override, ...] = ()
    away: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call from when to when; None is nobody. `swapped` says that it is not their turn."""

    begin: datetime
    end: datetime
    person: str | None
    swapped: bool = False


def on_call(rota: Rota, at: datetime) -> str | None:
    """Who is on call at that time, None where nobody is left."""
    return _who(rota, at)[0]


def _who(rota: Rota, at: datetime) -> tuple[str | None, bool]:
    for override in reversed(rota.overrides):
        if override.begin <= at < override.end and override.person not in rota.away:
            return override.person, True
    turn = _turn(rota, at)
    for passed in range(len(rota.people)):
        person = rota.people[(turn + passed) % len(rota.people)]
        if person not in rota.away:
            return person, False
    return None, False


def _turn(rota: Rota, at: datetime) -> int:
    local = at.astimezone(ZoneInfo(rota.zone)).replace(tzinfo=None)
    return (local - rota.first) // timedelta(days=rota.days)


def _handover(rota: Rota, turn: int) -> datetime:
    local = rota.first + turn * timedelta(days=rota.days)
    return local.replace(tzinfo=ZoneInfo(rota.zone)).astimezone(UTC)


def shifts(rota: Rota, begin: datetime, end: datetime) -> list[Shift]:
    """Who is on call from `begin` to `end`, in order and without gaps; at most 500 shifts."""
    turn = _turn(rota, begin)
    edges = {begin, end}
    while (handover := _handover(rota, turn)) < end and len(edges) < MOST_SHIFTS:
        edges.add(handover)
        turn += 1
    for override in rota.overrides:
        edges |= {override.begin, override.end}
    found: list[Shift] = []
    inside = sorted(edge for edge in edges if begin <= edge <= end)
    for start, stop in pairwise(inside):
        person, swapped = _who(rota, start)
        same = bool(found) and (found[-1].person, found[-1].swapped) == (person, swapped)
        if same and (swapped or not _is_turn(rota, start)):
            found[-1] = replace(found[-1], end=stop)
        else:
            found.append(Shift(start, stop, person, swapped))
    return found


def _is_turn(rota: Rota, at: datetime) -> bool:
    return _handover(rota, _turn(rota, at)) == at
