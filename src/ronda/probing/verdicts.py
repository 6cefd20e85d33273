"""When silence is a verdict, when it is asked again, and when it proves nothing."""

from ronda.probing.course import Course
from ronda.probing.port import Cause
from ronda.probing.reporting import Reports
from ronda.probing.wave import SILENT, UNKNOWN, Lane, Purpose, Round, Single, Wave

_DOUBTS = 3


class Verdicts:
    """Decides over every probe once its time is over or an answer came."""

    def __init__(self, course: Course, reports: Reports) -> None:
        self._course = course
        self._reports = reports

    def settle(self, lane: Lane, now: int) -> None:
        """Give the verdict on every probe whose time was over before we last read."""
        for wave in list(lane.waves.values()):
            batches = wave.batches
            while batches:
                deadline, end = batches[0]
                if deadline > now and self._course.burst is None:
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
        running = self._course.round_of(wave)
        for position in range(start, end):
            if column[position] != SILENT or position in causes:
                continue
            doubtful = wave.sent[position] <= lane.doubt
            if running is not None and (
                doubtful or (self._course.burst and self._course.burst.retries)
            ):
                single = self.second_probe(lane, running, wave, position)
                single.tries, single.doubts = (0, 1) if doubtful else (1, 0)
            else:
                self.miss(lane, wave, position, Cause.SILENT)

    def miss(self, lane: Lane, wave: Wave, position: int, cause: Cause) -> None:
        """No reply came; told unless nobody watches the target any more."""
        if not self._course.still_watched(lane, wave, position):
            return
        self._reports.tell(wave.fleet.keys[position], wave.sent[position], None, cause)

    def settle_singles(self, now: int) -> None:
        """Give the verdict on every single probe whose time is over."""
        deadlines = self._course.deadlines
        if not all(lane.drained for lane in self._course.lanes.values()):
            return
        while deadlines and deadlines[0][0] <= now:
            index = deadlines.popleft()[1]
            single = self._course.asked.pop(index)
            if single.settled:
                continue
            lane = self._course.lane_of(single)
            if single.sent <= lane.doubt:
                single.doubts += 1
                if single.doubts <= _DOUBTS:
                    lane.ready.append(single)
                else:
                    self._leave_unknown(single)
            elif single.round and self._course.burst and single.tries < self._course.burst.retries:
                single.tries += 1
                lane.ready.append(single)
            else:
                self.settle_single(single, None, Cause.SILENT)

    def _leave_unknown(self, single: Single) -> None:
        single.settled = True
        if single.round is not None and single.wave is not None:
            single.wave.column[single.position] = UNKNOWN
            single.round.unknown += 1
            single.round.open_singles -= 1

    def settle_single(self, single: Single, rtt: int | None, cause: Cause) -> None:
        """Give this verdict; where it belongs to a round, its column has it too."""
        single.settled = True
        if single.purpose is not Purpose.ROUND:
            confirm = single.purpose is Purpose.CONFIRM
            self._reports.tell(single.key, single.sent, rtt, cause, confirm=confirm)
            return
        running, wave, position = single.round, single.wave, single.position
        assert running is not None  # noqa: S101 -- a probe for a round has one, and says so to mypy
        assert wave is not None  # noqa: S101 -- the same
        running.open_singles -= 1
        lane = self._course.lane_of(single)
        if rtt is None:
            wave.column[position] = SILENT
            wave.sent[position] = single.sent
            self.miss(lane, wave, position, cause)
            return
        wave.column[position] = rtt
        if wave.fleet.loud[position] and self._course.still_watched(lane, wave, position):
            self._reports.tell(single.key, single.sent, rtt, cause)

    def second_probe(self, lane: Lane, running: Round, wave: Wave, position: int) -> Single:
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
