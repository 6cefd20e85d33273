"""A prober on a clock of its own: whole hours of watching in a moment, and nothing sleeps."""

from array import array
from collections.abc import Callable, Iterable, Mapping

from ronda.monitoring.keeper.clocks import Clocks
from ronda.monitoring.keeper.loop import Keeper
from ronda.monitoring.keeper.settings import KeeperSettings
from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone

Line = Callable[[str, float], int | None]

CANARY = "192.0.2.1"


class Clock:
    """Wall and monotonic time that move only when told."""

    def __init__(self, at: float = 1_760_000_000.0) -> None:
        self.at = at
        self.ahead = 0.0

    def wall(self) -> float:
        return self.at + self.ahead

    def monotonic(self) -> float:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += seconds


class ScriptedProber:
    """Probes what `line(address, at)` answers: a round trip in us, or None."""

    method = "simulated"

    def __init__(self, clock: Clock, line: Line) -> None:
        self.clock = clock
        self.line = line
        self.interval = 30.0
        self.targets: dict[int, str] = {}
        self.quiet: set[int] = set()
        self.queue: list[tuple[float, int]] = []
        self.canary: dict[int, str] = {}
        self.canary_every = 5.0
        self.canary_due = 0.0
        self.round_at = clock.at
        self.done: dict[int, int | None] = {}
        self.number = 0
        self.calls: list[str] = []
        self.closed = False
        self.broken: Exception | None = None

    def watch(self, targets: Mapping[int, str]) -> None:
        self.calls.append("watch")
        self.targets = dict(targets)

    def steady(self, keys: Iterable[int]) -> None:
        self.quiet.update(keys)

    def unsteady(self, keys: Iterable[int]) -> None:
        self.quiet.difference_update(keys)

    def again(self, keys: Iterable[int], after: float) -> None:
        self.queue += [(self.clock.at + max(after, 0.01), key) for key in keys]

    def pace(self, interval: float) -> None:
        self.interval = interval

    def canaries(self, targets: Mapping[int, str], every: float) -> None:
        self.canary, self.canary_every = dict(targets), every

    def close(self) -> None:
        self.closed = True

    def reports(self, wait: float) -> list[Report]:
        if self.broken is not None:
            raise self.broken
        self.clock.at += wait
        now = self.clock.at
        readings: list[Reading] = []
        reports: list[Report] = []
        order = sorted(self.targets)
        if now - self.round_at < self.interval:
            passed = (now - self.round_at) / self.interval
            self._probe_round(order[: int(passed * len(order))], readings)
        else:
            self._probe_round(order, readings)
            reports.append(self._finish(now))
        due = [(at, key) for at, key in self.queue if at <= now]
        self.queue = [(at, key) for at, key in self.queue if at > now]
        readings += [
            self._read(key, self.targets[key], at, confirm=True)
            for at, key in sorted(due)
            if key in self.targets
        ]
        if now >= self.canary_due:
            self.canary_due = now + self.canary_every
            readings += [self._read(key, address, now) for key, address in self.canary.items()]
        readings.sort(key=lambda reading: reading.at)
        return [Readings(readings), *reports] if readings else reports

    def _probe_round(self, keys: list[int], readings: list[Reading]) -> None:
        for key in keys:
            if key in self.done:
                continue
            reading = self._read(key, self.targets[key], self.clock.at)
            self.done[key] = reading.rtt_us
            if reading.rtt_us is None or key not in self.quiet:
                readings.append(reading)

    def _finish(self, now: float) -> SweepDone:
        rtts = array("I", [0]) * (max(self.done, default=0) + 1)
        for key, rtt in self.done.items():
            rtts[key] = 1 if rtt is None else rtt
        answered = sum(rtt is not None for rtt in self.done.values())
        self.number += 1
        sweep = SweepDone(
            self.number,
            self.round_at + self.clock.ahead,
            now + self.clock.ahead,
            len(self.done),
            answered,
            len(self.done) - answered,
            0,
            0,
            0,
            False,
            rtts,
        )
        self.round_at = now
        self.done = {}
        return sweep

    def _read(self, key: int, address: str, at: float, confirm: bool = False) -> Reading:
        rtt = self.line(address, at)
        cause = Cause.SILENT if rtt is None else Cause.REPLY
        return Reading(key, at + self.clock.ahead, rtt, cause, confirm)


class Stage:
    """A keeper over a scripted line. `cut` addresses are silent; `cut("*")` cuts our own line."""

    def __init__(self, clock: Clock | None = None, **settings: object) -> None:
        self.clock = clock or Clock()
        self.silent: set[str] = set()
        self.rtts: dict[str, int] = {}
        self.probers: list[ScriptedProber] = []
        values: dict[str, object] = {"canaries": [CANARY, "192.0.2.2"], **settings}
        self.settings = KeeperSettings(**values)
        self.keeper = self.new_keeper()

    def new_keeper(self) -> Keeper:
        return Keeper(
            self.settings,
            self.open_prober,
            clocks=Clocks(self.clock.wall, self.clock.monotonic, self.clock.pass_by),
        )

    def open_prober(self) -> ScriptedProber:
        self.probers.append(ScriptedProber(self.clock, self.line))
        return self.probers[-1]

    def line(self, address: str, at: float) -> int | None:
        return (
            None if "*" in self.silent or address in self.silent else self.rtts.get(address, 5000)
        )

    def begin(self) -> "Stage":
        self.keeper.begin()
        return self

    def run(self, seconds: float, tick: float = 0.5) -> None:
        for _ in range(round(seconds / tick)):
            self.keeper.tick(tick)

    def crash(self) -> None:
        """As kill -9 does: nothing is said and nothing is written."""
        self.keeper = self.new_keeper()
