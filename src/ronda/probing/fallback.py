"""Rounds where no ICMP socket is to be had: one target at a time per thread, spread over the round.

The same requests and reports as the engine, at the cost of a thread or a process per probe: right
for hundreds of targets, not for thousands. What `ask` does, the system's ping or a TCP connect,
is given.
"""

import heapq
import threading
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from queue import SimpleQueue

from ronda.probing.course import Clock, Targets
from ronda.probing.fleet import Fleet
from ronda.probing.packets import Family
from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone, Trouble
from ronda.probing.targets import text_of
from ronda.probing.wave import SHORTEST, SILENT, UNKNOWN, Purpose

# Probes one text address within a time and gives the round-trip time in us, or None and the cause.
Ask = Callable[[str, float], tuple[int | None, Cause]]
_SECOND = 1_000_000_000
_Job = tuple[Purpose, int, str, int]  # purpose, key, address, round number
_Done = tuple[_Job, int, int | None, Cause]  # the job, when it was sent, what it gave


class FallbackEngine:
    """Keeps the requests of the port with a bounded number of threads."""

    def __init__(
        self,
        ask: Ask,
        clock: Clock,
        *,
        interval: float = 30.0,
        timeout: float = 1.0,
        threads: int = 64,
        retries: int = 0,
        once: bool = False,
        first_number: int = 1,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._interval = interval
        self._timeout = timeout
        self._threads = threads
        self._retries = retries
        self._once = once
        self._number = first_number - 1
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._done: SimpleQueue[_Done] = SimpleQueue()
        self._running = 0
        self._waiting: deque[_Job] = deque()
        self._order: list[tuple[int, str]] = []  # (key, address) in the order of the phases
        self._addresses: dict[int, str] = {}
        self._hopeless: set[int] = set()
        self._probed: dict[int, str] = {}  # key to the address asked for in this round
        self._cursor = 0
        self._started: int | None = None
        self._started_at = 0.0
        self._open = 0
        self._sent = 0
        self._column: array[int] = array("I")
        self._steady: set[int] = set()
        self._canaries: dict[int, str] = {}
        self._canary_every = 5.0
        self._later: list[tuple[int, int, Purpose, tuple[int, ...]]] = []
        self._tiebreak = 0
        self._readings: list[Reading] = []
        self._reports: list[Report] = []
        self._warned = False
        self._finished = False
        for _ in range(threads):
            threading.Thread(target=self._work, name="ronda-probe", daemon=True).start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            sent = self._clock.time_ns()
            try:
                rtt, cause = self._ask(job[2], self._timeout)
                tries = self._retries if job[0] is Purpose.ROUND else 0
                while rtt is None and tries:
                    tries -= 1
                    rtt, cause = self._ask(job[2], self._timeout)
            except OSError:
                rtt, cause = None, Cause.SEND_FAILED
            self._done.put((job, sent, rtt, cause))

    @property
    def finished(self) -> bool:
        """Whether the one round of `once` is over."""
        return self._finished

    def watch(self, targets: Targets, hopeless: Iterable[int] = ()) -> None:
        """Replace the fleet."""
        order: list[tuple[int, str]] = []
        for family in Family:
            fleet = Fleet(family, targets.get(family, ()))
            texts = (
                _text(family, fleet.sources[position], fleet.name(position))
                for position in range(fleet.count)
            )
            order.extend(zip(fleet.keys, texts, strict=True))
        self._order = order
        self._addresses = dict(order)
        self._steady.intersection_update(self._addresses)
        new = set(hopeless) - self._hopeless
        self._hopeless = set(hopeless)
        if self._started is not None:
            self._give_up(new)
            # What is left of the round is what it has not asked yet.
            self._cursor = 0
            self._order = [pair for pair in order if self._probed.get(pair[0]) != pair[1]]

    def steady(self, keys: Iterable[int]) -> None:
        """Report replies of these keys in the column only."""
        self._steady.update(keys)

    def unsteady(self, keys: Iterable[int]) -> None:
        """Report every reading of these keys."""
        self._steady.difference_update(keys)

    def again(self, keys: Iterable[int], after: float) -> None:
        """Probe each key once more, `after` seconds from now."""
        self._at(self._clock.monotonic_ns() + int(after * _SECOND), Purpose.CONFIRM, tuple(keys))

    def pace(self, interval: float) -> None:
        """Set the length of the rounds from the next one on."""
        self._interval = interval

    def canaries(self, targets: Targets, every: float) -> None:
        """Replace the canaries."""
        self._canaries = {
            key: text_of(family, address)
            for family, pairs in targets.items()
            for key, address in pairs
        }
        self._canary_every = every
        self._later = [entry for entry in self._later if entry[2] is not Purpose.CANARY]
        heapq.heapify(self._later)
        if self._canaries:
            self._at(self._clock.monotonic_ns(), Purpose.CANARY, ())

    def _at(self, due: int, purpose: Purpose, keys: tuple[int, ...]) -> None:
        self._tiebreak += 1
        heapq.heappush(self._later, (due, self._tiebreak, purpose, keys))

    def collect(self) -> list[Report]:
        """Return the reports since the last call, oldest first."""
        self._flush()
        reports, self._reports = self._reports, []
        return reports

    def _flush(self) -> None:
        if self._readings:
            self._reports.append(Readings(self._readings))
            self._readings = []

    def close(self) -> None:
        """Let the threads end after what they are at."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def turn(self) -> float:
        """Take what was answered, hand out what is due; return the seconds until the next turn."""
        while not self._done.empty():
            self._take(self._done.get())
        now = self._clock.monotonic_ns()
        while self._later and self._later[0][0] <= now:
            due, _, purpose, keys = heapq.heappop(self._later)
            if purpose is Purpose.CANARY:
                keys = tuple(self._canaries)
                self._at(max(now, due + int(self._canary_every * _SECOND)), purpose, ())
            book = self._canaries if purpose is Purpose.CANARY else self._addresses
            for key in keys:
                if key in book:
                    self._waiting.appendleft((purpose, key, book[key], self._number))
        self._go_round(now)
        while self._waiting and self._running < self._threads:
            self._running += 1
            self._jobs.put(self._waiting.popleft())
        return 0.005 if self._once else 0.02

    def _go_round(self, now: int) -> None:
        if self._started is None:
            if not (self._addresses or self._hopeless) or self._finished:
                return
            self._start(now)
        assert self._started is not None  # noqa: S101 -- just started if it was not
        span = 0 if self._once else int(self._interval * _SECOND)
        count = len(self._order)
        elapsed = now - self._started
        due = count if elapsed >= span else count * elapsed // span
        while self._cursor < due and len(self._waiting) < 2 * self._threads:
            key, address = self._order[self._cursor]
            self._cursor += 1
            self._open += 1
            self._probed[key] = address
            self._waiting.append((Purpose.ROUND, key, address, self._number))
        if elapsed >= span and self._cursor >= count and not self._open:
            self._finish()
            if not self._once:
                self._start(max(self._started + span, now - span))

    def _start(self, now: int) -> None:
        self._number += 1
        self._started = now
        self._started_at = self._clock.time_ns() / _SECOND
        self._cursor = self._sent = 0
        self._probed = {}
        self._order = list(self._addresses.items())
        self._column = array("I", bytes(4 * (self._largest() + 1)))
        self._give_up(self._hopeless)
        needed = len(self._order) * self._timeout / self._threads
        if needed > self._interval and not self._warned:
            self._warned = True
            text = (
                f"{len(self._order)} targets are too many to probe one at a time: a round over "
                f"silent ones takes {needed:.0f} s instead of {self._interval:.0f} s"
            )
            self._reports.append(Trouble(self._started_at, text, fatal=False))

    def _largest(self) -> int:
        return max(max(self._addresses, default=-1), max(self._hopeless, default=-1))

    def _give_up(self, keys: Iterable[int]) -> None:
        at = self._clock.time_ns() / _SECOND
        self._readings.extend(
            Reading(key, at, None, Cause.SEND_FAILED, confirm=False) for key in keys
        )

    def _take(self, done: _Done) -> None:
        (purpose, key, address, number), sent, rtt, cause = done
        self._running -= 1
        if rtt is not None:
            rtt = max(rtt, SHORTEST)
        confirm = purpose is Purpose.CONFIRM
        if purpose is Purpose.ROUND:
            if number == self._number:
                self._open -= 1
                self._sent += 1
            if self._addresses.get(key) != address:
                return
            if key >= len(self._column):
                self._column.extend([UNKNOWN] * (key + 1 - len(self._column)))
            self._column[key] = rtt or SILENT
        if purpose is not Purpose.ROUND or rtt is None or key not in self._steady:
            self._readings.append(Reading(key, sent / _SECOND, rtt, cause, confirm))

    def _finish(self) -> None:
        self._flush()
        size = self._largest() + 1
        column = self._column[:size]
        column.extend([UNKNOWN] * (size - len(column)))
        for key in range(size):
            if key not in self._addresses:
                column[key] = SILENT if key in self._hopeless else UNKNOWN
        missed = column.count(SILENT)
        self._reports.append(
            SweepDone(
                number=self._number,
                started_at=self._started_at,
                finished_at=self._clock.time_ns() / _SECOND,
                sent=self._sent,
                answered=size - column.count(UNKNOWN) - missed,
                missed=missed,
                late=0,
                duplicates=0,
                dropped=0,
                uncertain=False,
                rtts=column,
            )
        )
        self._finished = self._once


def _text(family: Family, source: int | bytes, name: bytes) -> str:
    return text_of(family, source if isinstance(source, bytes) else name[4:8])
