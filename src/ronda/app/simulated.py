"""The prober of a demo that may open no interface: the scenario answers inside the process.

It keeps the prober's port, so that the keeper, the rules and the pages run as they always do; only
nothing is sent. Where an interface may be opened, the fibre is used with the ordinary prober instead.
"""

import heapq
import threading
import time
from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from enum import Enum, auto

from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone
from ronda.simulator.inprocess import Answers

# What stands in the column of a sweep for a target that was not probed, and for a silent one.
UNKNOWN, SILENT, SHORTEST = 0, 1, 2

# Reports are gathered so long, so that the keeper is not woken for each of 400 ONTs.
GATHERED_S = 0.05

# Spreads neighbours in key, which are neighbours on the same ODP, over the round.
GOLDEN = 0x9E3779B1


class _Why(Enum):
    ROUND = auto()
    CONFIRM = auto()
    CANARY = auto()


class Rounds:
    """Rounds over a simulated fleet: pure but for the answers; the time is told by the caller.

    All times are seconds of one steady clock; `ahead` is what to add for epoch seconds.
    """

    def __init__(self, answers: Answers, *, interval: float = 30.0, timeout: float = 1.0) -> None:
        self._answers = answers
        self._interval = interval
        self._span = interval
        self._timeout = timeout
        self._targets: dict[int, str] = {}
        self._canaries: dict[int, str] = {}
        self._canary_round = 0
        self._steady: set[int] = set()
        self._later: list[tuple[float, int, _Why, tuple[int, ...], float, int]] = []
        self._outcomes: list[tuple[float, int, _Why, int, str, float, int | None]] = []
        self._tiebreak = 0
        self._queue: deque[tuple[float, int]] = deque()
        self._probed: dict[int, str] = {}
        self._started: float | None = None
        self._open = 0
        self._number = 0
        self._column: array[int] = array("I")
        self._readings: list[Reading] = []
        self._sweeps: list[SweepDone] = []

    def watch(self, targets: Mapping[int, str], now: float) -> None:
        """Replace the fleet; what is left of the round is what it has not asked yet."""
        self._targets = dict(targets)
        self._steady.intersection_update(self._targets)
        if self._started is not None:
            self._spread(now, self._started + self._span)

    def steady(self, keys: Iterable[int]) -> None:
        """Report replies of these keys in the column only."""
        self._steady.update(keys)

    def unsteady(self, keys: Iterable[int]) -> None:
        """Report every reading of these keys."""
        self._steady.difference_update(keys)

    def again(self, keys: Iterable[int], due: float) -> None:
        """Probe each key once more at that moment."""
        self._at(due, _Why.CONFIRM, tuple(keys))

    def pace(self, interval: float) -> None:
        """Set the length of the rounds from the next one on."""
        self._interval = interval

    def canaries(self, targets: Mapping[int, str], every: float, now: float) -> None:
        """Replace the canaries, and probe them at once."""
        self._canaries = dict(targets)
        self._canary_round += 1
        if self._canaries:
            self._at(now, _Why.CANARY, (), every)

    def due(self) -> float | None:
        """When there will be something to do; None when nothing is planned."""
        moments = [heap[0][0] for heap in (self._later, self._outcomes) if heap]
        if self._queue:
            moments.append(self._queue[0][0])
        elif self._started is not None and not self._open:
            moments.append(self._started + self._span)
        elif self._started is None and self._targets:
            return 0.0
        return min(moments, default=None)

    def turn(self, now: float, ahead: float) -> list[Report]:
        """Do everything that was due until now, and return what came of it."""
        if self._started is None and self._targets:
            self._start(now)
        while (due := self.due()) is not None and due <= now:
            if self._outcomes and self._outcomes[0][0] <= due:
                self._hear(ahead)
            elif self._later and self._later[0][0] <= due:
                self._do_later()
            elif self._queue:
                moment, key = self._queue.popleft()
                self._probed[key] = self._targets[key]
                self._open += 1
                self._send(_Why.ROUND, key, self._targets[key], moment)
            else:
                self._finish(now, ahead)
        return self._reports()

    def _reports(self) -> list[Report]:
        reports: list[Report] = []
        if self._readings:
            reports.append(Readings(self._readings))
            self._readings = []
        reports.extend(self._sweeps)
        self._sweeps = []
        return reports

    def _start(self, now: float) -> None:
        self._number += 1
        self._started = now
        self._span = self._interval
        self._probed = {}
        self._column = array("I", bytes(4 * (max(self._targets, default=-1) + 1)))
        self._spread(now, now + self._span)

    def _spread(self, first: float, last: float) -> None:
        left = [key for key, address in self._targets.items() if self._probed.get(key) != address]
        left.sort(key=lambda key: key * GOLDEN & 0xFFFFFFFF)
        step = max(0.0, last - first) / len(left) if left else 0.0
        self._queue = deque((first + n * step, key) for n, key in enumerate(left))

    def _finish(self, now: float, ahead: float) -> None:
        started = now if self._started is None else self._started
        answered = sum(1 for rtt in self._column if rtt >= SHORTEST)
        missed = sum(1 for rtt in self._column if rtt == SILENT)
        self._sweeps.append(
            SweepDone(
                number=self._number,
                started_at=started + ahead,
                finished_at=now + ahead,
                sent=len(self._probed),
                answered=answered,
                missed=missed,
                late=0,
                duplicates=0,
                dropped=0,
                uncertain=False,
                rtts=self._column,
            )
        )
        self._started = None
        if self._targets:
            # After a machine slept, the rounds that were slept through are not made up for.
            following = started + self._span
            self._start(following if now - following < self._span else now)

    def _at(self, due: float, why: _Why, keys: tuple[int, ...], every: float = 0.0) -> None:
        self._tiebreak += 1
        entry = (due, self._tiebreak, why, keys, every, self._canary_round)
        heapq.heappush(self._later, entry)

    def _do_later(self) -> None:
        due, _, why, keys, every, canary_round = heapq.heappop(self._later)
        book = self._targets
        if why is _Why.CANARY:
            if canary_round != self._canary_round:
                return
            book, keys = self._canaries, tuple(self._canaries)
            self._at(due + every, why, (), every)
        for key in keys:
            if key in book:
                self._send(why, key, book[key], due)

    def _send(self, why: _Why, key: int, address: str, sent: float) -> None:
        rtt_us = self._answers.answer(address, sent)
        if rtt_us is not None and rtt_us > self._timeout * 1e6:
            rtt_us = None
        known = sent + (self._timeout if rtt_us is None else rtt_us / 1e6)
        self._tiebreak += 1
        heapq.heappush(self._outcomes, (known, self._tiebreak, why, key, address, sent, rtt_us))

    def _hear(self, ahead: float) -> None:
        _, _, why, key, address, sent, rtt_us = heapq.heappop(self._outcomes)
        if why is _Why.ROUND:
            self._open -= 1
        book = self._canaries if why is _Why.CANARY else self._targets
        if book.get(key) != address:
            return
        if rtt_us is not None:
            rtt_us = max(rtt_us, SHORTEST)
        if why is _Why.ROUND:
            if key >= len(self._column):
                self._column.extend([UNKNOWN] * (key + 1 - len(self._column)))
            self._column[key] = SILENT if rtt_us is None else rtt_us
            if rtt_us is not None and key in self._steady:
                return
        cause = Cause.SILENT if rtt_us is None else Cause.REPLY
        reading = Reading(key, sent + ahead, rtt_us, cause, confirm=why is _Why.CONFIRM)
        self._readings.append(reading)


class SimulatedProber:
    """`ronda.probing.port.Prober` over a scenario; may be asked from several threads."""

    method = "simulated"

    def __init__(self, answers: Answers, *, interval: float = 30.0, timeout: float = 1.0) -> None:
        self._rounds = Rounds(answers, interval=interval, timeout=timeout)
        self._changed = threading.Condition()
        self._closed = False

    def watch(self, targets: Mapping[int, str]) -> None:
        """Replace the fleet."""
        with self._changed:
            self._rounds.watch(targets, time.monotonic())
            self._changed.notify_all()

    def steady(self, keys: Iterable[int]) -> None:
        """Report replies of these keys in the column only."""
        with self._changed:
            self._rounds.steady(keys)

    def unsteady(self, keys: Iterable[int]) -> None:
        """Report every reading of these keys."""
        with self._changed:
            self._rounds.unsteady(keys)

    def again(self, keys: Iterable[int], after: float) -> None:
        """Probe each key once more, `after` seconds from now."""
        with self._changed:
            self._rounds.again(keys, time.monotonic() + after)
            self._changed.notify_all()

    def pace(self, interval: float) -> None:
        """Spread the rounds over so many seconds, from the next one on."""
        with self._changed:
            self._rounds.pace(interval)

    def canaries(self, targets: Mapping[int, str], every: float) -> None:
        """Replace the canaries."""
        with self._changed:
            self._rounds.canaries(targets, every, time.monotonic())
            self._changed.notify_all()

    def reports(self, wait: float) -> list[Report]:
        """What has come since the last call; blocks at most `wait` seconds."""
        deadline = time.monotonic() + wait
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                found = self._rounds.turn(now, time.time() - now)
                if found or now >= deadline:
                    return found
                due = self._rounds.due()
                later = deadline if due is None else max(due, now + GATHERED_S)
                self._changed.wait(min(deadline, later) - now)
        return []

    def close(self) -> None:
        """Stop; calling it twice is fine."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
