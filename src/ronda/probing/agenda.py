"""Probes wanted at a certain time beside the rounds: confirmations, and canaries again and again."""

import heapq
from collections.abc import Iterable

from ronda.probing.course import SECOND, Clock, Course, Targets
from ronda.probing.fleet import Fleet
from ronda.probing.packets import Family
from ronda.probing.wave import Purpose, Single


class Agenda:
    """What is to be queued when, earliest first."""

    def __init__(self, course: Course, clock: Clock) -> None:
        self._course = course
        self._clock = clock
        self._canaries: dict[int, tuple[Family, bytes, int | bytes]] = {}
        self._canary_every = 5 * SECOND
        self._later: list[tuple[int, int, Purpose, tuple[int, ...]]] = []
        self._tiebreak = 0

    def again(self, keys: Iterable[int], after: float) -> None:
        """Probe each key once more, `after` seconds from now."""
        due = self._clock.monotonic_ns() + int(after * SECOND)
        self._at(due, Purpose.CONFIRM, tuple(keys))

    def canaries(self, targets: Targets, every: float) -> None:
        """Replace the canaries, probed from now on every `every` seconds."""
        self._canaries = {}
        for family in Family:
            lane = self._course.lanes.get(family)
            for key, packed in targets.get(family, ()):
                # A key of a fleet cannot be negative, so each canary is laid out on its own.
                one = Fleet(family, [(0, packed)])
                if lane is not None:
                    self._canaries[key] = (family, one.names, one.sources[0])
        self._canary_every = int(every * SECOND)
        self._later = [entry for entry in self._later if entry[2] is not Purpose.CANARY]
        heapq.heapify(self._later)
        if self._canaries:
            self._at(self._clock.monotonic_ns(), Purpose.CANARY, ())

    def _at(self, due: int, purpose: Purpose, keys: tuple[int, ...]) -> None:
        self._tiebreak += 1
        heapq.heappush(self._later, (due, self._tiebreak, purpose, keys))

    def next_due(self, otherwise: int) -> int:
        """When the earliest probe is wanted, `otherwise` if none is."""
        return self._later[0][0] if self._later else otherwise

    def queue_due(self, now: int) -> None:
        """Put what is due into the queues of the lanes."""
        while self._later and self._later[0][0] <= now:
            due, _, purpose, keys = heapq.heappop(self._later)
            if purpose is Purpose.CANARY:
                self._queue_canaries()
                self._at(max(due + self._canary_every, now), purpose, ())
            else:
                self._queue_confirms(keys)

    def _queue_canaries(self) -> None:
        for key, (family, name, source) in self._canaries.items():
            self._course.lanes[family].ready.appendleft(Single(Purpose.CANARY, key, name, source))

    def _queue_confirms(self, keys: Iterable[int]) -> None:
        for key in keys:
            for lane in self._course.lanes.values():
                fleet = lane.fleet
                position = fleet.position(key)
                if position >= 0:
                    name, source = fleet.name(position), fleet.sources[position]
                    lane.ready.append(Single(Purpose.CONFIRM, key, name, source))
