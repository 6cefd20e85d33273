"""The rounds: when each target is probed, what its silence means, and what is reported.

One thread, no event loop: `turn` reads all replies, settles what has waited long enough, sends what
is due, and tells how long nothing will be due. Between turns nothing needs to wake up, because the
kernel stamps the replies. The wire and the clock are given, so that tests drive both.

What it keeps, whatever happens:
- Nobody is called silent before every reply that the kernel holds was read.
- A silence during which the kernel dropped replies is asked again, and is unknown if that does
  not help: our own loss is never told as theirs.
- Schedules follow the monotonic clock; a step of the wall clock moves stamps and nothing else.
"""

import errno
import heapq
import math
import operator
from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ronda.probing.fleet import LARGEST_KEY, SINGLES, Fleet
from ronda.probing.packets import COOKIE_BYTES, FULL, Family, token
from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone, Trouble
from ronda.probing.wave import (
    SHORTEST,
    SILENT,
    UNKNOWN,
    Lane,
    Purpose,
    Round,
    Single,
    Wave,
)
from ronda.probing.wire import Negative, Record, Wire

_SECOND = 1_000_000_000
_AT_ONCE = 64
_FULL_READ = 512
_SINGLE_SEQUENCE = 0xFFFF
_NO_ROOM = frozenset({errno.ENOBUFS, errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOMEM})
# Replies wait, they are stamped; so a turn comes only when a batch is due, 20 to 50 ms apart.
# 10,000 targets in 30 s then cost 20 wake-ups a second and not 333.
_SHORTEST_TICK = 20_000_000
_LONGEST_TICK = 50_000_000
_WORTH_A_TURN = 16
_DOUBTS = 3
_ONES = array("I", [SILENT]) * _AT_ONCE


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
        self._clock = clock
        self._ceiling = ceiling
        self._interval = int(interval * _SECOND)
        self._timeout = int(timeout * _SECOND)
        self._limit = self._timeout // 1000  # the longest round-trip time that counts, in us
        self._burst = burst
        self._lanes = {
            family: Lane(wire, Fleet(family, ()), wire.mark(_SINGLE_SEQUENCE))
            for family, wire in wires.items()
        }
        self._hopeless: tuple[int, ...] = ()
        self._largest_key = -1
        self._canaries: dict[int, tuple[Family, bytes, int | bytes]] = {}
        self._canary_every = 5 * _SECOND
        self._round: Round | None = None
        self._closing: list[Round] = []
        self._next_number = first_number
        self._next_sequence = 0
        self._asked: dict[int, Single] = {}
        self._deadlines: deque[tuple[int, int]] = deque()
        self._next_index = 0
        self._later: list[tuple[int, int, Purpose, tuple[int, ...]]] = []
        self._tiebreak = 0
        self._single_credit = 0.0
        self._round_trip = 5_000_000.0  # a typical one, in ns; only for the burst window
        self._offset = clock.time_ns() - clock.monotonic_ns()
        self._stepped = False
        self._busy = False
        self._last_turn = clock.monotonic_ns()
        self._reports: list[Report] = []
        self._readings: list[Reading] = []
        self._warned: set[str] = set()

    # -- requests ------------------------------------------------------------------------------

    def watch(self, targets: Targets, hopeless: Iterable[int] = ()) -> None:
        """Replace the fleet; `hopeless` are keys that cannot be probed at all (no such name)."""
        hopeless = set(hopeless)
        largest = max(hopeless, default=-1)
        for family in Family:
            wanted = list(targets.get(family, ()))
            lane = self._lanes.get(family)
            if lane is None:
                hopeless.update(key for key, _ in wanted)
                if wanted:
                    self._warn(f"no socket for {family.name}: {len(wanted)} targets not probed")
                largest = max(largest, max((key for key, _ in wanted), default=-1))
                continue
            fleet = Fleet(family, wanted)
            largest = max(largest, len(fleet.place) - 1)
            self._replace(lane, fleet)
        if largest > LARGEST_KEY:
            raise ValueError(f"keys must be below {LARGEST_KEY + 1}")
        new = hopeless.difference(self._hopeless)
        self._hopeless = tuple(sorted(hopeless))
        self._largest_key = largest
        if self._round is not None:
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
        current, running = lane.current, self._round
        if running is None or current is None:
            return
        start = fleet.after(old, current.cursor)
        current.stop = current.cursor
        wave = self._new_wave(lane, start)
        running.waves.append(wave)
        for position in range(start):
            if not stays[position]:
                self._second_probe(lane, running, wave, position)

    def steady(self, keys: Iterable[int]) -> None:
        """Report replies of these keys in the column only."""
        self._set_loud(keys, 0)

    def unsteady(self, keys: Iterable[int]) -> None:
        """Report every reading of these keys."""
        self._set_loud(keys, 1)

    def _set_loud(self, keys: Iterable[int], value: int) -> None:
        fleets = [lane.fleet for lane in self._lanes.values()]
        for key in keys:
            for fleet in fleets:
                position = fleet.position(key)
                if position >= 0:
                    fleet.loud[position] = value

    def again(self, keys: Iterable[int], after: float) -> None:
        """Probe each key once more, `after` seconds from now."""
        due = self._clock.monotonic_ns() + int(after * _SECOND)
        self._at(due, Purpose.CONFIRM, tuple(keys))

    def pace(self, interval: float) -> None:
        """Set the length of the rounds from the next one on."""
        self._interval = int(interval * _SECOND)

    def canaries(self, targets: Targets, every: float) -> None:
        """Replace the canaries, probed from now on every `every` seconds."""
        self._canaries = {}
        for family in Family:
            lane = self._lanes.get(family)
            for key, packed in targets.get(family, ()):
                # A key of a fleet cannot be negative, so each canary is laid out on its own.
                one = Fleet(family, [(0, packed)])
                if lane is not None:
                    self._canaries[key] = (family, one.names, one.sources[0])
        self._canary_every = int(every * _SECOND)
        self._later = [entry for entry in self._later if entry[2] is not Purpose.CANARY]
        heapq.heapify(self._later)
        if self._canaries:
            self._at(self._clock.monotonic_ns(), Purpose.CANARY, ())

    def _at(self, due: int, purpose: Purpose, keys: tuple[int, ...]) -> None:
        self._tiebreak += 1
        heapq.heappush(self._later, (due, self._tiebreak, purpose, keys))

    def close(self) -> None:
        """Close the wires; the engine is of no use afterwards."""
        for lane in self._lanes.values():
            lane.wire.close()

    def collect(self) -> list[Report]:
        """Return the reports since the last call, oldest first."""
        self._flush()
        reports, self._reports = self._reports, []
        return reports

    def _flush(self) -> None:
        if self._readings:
            self._reports.append(Readings(self._readings))
            self._readings = []

    def _warn(self, text: str) -> None:
        """Tell a trouble once, until it is over."""
        if text not in self._warned:
            self._warned.add(text)
            self._reports.append(Trouble(self._clock.time_ns() / _SECOND, text, fatal=False))

    # -- one turn ------------------------------------------------------------------------------

    def turn(self) -> float:
        """Do what is due now; return the seconds until the next turn is of use."""
        now = self._clock.monotonic_ns()
        self._busy = False
        self._set_offset()
        for lane in self._lanes.values():
            # With nothing on its way only late replies can come, and those may wait to be counted.
            if self._asked or lane.waiting or now - lane.sent_at < _SECOND:
                self._listen(lane)
            if lane.drained:
                self._settle(lane, now)
        self._settle_singles(now)
        passed = min(now - self._last_turn, _SECOND // 10)
        self._last_turn = now
        self._start_round(now)
        self._send_singles(now, passed)
        for lane in self._lanes.values():
            self._send_wave(lane, now, passed)
        self._finish_rounds()
        return self._wait(now)

    @property
    def finished(self) -> bool:
        """Whether the one round of a burst is over."""
        return self._burst is not None and self._round is None and self._next_number > 1

    def _wait(self, now: int) -> float:
        if self._burst is not None:
            if self._busy:
                return 0.0
            # With all probes gone only replies and deadlines are left, and those can wait.
            sending = any(lane.current and not lane.current.gone for lane in self._lanes.values())
            return 0.0005 if sending else 0.005
        spent = self._clock.monotonic_ns() - now
        tick = int(_WORTH_A_TURN * _SECOND / max(1.0, self._fleet_rate()))
        tick = min(max(tick, _SHORTEST_TICK), _LONGEST_TICK)
        wait = min(max(tick, self._next_due(now) - now), 2 * _LONGEST_TICK)
        return max(0, wait - spent) / _SECOND

    def _next_due(self, now: int) -> int:
        """When the next probe may leave; replies can wait, they are stamped."""
        due = self._later[0][0] if self._later else now + _SECOND
        if self._round is None or any(lane.ready for lane in self._lanes.values()):
            return due if self._round is None and self._largest_key < 0 else now
        due = min(due, self._round.next_at)
        for lane in self._lanes.values():
            wave = lane.current
            if wave is not None and wave.cursor < wave.stop:
                share = self._round.span * (wave.cursor + 1) // wave.fleet.count
                due = min(due, self._round.started + share)
        return due

    def _set_offset(self) -> None:
        """Measure wall minus monotonic time; a change is a step of the wall clock."""
        clock = self._clock
        best, offset = 1 << 62, self._offset
        for _ in range(3):
            before = clock.monotonic_ns()
            wall = clock.time_ns()
            width = clock.monotonic_ns() - before
            if width < best:
                best, offset = width, wall - before - width // 2
            if width < 2_000:
                break
        self._stepped = abs(offset - self._offset) > 1_000_000 + best
        if self._stepped or best < 20_000:
            self._offset = offset

    # -- replies -------------------------------------------------------------------------------

    def _listen(self, lane: Lane) -> None:
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
        if wave is None or self._stepped:
            for record in records:
                self._odd(lane, record)
            return
        fleet = wave.fleet
        expected, column, sent = wave.mark, wave.column, wave.sent
        sources, loud, keys = fleet.sources, fleet.loud, fleet.keys
        offset, limit, count = self._offset, self._limit, fleet.count
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
                    second, shift = seconds, seconds * _SECOND - offset
                rtt = (shift + nanoseconds - sent[index]) // 1000
                if SHORTEST <= rtt <= limit:
                    column[index] = rtt
                    if loud[index]:
                        self._tell(keys[index], sent[index], rtt, Cause.REPLY)
                    continue
            self._odd(lane, record)
        self._round_trip += (max(0, rtt) * 1000 - self._round_trip) / 8

    def _odd(self, lane: Lane, record: Record) -> None:
        """A reply to an older wave or a single probe, a late one, a duplicate, or foreign."""
        source, seconds, nanoseconds, mark, index, inverse = record
        if index ^ inverse != FULL:
            return
        arrived = seconds * _SECOND + nanoseconds - self._offset
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
            if self._round is not None:
                self._round.duplicates += 1
            return
        if wave.column[index] == UNKNOWN:
            return
        rtt = self._round_trip_time(wave.sent[index], arrived)
        if rtt > self._limit or index < wave.settled:
            self._count_late()
            return
        wave.column[index] = rtt
        if wave.fleet.loud[index]:
            self._tell(wave.fleet.keys[index], wave.sent[index], rtt, Cause.REPLY)

    def _round_trip_time(self, sent: int, arrived: int) -> int:
        """In us; by our own reading time where the kernel's stamp is missing or was stepped."""
        now = self._clock.monotonic_ns()
        if not sent <= arrived <= now:
            arrived = now if self._stepped or arrived > now else max(sent, arrived)
        return max(SHORTEST, (arrived - sent) // 1000)

    def _count_late(self) -> None:
        if self._round is not None:
            self._round.late += 1

    def _take_single(self, source: int | bytes, index: int, arrived: int) -> None:
        single = self._asked.get(index)
        if single is None:
            self._count_late()
            return
        if single.source != source:
            return
        if single.settled:
            if self._round is not None:
                self._round.duplicates += 1
            return
        rtt = self._round_trip_time(single.sent, arrived)
        if rtt > self._limit:
            self._count_late()
        else:
            self._settle_single(single, rtt, Cause.REPLY)

    def _note_drops(self, lane: Lane, dropped: int) -> None:
        """The buffer overflowed: doubt all that is on its way, and go slower."""
        lane.doubt = self._clock.monotonic_ns()
        lane.ease = max(lane.ease / 2, 1 / 64)
        if self._round is not None:
            self._round.dropped += dropped

    def _refused(self, lane: Lane, negatives: Iterable[Negative]) -> None:
        """ICMP errors: verdicts on the probes they quote, without waiting for the deadlines."""
        singles: dict[int | bytes, list[Single]] = {}
        if any(negative.sequence == _SINGLE_SEQUENCE for negative in negatives):
            for single in self._asked.values():
                singles.setdefault(single.source, []).append(single)
        for source, sequence, cause in negatives:
            if sequence == _SINGLE_SEQUENCE:
                for single in singles.get(source, ()):
                    if not single.settled:
                        self._settle_single(single, None, cause)
            elif wave := lane.waves.get(lane.wire.mark(sequence)):
                for position in wave.fleet.positions(source):
                    if wave.column[position] == SILENT and position not in wave.causes:
                        wave.causes[position] = cause
                        self._miss(lane, wave, position, cause)

    # -- verdicts ------------------------------------------------------------------------------

    def _settle(self, lane: Lane, now: int) -> None:
        """Give the verdict on every probe whose time was over before we last read."""
        for wave in list(lane.waves.values()):
            batches = wave.batches
            while batches:
                deadline, end = batches[0]
                if deadline > now and self._burst is None:
                    break
                silent = wave.column[wave.settled : end].count(SILENT)
                if deadline > now and silent:
                    break
                batches.popleft()
                start, wave.settled = wave.settled, end
                if silent:
                    self._settle_silent(lane, wave, start, end)

    def _settle_silent(self, lane: Lane, wave: Wave, start: int, end: int) -> None:
        column, causes = wave.column, wave.causes
        running = self._round_of(wave)
        for position in range(start, end):
            if column[position] != SILENT or position in causes:
                continue
            doubtful = wave.sent[position] <= lane.doubt
            if running is not None and (doubtful or (self._burst and self._burst.retries)):
                single = self._second_probe(lane, running, wave, position)
                single.tries, single.doubts = (0, 1) if doubtful else (1, 0)
            else:
                self._miss(lane, wave, position, Cause.SILENT)

    def _round_of(self, wave: Wave) -> Round | None:
        for running in (self._round, *self._closing):
            if running is not None and wave in running.waves:
                return running
        return None

    def _miss(self, lane: Lane, wave: Wave, position: int, cause: Cause) -> None:
        if not self._still_watched(lane, wave, position):
            return
        self._tell(wave.fleet.keys[position], wave.sent[position], None, cause)

    def _still_watched(self, lane: Lane, wave: Wave, position: int) -> bool:
        return wave.fleet is lane.fleet or wave.fleet.same(position, lane.fleet)

    def _tell(
        self, key: int, sent: int, rtt: int | None, cause: Cause, *, confirm: bool = False
    ) -> None:
        self._readings.append(Reading(key, (sent + self._offset) / _SECOND, rtt, cause, confirm))

    def _settle_singles(self, now: int) -> None:
        deadlines = self._deadlines
        if not all(lane.drained for lane in self._lanes.values()):
            return
        while deadlines and deadlines[0][0] <= now:
            index = deadlines.popleft()[1]
            single = self._asked.pop(index)
            if single.settled:
                continue
            lane = self._lane_of(single)
            if single.sent <= lane.doubt:
                single.doubts += 1
                if single.doubts <= _DOUBTS:
                    lane.ready.append(single)
                else:
                    self._leave_unknown(single)
            elif single.round and self._burst and single.tries < self._burst.retries:
                single.tries += 1
                lane.ready.append(single)
            else:
                self._settle_single(single, None, Cause.SILENT)

    def _lane_of(self, single: Single) -> Lane:
        family = Family.IPV6 if isinstance(single.source, bytes) else Family.IPV4
        return self._lanes[family]

    def _leave_unknown(self, single: Single) -> None:
        single.settled = True
        if single.round is not None and single.wave is not None:
            single.wave.column[single.position] = UNKNOWN
            single.round.unknown += 1
            single.round.open_singles -= 1

    def _settle_single(self, single: Single, rtt: int | None, cause: Cause) -> None:
        single.settled = True
        if single.purpose is not Purpose.ROUND:
            confirm = single.purpose is Purpose.CONFIRM
            self._tell(single.key, single.sent, rtt, cause, confirm=confirm)
            return
        running, wave, position = single.round, single.wave, single.position
        assert running is not None  # noqa: S101 -- a probe for a round has one, and says so to mypy
        assert wave is not None  # noqa: S101 -- the same
        running.open_singles -= 1
        lane = self._lane_of(single)
        if rtt is None:
            wave.column[position] = SILENT
            wave.sent[position] = single.sent
            self._miss(lane, wave, position, cause)
            return
        wave.column[position] = rtt
        if wave.fleet.loud[position] and self._still_watched(lane, wave, position):
            self._tell(single.key, single.sent, rtt, cause)

    # -- sending -------------------------------------------------------------------------------

    def _second_probe(self, lane: Lane, running: Round, wave: Wave, position: int) -> Single:
        """Queue a single probe whose verdict goes into the wave's column."""
        fleet = wave.fleet
        single = Single(
            Purpose.ROUND,
            fleet.keys[position],
            fleet.name(position),
            fleet.sources[position],
            round=running,
            wave=wave,
            position=position,
        )
        running.open_singles += 1
        lane.ready.append(single)
        return single

    def _send_singles(self, now: int, passed: int) -> None:
        while self._later and self._later[0][0] <= now:
            due, _, purpose, keys = heapq.heappop(self._later)
            if purpose is Purpose.CANARY:
                self._queue_canaries()
                self._at(max(due + self._canary_every, now), purpose, ())
            else:
                self._queue_confirms(keys)
        rate = max(1_000.0, 2 * self._fleet_rate())
        # The round has the larger share of the ceiling; a tenth is always left for the rest.
        rate = min(rate, max(self._ceiling - self._fleet_rate(), self._ceiling / 10))
        most = min(max(64.0, rate / 20), max(1.0, self._ceiling / 10))
        if self._burst:
            rate, most = float(self._burst.rate or 20_000), float(self._burst.window)
        self._single_credit = min(self._single_credit + rate * passed / _SECOND, most)
        for lane in self._lanes.values():
            if lane.ready and now >= lane.hold_until:
                self._send_ready(lane)

    def _fleet_rate(self) -> float:
        count = sum(lane.fleet.count for lane in self._lanes.values())
        return count * _SECOND / max(1, self._interval)

    def _queue_canaries(self) -> None:
        for key, (family, name, source) in self._canaries.items():
            self._lanes[family].ready.appendleft(Single(Purpose.CANARY, key, name, source))

    def _queue_confirms(self, keys: Iterable[int]) -> None:
        for key in keys:
            for lane in self._lanes.values():
                fleet = lane.fleet
                position = fleet.position(key)
                if position >= 0:
                    name, source = fleet.name(position), fleet.sources[position]
                    lane.ready.append(Single(Purpose.CONFIRM, key, name, source))

    def _send_ready(self, lane: Lane) -> None:
        ready, wire = lane.ready, lane.wire
        self._head(lane, _SINGLE_SEQUENCE)
        while ready and self._single_credit >= 1:
            size = min(_AT_ONCE, len(ready), int(self._single_credit))
            batch = [ready.popleft() for _ in range(size)]
            indexes = range(self._next_index, self._next_index + len(batch))
            tokens = b"".join([token(SINGLES | index & SINGLES - 1) for index in indexes])
            before = self._clock.monotonic_ns()
            sent, error = wire.send(b"".join([s.name for s in batch]), tokens, len(batch))
            after = lane.sent_at = self._clock.monotonic_ns()
            deadline = after + self._timeout
            step = (after - before) // len(batch)
            for number, single in enumerate(batch[:sent]):
                index = SINGLES | (self._next_index + number) & SINGLES - 1
                single.sent = before + number * step
                self._asked[index] = single
                self._deadlines.append((deadline, index))
                if single.round is not None:
                    single.round.sent += 1
            self._next_index += len(batch)
            self._single_credit -= sent
            rest = batch[sent:]
            if error in _NO_ROOM:
                ready.extendleft(reversed(rest))
                self._hold(lane, after)
                return
            lane.hold = 0
            if rest:
                rest[0].sent = after
                self._settle_single(rest[0], None, Cause.SEND_FAILED)
                ready.extendleft(reversed(rest[1:]))

    def _head(self, lane: Lane, sequence: int) -> None:
        if lane.heads != sequence:
            lane.wire.head(sequence)
            lane.heads = sequence

    def _hold(self, lane: Lane, now: int) -> None:
        """The kernel or the card has no room: wait 1, 2, 4 ... at most 64 ms."""
        lane.hold = min(max(2 * lane.hold, 1_000_000), 64_000_000)
        lane.hold_until = now + lane.hold
        lane.credit = 0.0

    def _new_wave(self, lane: Lane, start: int) -> Wave:
        sequence = self._next_sequence
        wave = Wave(lane.fleet, sequence, lane.wire.mark(sequence), start)
        self._next_sequence = (self._next_sequence + 1) % _SINGLE_SEQUENCE
        lane.waves[wave.mark] = wave
        lane.current = wave
        lane.recent.clear()
        return wave

    def _start_round(self, now: int) -> None:
        running = self._round
        if running is not None:
            if (
                self._burst
                or now < running.next_at
                or any(w.cursor < w.stop for w in running.waves)
            ):
                return
            self._closing.append(running)
        elif (self._burst and self._next_number > 1) or (not self._burst and self._largest_key < 0):
            return
        span = self._span(first=running is None)
        # Rounds follow each other without drift, unless we are late by more than one.
        started = now
        if running is not None and now - running.next_at < span:
            started = running.next_at
        self._round = Round(self._next_number, started, (started + self._offset) / _SECOND, span)
        self._next_number += 1
        for lane in self._lanes.values():
            lane.ease = min(1.0, lane.ease * 1.5)
            self._round.waves.append(self._new_wave(lane, 0))
        self._give_up(self._hopeless)

    def _span(self, *, first: bool) -> int:
        """How long this round takes: the interval, or more if the receive buffer is too small.

        The buffer must hold the replies of 250 ms. The first round is quicker than the others,
        because until it is over nothing is known.
        """
        if self._burst:
            return 0
        span = self._interval
        total = sum(lane.fleet.count for lane in self._lanes.values())
        if first:
            quick = max(200.0, 1.2 * total * _SECOND / self._interval)
            span = min(span, int(total / min(quick, self._ceiling * 0.9) * _SECOND))
        allowed = int(total / (self._ceiling * 0.9) * _SECOND)
        if allowed > max(span, self._interval):
            self._warn(
                f"{total} targets need {allowed / _SECOND:.0f} s at no more than "
                f"{self._ceiling:.0f} probes per second: raise the limit or the interval"
            )
        span = max(span, allowed)
        for lane in self._lanes.values():
            slowest = int(lane.fleet.count * _SECOND / (4 * lane.wire.capacity * lane.ease))
            if slowest > span:
                span = slowest
                self._warn(
                    f"the receive buffer holds {lane.wire.capacity} replies: a round over "
                    f"{lane.fleet.count} targets is stretched beyond its interval "
                    "(raise net.core.rmem_max or grant CAP_NET_ADMIN)"
                )
        return span

    def _give_up(self, keys: Iterable[int]) -> None:
        now = self._clock.monotonic_ns()
        for key in keys:
            self._tell(key, now, None, Cause.SEND_FAILED)

    def _send_wave(self, lane: Lane, now: int, passed: int) -> None:
        wave, running = lane.current, self._round
        if wave is None or running is None or wave.cursor >= wave.stop:
            return
        if now < lane.hold_until:
            return
        until = min(wave.stop, wave.cursor + self._allowed(lane, wave, running, now, passed))
        if until <= wave.cursor:
            return
        self._busy = True
        lane.recent.append((now, wave.cursor))
        self._head(lane, wave.sequence)
        fleet, size = wave.fleet, wave.fleet.name_bytes
        monotonic, send = self._clock.monotonic_ns, lane.wire.send
        names, tokens = fleet.names, fleet.tokens
        while wave.cursor < until:
            start = wave.cursor
            end = min(start + int(lane.batch), until)
            before = monotonic()
            left, error = send(
                names[start * size : end * size], tokens[start * 8 : end * 8], end - start
            )
            after = lane.sent_at = monotonic()
            if left:
                wave.sent[start : start + left] = lane.stamps(before, after, left)
                wave.column[start : start + left] = _ONES[:left]
                wave.cursor = start + left
                wave.batches.append((after + self._timeout, wave.cursor))
                running.sent += left
                lane.credit -= left
                lane.hold = 0
            if error in _NO_ROOM:
                self._hold(lane, after)
                break
            if error:
                self._send_failed(lane, wave, after)

    def _send_failed(self, lane: Lane, wave: Wave, now: int) -> None:
        position = wave.cursor
        wave.column[position] = SILENT
        wave.sent[position] = now
        wave.causes[position] = Cause.SEND_FAILED
        wave.cursor = position + 1
        wave.batches.append((now, wave.cursor))
        self._miss(lane, wave, position, Cause.SEND_FAILED)

    def _allowed(self, lane: Lane, wave: Wave, running: Round, now: int, passed: int) -> int:
        """How many may be sent now: what is due, but a backlog only at twice the usual rate."""
        if self._burst is not None:
            return self._allowed_in_burst(lane, wave, now, passed)
        count = wave.fleet.count
        elapsed = now - running.started
        due = count if elapsed >= running.span else count * elapsed // running.span
        rate = 2 * count / max(running.span, 1)
        if self._ceiling < math.inf:
            total = sum(other.fleet.count for other in self._lanes.values())
            rate = min(rate, self._ceiling / _SECOND * count / max(1, total))
        most = min(max(_AT_ONCE, rate * _SECOND / 20), max(1.0, self._ceiling / 10))
        lane.credit = min(lane.credit + rate * passed, most)
        return min(due - wave.cursor, int(lane.credit))

    def _allowed_in_burst(self, lane: Lane, wave: Wave, now: int, passed: int) -> int:
        assert self._burst is not None  # noqa: S101 -- the only caller has looked
        horizon = now - min(max(int(4 * self._round_trip) + 10_000_000, 20_000_000), _SECOND // 4)
        while lane.recent and lane.recent[0][0] < horizon:
            lane.recent.popleft()
        oldest = lane.recent[0][1] if lane.recent else wave.cursor
        fresh = wave.column[oldest : wave.cursor].count(SILENT)
        window = max(16, int(min(self._burst.window, lane.wire.capacity / 2) * lane.ease))
        allowed = window - fresh
        if self._burst.rate:
            rate = self._burst.rate * lane.ease
            lane.credit = min(lane.credit + rate * passed / _SECOND, max(16.0, rate / 100))
            allowed = min(allowed, int(lane.credit))
        # Few at a time would cost a system call each: wait until a batch may go.
        return allowed if allowed >= min(_AT_ONCE, window) // 2 or not fresh else 0

    # -- the end of a round ----------------------------------------------------------------------

    def _finish_rounds(self) -> None:
        while self._closing and self._is_over(self._closing[0]):
            self._finish(self._closing.pop(0))
        running = self._round
        if running is not None and self._burst and self._is_over(running):
            self._round = None
            self._finish(running)

    @staticmethod
    def _is_over(running: Round) -> bool:
        return running.open_singles == 0 and all(wave.done for wave in running.waves)

    def _finish(self, running: Round) -> None:
        self._flush()
        column = self._column(running)
        for lane in self._lanes.values():
            for wave in running.waves:
                lane.waves.pop(wave.mark, None)
        missed = column.count(SILENT)
        self._reports.append(
            SweepDone(
                number=running.number,
                started_at=running.started_at,
                finished_at=self._clock.time_ns() / _SECOND,
                sent=running.sent,
                answered=len(column) - column.count(UNKNOWN) - missed,
                missed=missed,
                late=running.late,
                duplicates=running.duplicates,
                dropped=running.dropped,
                uncertain=running.unknown > 0,
                rtts=column,
            )
        )

    def _column(self, running: Round) -> "array[int]":
        """The round's verdicts by key; of targets that left or moved meanwhile nothing."""
        waves = [wave for wave in running.waves if wave.fleet.count]
        size = self._largest_key + 1
        if len(waves) == 1 and not self._hopeless and self._is_whole(waves[0].fleet, size):
            return array("I", map(waves[0].column.__getitem__, waves[0].fleet.place))
        column = array("I", bytes(4 * size))
        for wave in waves:
            lane = self._lanes[wave.fleet.family]
            for position, key in enumerate(wave.fleet.keys):
                value = wave.column[position]
                if value and self._still_watched(lane, wave, position):
                    column[key] = value
        for key in self._hopeless:
            column[key] = SILENT
        return column

    def _is_whole(self, fleet: Fleet, size: int) -> bool:
        """Whether this fleet is what is watched now, and fills a column of this size."""
        return self._lanes[fleet.family].fleet is fleet and len(fleet.place) == size
