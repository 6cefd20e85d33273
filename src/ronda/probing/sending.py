"""Sending: waves in batches of whole system calls, single probes beside them."""

import errno
from array import array

from ronda.probing.course import SECOND, SINGLE_SEQUENCE, Clock, Course
from ronda.probing.fleet import SINGLES
from ronda.probing.pacing import AT_ONCE, Pacing
from ronda.probing.packets import token
from ronda.probing.port import Cause
from ronda.probing.verdicts import Verdicts
from ronda.probing.wave import SILENT, Lane, Wave

_NO_ROOM = frozenset({errno.ENOBUFS, errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOMEM})
_ONES = array("I", [SILENT]) * AT_ONCE


class Sender:
    """Hands probes to the wires, and waits where the kernel has no room."""

    def __init__(self, course: Course, clock: Clock, pacing: Pacing, verdicts: Verdicts) -> None:
        self._course = course
        self._clock = clock
        self._pacing = pacing
        self._verdicts = verdicts
        self._next_index = 0
        self._single_credit = 0.0
        self.busy = False
        """Whether this turn has sent a part of a wave."""

    def send_singles(self, now: int, passed: int) -> None:
        """Send what is queued beside the rounds, as far as the rate allows."""
        rate = max(1_000.0, 2 * self._course.fleet_rate())
        # The round has the larger share of the ceiling; a tenth is always left for the rest.
        rate = min(
            rate, max(self._course.ceiling - self._course.fleet_rate(), self._course.ceiling / 10)
        )
        most = min(max(64.0, rate / 20), max(1.0, self._course.ceiling / 10))
        if self._course.burst:
            rate, most = float(self._course.burst.rate or 20_000), float(self._course.burst.window)
        self._single_credit = min(self._single_credit + rate * passed / SECOND, most)
        for lane in self._course.lanes.values():
            if lane.ready and now >= lane.hold_until:
                self._send_ready(lane)

    def _send_ready(self, lane: Lane) -> None:
        ready, wire = lane.ready, lane.wire
        self._head(lane, SINGLE_SEQUENCE)
        while ready and self._single_credit >= 1:
            size = min(AT_ONCE, len(ready), int(self._single_credit))
            batch = [ready.popleft() for _ in range(size)]
            indexes = range(self._next_index, self._next_index + len(batch))
            tokens = b"".join([token(SINGLES | index & SINGLES - 1) for index in indexes])
            before = self._clock.monotonic_ns()
            sent, error = wire.send(b"".join([s.name for s in batch]), tokens, len(batch))
            after = lane.sent_at = self._clock.monotonic_ns()
            deadline = after + self._course.timeout
            step = (after - before) // len(batch)
            for number, single in enumerate(batch[:sent]):
                index = SINGLES | (self._next_index + number) & SINGLES - 1
                single.sent = before + number * step
                self._course.asked[index] = single
                self._course.deadlines.append((deadline, index))
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
                self._verdicts.settle_single(rest[0], None, Cause.SEND_FAILED)
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

    def send_wave(self, lane: Lane, now: int, passed: int) -> None:
        """Send what is due of the lane's wave, in batches."""
        wave, running = lane.current, self._course.round
        if wave is None or running is None or wave.cursor >= wave.stop:
            return
        if now < lane.hold_until:
            return
        until = min(wave.stop, wave.cursor + self._pacing.allowed(lane, wave, running, now, passed))
        if until <= wave.cursor:
            return
        self.busy = True
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
                wave.batches.append((after + self._course.timeout, wave.cursor))
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
        self._verdicts.miss(lane, wave, position, Cause.SEND_FAILED)
