"""How fast: the length of a round, how many probes may leave now, and when the next turn is of use."""

import math

from ronda.probing.agenda import Agenda
from ronda.probing.course import SECOND, Clock, Course
from ronda.probing.reporting import Reports
from ronda.probing.wave import SILENT, Lane, Round, Wave

# How many go out in one system call at most.
AT_ONCE = 64
# Replies wait, they are stamped; so a turn comes only when a batch is due, 20 to 50 ms apart.
# 10,000 targets in 30 s then cost 20 wake-ups a second and not 333.
_SHORTEST_TICK = 20_000_000
_LONGEST_TICK = 50_000_000
_WORTH_A_TURN = 16


class Pacing:
    """Keeps to the interval, the ceiling, and what the receive buffers hold."""

    def __init__(self, course: Course, clock: Clock, agenda: Agenda, reports: Reports) -> None:
        self._course = course
        self._clock = clock
        self._agenda = agenda
        self._reports = reports

    def span(self, *, first: bool) -> int:
        """How long this round takes: the interval, or more if the receive buffer is too small.

        The buffer must hold the replies of 250 ms. The first round is quicker than the others,
        because until it is over nothing is known.
        """
        if self._course.burst:
            return 0
        span = self._course.interval
        total = sum(lane.fleet.count for lane in self._course.lanes.values())
        if first:
            quick = max(200.0, 1.2 * total * SECOND / self._course.interval)
            span = min(span, int(total / min(quick, self._course.ceiling * 0.9) * SECOND))
        allowed = int(total / (self._course.ceiling * 0.9) * SECOND)
        if allowed > max(span, self._course.interval):
            self._reports.warn(
                f"{total} targets need {allowed / SECOND:.0f} s at no more than "
                f"{self._course.ceiling:.0f} probes per second: raise the limit or the interval"
            )
        span = max(span, allowed)
        for lane in self._course.lanes.values():
            slowest = int(lane.fleet.count * SECOND / (4 * lane.wire.capacity * lane.ease))
            if slowest > span:
                span = slowest
                self._reports.warn(
                    f"the receive buffer holds {lane.wire.capacity} replies: a round over "
                    f"{lane.fleet.count} targets is stretched beyond its interval "
                    "(raise net.core.rmem_max or grant CAP_NET_ADMIN)"
                )
        return span

    def allowed(self, lane: Lane, wave: Wave, running: Round, now: int, passed: int) -> int:
        """How many may be sent now: what is due, but a backlog only at twice the usual rate."""
        if self._course.burst is not None:
            return self._in_burst(lane, wave, now, passed)
        count = wave.fleet.count
        elapsed = now - running.started
        due = count if elapsed >= running.span else count * elapsed // running.span
        rate = 2 * count / max(running.span, 1)
        if self._course.ceiling < math.inf:
            total = sum(other.fleet.count for other in self._course.lanes.values())
            rate = min(rate, self._course.ceiling / SECOND * count / max(1, total))
        most = min(max(AT_ONCE, rate * SECOND / 20), max(1.0, self._course.ceiling / 10))
        lane.credit = min(lane.credit + rate * passed, most)
        return min(due - wave.cursor, int(lane.credit))

    def _in_burst(self, lane: Lane, wave: Wave, now: int, passed: int) -> int:
        assert self._course.burst is not None  # noqa: S101 -- the only caller has looked
        horizon = now - min(
            max(int(4 * self._course.round_trip) + 10_000_000, 20_000_000), SECOND // 4
        )
        while lane.recent and lane.recent[0][0] < horizon:
            lane.recent.popleft()
        oldest = lane.recent[0][1] if lane.recent else wave.cursor
        fresh = wave.column[oldest : wave.cursor].count(SILENT)
        window = max(16, int(min(self._course.burst.window, lane.wire.capacity / 2) * lane.ease))
        allowed = window - fresh
        if self._course.burst.rate:
            rate = self._course.burst.rate * lane.ease
            lane.credit = min(lane.credit + rate * passed / SECOND, max(16.0, rate / 100))
            allowed = min(allowed, int(lane.credit))
        # Few at a time would cost a system call each: wait until a batch may go.
        return allowed if allowed >= min(AT_ONCE, window) // 2 or not fresh else 0

    def wait(self, now: int, *, busy: bool) -> float:
        """Seconds until the next turn is of use; `busy` says that this one has sent."""
        if self._course.burst is not None:
            if busy:
                return 0.0
            # With all probes gone only replies and deadlines are left, and those can wait.
            sending = any(
                lane.current and not lane.current.gone for lane in self._course.lanes.values()
            )
            return 0.0005 if sending else 0.005
        spent = self._clock.monotonic_ns() - now
        tick = int(_WORTH_A_TURN * SECOND / max(1.0, self._course.fleet_rate()))
        tick = min(max(tick, _SHORTEST_TICK), _LONGEST_TICK)
        wait = min(max(tick, self._next_due(now) - now), 2 * _LONGEST_TICK)
        return max(0, wait - spent) / SECOND

    def _next_due(self, now: int) -> int:
        """When the next probe may leave; replies can wait, they are stamped."""
        due = self._agenda.next_due(now + SECOND)
        if self._course.round is None or any(lane.ready for lane in self._course.lanes.values()):
            return due if self._course.round is None and self._course.largest_key < 0 else now
        due = min(due, self._course.round.next_at)
        for lane in self._course.lanes.values():
            wave = lane.current
            if wave is not None and wave.cursor < wave.stop:
                share = self._course.round.span * (wave.cursor + 1) // wave.fleet.count
                due = min(due, self._course.round.started + share)
        return due
