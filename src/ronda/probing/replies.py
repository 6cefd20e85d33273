"""Reading the replies: each is matched with its probe, or counted as late, double or foreign."""

import operator
from collections.abc import Iterable

from ronda.probing.course import SECOND, SINGLE_SEQUENCE, Clock, Course, WallTime
from ronda.probing.packets import COOKIE_BYTES, FULL
from ronda.probing.port import Cause
from ronda.probing.reporting import Reports
from ronda.probing.verdicts import Verdicts
from ronda.probing.wave import SHORTEST, SILENT, UNKNOWN, Lane, Single
from ronda.probing.wire import Negative, Record

_FULL_READ = 512


class Replies:
    """Takes in what the wires have received."""

    def __init__(
        self, course: Course, clock: Clock, time: WallTime, reports: Reports, verdicts: Verdicts
    ) -> None:
        self._course = course
        self._clock = clock
        self._time = time
        self._reports = reports
        self._verdicts = verdicts

    def listen(self, lane: Lane) -> None:
        """Read every reply the kernel holds (or 32,768 of them), then what it says it dropped."""
        lane.drained = False
        for _ in range(64):
            records = lane.wire.receive()
            count = operator.length_hint(records)
            if count:
                self._take(lane, records)
            if count < _FULL_READ:
                lane.drained = True
                break
        drops = lane.wire.drops()
        if drops != lane.drops:
            self._note_drops(lane, drops - lane.drops & FULL)
            lane.drops = drops
        negatives = lane.wire.errors()
        if negatives:
            self._refused(lane, negatives)

    def _take(self, lane: Lane, records: Iterable[Record]) -> None:
        """The hot loop: plain replies to the current wave here, the rest in `_odd`."""
        wave = lane.current
        if wave is None or self._time.stepped:
            for record in records:
                self._odd(lane, record)
            return
        fleet = wave.fleet
        expected, column, sent = wave.mark, wave.column, wave.sent
        sources, loud, keys = fleet.sources, fleet.loud, fleet.keys
        offset, limit, count = self._time.offset, self._course.limit, fleet.count
        rtt = second = shift = 0
        for record in records:
            source, seconds, nanoseconds, mark, index, inverse = record
            if (
                mark == expected
                and index ^ inverse == FULL
                and index < count
                and sources[index] == source
                and column[index] == SILENT
            ):
                if seconds != second:
                    second, shift = seconds, seconds * SECOND - offset
                rtt = (shift + nanoseconds - sent[index]) // 1000
                if SHORTEST <= rtt <= limit:
                    column[index] = rtt
                    if loud[index]:
                        self._reports.tell(keys[index], sent[index], rtt, Cause.REPLY)
                    continue
            self._odd(lane, record)
        self._course.round_trip += (max(0, rtt) * 1000 - self._course.round_trip) / 8

    def _odd(self, lane: Lane, record: Record) -> None:
        """A reply to an older wave or a single probe, a late one, a duplicate, or foreign."""
        source, seconds, nanoseconds, mark, index, inverse = record
        if index ^ inverse != FULL:
            return
        arrived = seconds * SECOND + nanoseconds - self._time.offset
        if mark == lane.single_mark:
            self._take_single(source, index, arrived)
            return
        wave = lane.waves.get(mark)
        if wave is None:
            if mark[-COOKIE_BYTES:] == lane.single_mark[-COOKIE_BYTES:]:
                self._count_late()
            return
        if index >= wave.fleet.count or wave.fleet.sources[index] != source:
            return
        if wave.column[index] >= SHORTEST:
            if self._course.round is not None:
                self._course.round.duplicates += 1
            return
        if wave.column[index] == UNKNOWN:
            return
        rtt = self._round_trip_time(wave.sent[index], arrived)
        if rtt > self._course.limit or index < wave.settled:
            self._count_late()
            return
        wave.column[index] = rtt
        if wave.fleet.loud[index]:
            self._reports.tell(wave.fleet.keys[index], wave.sent[index], rtt, Cause.REPLY)

    def _round_trip_time(self, sent: int, arrived: int) -> int:
        """In us; by our own reading time where the kernel's stamp is missing or was stepped."""
        now = self._clock.monotonic_ns()
        if not sent <= arrived <= now:
            arrived = now if self._time.stepped or arrived > now else max(sent, arrived)
        return max(SHORTEST, (arrived - sent) // 1000)

    def _count_late(self) -> None:
        if self._course.round is not None:
            self._course.round.late += 1

    def _take_single(self, source: int | bytes, index: int, arrived: int) -> None:
        single = self._course.asked.get(index)
        if single is None:
            self._count_late()
            return
        if single.source != source:
            return
        if single.settled:
            if self._course.round is not None:
                self._course.round.duplicates += 1
            return
        rtt = self._round_trip_time(single.sent, arrived)
        if rtt > self._course.limit:
            self._count_late()
        else:
            self._verdicts.settle_single(single, rtt, Cause.REPLY)

    def _note_drops(self, lane: Lane, dropped: int) -> None:
        """The buffer overflowed: doubt all that is on its way, and go slower."""
        lane.doubt = self._clock.monotonic_ns()
        lane.ease = max(lane.ease / 2, 1 / 64)
        if self._course.round is not None:
            self._course.round.dropped += dropped

    def _refused(self, lane: Lane, negatives: Iterable[Negative]) -> None:
        """ICMP errors: verdicts on the probes they quote, without waiting for the deadlines."""
        singles: dict[int | bytes, list[Single]] = {}
        if any(negative.sequence == SINGLE_SEQUENCE for negative in negatives):
            for single in self._course.asked.values():
                singles.setdefault(single.source, []).append(single)
        for source, sequence, cause in negatives:
            if sequence == SINGLE_SEQUENCE:
                for single in singles.get(source, ()):
                    if not single.settled:
                        self._verdicts.settle_single(single, None, cause)
            elif wave := lane.waves.get(lane.wire.mark(sequence)):
                for position in wave.fleet.positions(source):
                    if wave.column[position] == SILENT and position not in wave.causes:
                        wave.causes[position] = cause
                        self._verdicts.miss(lane, wave, position, cause)
