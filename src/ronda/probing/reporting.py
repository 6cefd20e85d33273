"""What the engine tells: readings as they come, troubles once, and a column when a round is over."""

from array import array

from ronda.probing.course import SECOND, Clock, Course, WallTime
from ronda.probing.fleet import Fleet
from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone, Trouble
from ronda.probing.wave import SILENT, UNKNOWN, Round


class Reports:
    """The reports that wait to be collected."""

    def __init__(self, course: Course, clock: Clock, time: WallTime) -> None:
        self._course = course
        self._clock = clock
        self._time = time
        self._waiting: list[Report] = []
        self._readings: list[Reading] = []
        self._warned: set[str] = set()

    def collect(self) -> list[Report]:
        """Return the reports since the last call, oldest first."""
        self._flush()
        reports, self._waiting = self._waiting, []
        return reports

    def _flush(self) -> None:
        if self._readings:
            self._waiting.append(Readings(self._readings))
            self._readings = []

    def warn(self, text: str) -> None:
        """Tell a trouble once, until it is over."""
        if text not in self._warned:
            self._warned.add(text)
            self._waiting.append(Trouble(self._clock.time_ns() / SECOND, text, fatal=False))

    def tell(
        self, key: int, sent: int, rtt: int | None, cause: Cause, *, confirm: bool = False
    ) -> None:
        """One reading of one target."""
        self._readings.append(
            Reading(key, (sent + self._time.offset) / SECOND, rtt, cause, confirm)
        )

    def finish(self, running: Round) -> None:
        """The round is over: its column and counts."""
        self._flush()
        column = self._column(running)
        for lane in self._course.lanes.values():
            for wave in running.waves:
                lane.waves.pop(wave.mark, None)
        missed = column.count(SILENT)
        self._waiting.append(
            SweepDone(
                number=running.number,
                started_at=running.started_at,
                finished_at=self._clock.time_ns() / SECOND,
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
        size = self._course.largest_key + 1
        if len(waves) == 1 and not self._course.hopeless and self._is_whole(waves[0].fleet, size):
            return array("I", map(waves[0].column.__getitem__, waves[0].fleet.place))
        column = array("I", bytes(4 * size))
        for wave in waves:
            lane = self._course.lanes[wave.fleet.family]
            for position, key in enumerate(wave.fleet.keys):
                value = wave.column[position]
                if value and self._course.still_watched(lane, wave, position):
                    column[key] = value
        for key in self._course.hopeless:
            column[key] = SILENT
        return column

    def _is_whole(self, fleet: Fleet, size: int) -> bool:
        """Whether this fleet is what is watched now, and fills a column of this size."""
        return self._course.lanes[fleet.family].fleet is fleet and len(fleet.place) == size
