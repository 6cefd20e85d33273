"""The engine: rounds of probes over a fleet, as the parts of this folder do them together.

One thread, no event loop: `turn` reads all replies, settles what has waited long enough, sends what
is due, and tells how long nothing will be due. Between turns nothing needs to wake up, because the
kernel stamps the replies. The wire and the clock are given, so that tests drive both.

What it keeps, whatever happens:
- Nobody is called silent before every reply that the kernel holds was read.
- A silence during which the kernel dropped replies is asked again, and is unknown if that does
  not help: our own loss is never told as theirs.
- Schedules follow the monotonic clock; a step of the wall clock moves stamps and nothing else.
"""

import math
from collections.abc import Iterable, Mapping

from ronda.probing.agenda import Agenda
from ronda.probing.course import SECOND, SINGLE_SEQUENCE, Burst, Clock, Course, Targets, WallTime
from ronda.probing.fleet import LARGEST_KEY, Fleet
from ronda.probing.pacing import Pacing
from ronda.probing.packets import Family
from ronda.probing.port import Cause, Report
from ronda.probing.replies import Replies
from ronda.probing.reporting import Reports
from ronda.probing.sending import Sender
from ronda.probing.verdicts import Verdicts
from ronda.probing.wave import Lane, Round
from ronda.probing.wire import Wire


class Engine:
    """Probes fleets over wires, one per family; a family without a wire cannot be reached."""

    def __init__(
        self,
        wires: Mapping[Family, Wire],
        clock: Clock,
        *,
        interval: float = 30.0,
        timeout: float = 1.0,
        ceiling: float = math.inf,
        burst: Burst | None = None,
        first_number: int = 1,
    ) -> None:
        """Probe rounds of `interval` seconds with never more than `ceiling` probes per second."""
        self.course = course = Course(
            {
                family: Lane(wire, Fleet(family, ()), wire.mark(SINGLE_SEQUENCE))
                for family, wire in wires.items()
            },
            interval=int(interval * SECOND),
            timeout=int(timeout * SECOND),
            ceiling=ceiling,
            burst=burst,
            next_number=first_number,
        )
        self._clock = clock
        self._time = time = WallTime(clock)
        self._last_turn = clock.monotonic_ns()
        self._reports = reports = Reports(course, clock, time)
        self._verdicts = verdicts = Verdicts(course, reports)
        self._replies = Replies(course, clock, time, reports, verdicts)
        self._agenda = agenda = Agenda(course, clock)
        self._pacing = pacing = Pacing(course, clock, agenda, reports)
        self._sender = Sender(course, clock, pacing, verdicts)

    def watch(self, targets: Targets, hopeless: Iterable[int] = ()) -> None:
        """Replace the fleet; `hopeless` are keys that cannot be probed at all (no such name)."""
        hopeless = set(hopeless)
        largest = max(hopeless, default=-1)
        for family in Family:
            wanted = list(targets.get(family, ()))
            lane = self.course.lanes.get(family)
            if lane is None:
                hopeless.update(key for key, _ in wanted)
                if wanted:
                    self._reports.warn(
                        f"no socket for {family.name}: {len(wanted)} targets not probed"
                    )
                largest = max(largest, max((key for key, _ in wanted), default=-1))
                continue
            fleet = Fleet(family, wanted)
            largest = max(largest, len(fleet.place) - 1)
            self._replace(lane, fleet)
        if largest > LARGEST_KEY:
            raise ValueError(f"keys must be below {LARGEST_KEY + 1}")
        new = hopeless.difference(self.course.hopeless)
        self.course.hopeless = tuple(sorted(hopeless))
        self.course.largest_key = largest
        if self.course.round is not None:
            self._give_up(new)

    def _replace(self, lane: Lane, fleet: Fleet) -> None:
        old = lane.fleet
        lane.fleet = fleet
        stays = bytearray(fleet.count)
        if old.count:
            for position in range(fleet.count):
                if fleet.same(position, old):
                    stays[position] = 1
                    fleet.loud[position] = old.loud[old.place[fleet.keys[position]]]
        current, running = lane.current, self.course.round
        if running is None or current is None:
            return
        start = fleet.after(old, current.cursor)
        current.stop = current.cursor
        wave = self.course.new_wave(lane, start)
        running.waves.append(wave)
        for position in range(start):
            if not stays[position]:
                self._verdicts.second_probe(lane, running, wave, position)

    def steady(self, keys: Iterable[int]) -> None:
        """Report replies of these keys in the column only."""
        self._set_loud(keys, 0)

    def unsteady(self, keys: Iterable[int]) -> None:
        """Report every reading of these keys."""
        self._set_loud(keys, 1)

    def _set_loud(self, keys: Iterable[int], value: int) -> None:
        fleets = [lane.fleet for lane in self.course.lanes.values()]
        for key in keys:
            for fleet in fleets:
                position = fleet.position(key)
                if position >= 0:
                    fleet.loud[position] = value

    def pace(self, interval: float) -> None:
        """Set the length of the rounds from the next one on."""
        self.course.interval = int(interval * SECOND)

    def close(self) -> None:
        """Close the wires; the engine is of no use afterwards."""
        for lane in self.course.lanes.values():
            lane.wire.close()

    def again(self, keys: Iterable[int], after: float) -> None:
        """Probe each key once more, `after` seconds from now."""
        self._agenda.again(keys, after)

    def canaries(self, targets: Targets, every: float) -> None:
        """Replace the canaries, probed from now on every `every` seconds."""
        self._agenda.canaries(targets, every)

    def collect(self) -> list[Report]:
        """Return the reports since the last call, oldest first."""
        return self._reports.collect()

    def turn(self) -> float:
        """Do what is due now; return the seconds until the next turn is of use."""
        course, now = self.course, self._clock.monotonic_ns()
        self._sender.busy = False
        self._time.measure()
        for lane in course.lanes.values():
            # With nothing on its way only late replies can come, and those may wait to be counted.
            if course.asked or lane.waiting or now - lane.sent_at < SECOND:
                self._replies.listen(lane)
            if lane.drained:
                self._verdicts.settle(lane, now)
        self._verdicts.settle_singles(now)
        passed = min(now - self._last_turn, SECOND // 10)
        self._last_turn = now
        self._start_round(now)
        self._agenda.queue_due(now)
        self._sender.send_singles(now, passed)
        for lane in course.lanes.values():
            self._sender.send_wave(lane, now, passed)
        self._finish_rounds()
        return self._pacing.wait(now, busy=self._sender.busy)

    @property
    def finished(self) -> bool:
        """Whether the one round of a burst is over."""
        return (
            self.course.burst is not None
            and self.course.round is None
            and self.course.next_number > 1
        )

    def _start_round(self, now: int) -> None:
        course = self.course
        running = course.round
        if running is not None:
            if (
                course.burst
                or now < running.next_at
                or any(w.cursor < w.stop for w in running.waves)
            ):
                return
            course.closing.append(running)
        elif (course.burst and course.next_number > 1) or (
            not course.burst and course.largest_key < 0
        ):
            return
        span = self._pacing.span(first=running is None)
        # Rounds follow each other without drift, unless we are late by more than one.
        started = now
        if running is not None and now - running.next_at < span:
            started = running.next_at
        course.round = Round(
            course.next_number, started, (started + self._time.offset) / SECOND, span
        )
        course.next_number += 1
        for lane in course.lanes.values():
            lane.ease = min(1.0, lane.ease * 1.5)
            course.round.waves.append(course.new_wave(lane, 0))
        self._give_up(course.hopeless)

    def _give_up(self, keys: Iterable[int]) -> None:
        now = self._clock.monotonic_ns()
        for key in keys:
            self._reports.tell(key, now, None, Cause.SEND_FAILED)

    def _finish_rounds(self) -> None:
        while self.course.closing and self._is_over(self.course.closing[0]):
            self._reports.finish(self.course.closing.pop(0))
        running = self.course.round
        if running is not None and self.course.burst and self._is_over(running):
            self.course.round = None
            self._reports.finish(running)

    @staticmethod
    def _is_over(running: Round) -> bool:
        return running.open_singles == 0 and all(wave.done for wave in running.waves)
