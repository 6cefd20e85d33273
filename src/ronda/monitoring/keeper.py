"""The process behind `ronda watch`: asks the prober, folds what it answers, writes what changed.

One thread, one loop: hear the prober, let the blind guard judge, step the beliefs, write the batch,
tell the prober what is wanted next. Only one keeper of a name writes at a time; a second one waits
for its turn and takes over when the first dies.

Trouble is shown and lived through: while the database is away, what is to be written waits here
(bounded; beyond that the time is recorded as unobserved); a prober that fails or falls silent is
opened again.

What it tells the feed, besides `monitoring.transitions` and `monitoring.misses` (the ids of ONTs whose
misses in a row went on):

* `monitoring.swept` after each round: `{poller, number, at, took_s, sent, answered, missed, uncertain}`
* `monitoring.poller`: `{poller, state, cause, text, at}` with `state` one of `blind`, `trouble` and
  `recovered`, and `cause` one of `blind`, `prober` and `database`
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection, transaction
from django.utils.translation import gettext_noop

from ronda.monitoring import canaries
from ronda.monitoring.events import BlindBegan, BlindEnded, moment
from ronda.monitoring.models import Poller, Unobserved
from ronda.monitoring.rules import clockwatch
from ronda.monitoring.rules.belief import Sight, State
from ronda.monitoring.rules.blind import guarding, judge, unwatched
from ronda.monitoring.rules.policy import DEFAULT, Policy
from ronda.monitoring.service.batch import Column, Gap, Jump
from ronda.monitoring.service.drift import Drift
from ronda.monitoring.service.fleet import Roll, known, roll_call
from ronda.monitoring.service.fold import Fold
from ronda.monitoring.service.ledger import Ledger, LostTurn
from ronda.monitoring.service.maintenance import covered
from ronda.probing.port import Prober, Readings, Report, SweepDone, Trouble
from ronda.storage.database import wait_for_writers
from ronda.storage.turn import Turn
from ronda.work import feed

log = structlog.get_logger(__name__)

SWEPT = "monitoring.swept"
POLLER = "monitoring.poller"
DEVICES = "devices.changed"

# The confirm probes of a second ago cannot wait for another writer as long as a page can.
WRITE_PATIENCE_S = 3.0

# More changed ONTs than this in one look at the feed: reading the whole list is cheaper.
MANY = 2000


class ReadAgain(Exception):
    """The database is another one than before (restored from a backup): begin anew."""


@dataclass(frozen=True, slots=True)
class KeeperSettings:
    """What a keeper must be told. Times in seconds."""

    name: str = "main"
    interval: float = 30.0
    canaries: Sequence[str] = ()
    read_interval: Callable[[], float] | None = None
    """Asked every few seconds; what it answers is the interval from the next round on."""
    policy: Policy = DEFAULT
    wait: float = 0.5
    turn_every: float = 1.0
    """How often a keeper that waits for its turn asks for it."""
    follow_every: float = 1.0
    alive_every: float = 5.0
    canary_every: float = 5.0
    settle_every: float = 60.0
    grace: float = 30.0
    """A gap in watching that is longer than this is unobserved time."""
    most_waiting: int = 50_000
    """Changes that may wait for the database."""
    most_columns: int = 240


@dataclass(slots=True)
class Due:
    """When what is done every few seconds comes next, on the monotonic clock."""

    at: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def now(self, what: str, monotonic: float, every: float) -> bool:
        """Whether it is time; if so, the next time is `every` seconds later."""
        if monotonic < self.at[what]:
            return False
        self.at[what] = monotonic + every
        return True


def boot_time() -> float:
    """A clock that never jumps and, where the system has one, runs on through suspend."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def run(settings: KeeperSettings, open_prober: Callable[[], Prober], stop: threading.Event) -> None:
    """Watch until `stop` is set; wait for the turn first, and again whenever it was lost."""
    turn = Turn(f"keeper-{settings.name}")
    pause = 1.0
    while not stop.is_set():
        try:
            if not turn.take():
                stop.wait(settings.turn_every)
                continue
            Keeper(settings, open_prober, still_ours=turn.take).watch(stop)
            pause = 1.0
        except (LostTurn, ReadAgain) as reason:
            log.warning("keeper begins anew", poller=settings.name, reason=type(reason).__name__)
        except DatabaseTrouble as error:
            log.warning("the database cannot be used", error=str(error))
            drop_connection()
            stop.wait(pause)
            pause = min(10.0, pause * 2)
    turn.give_back()


def drop_connection() -> None:
    """After an error: let the next statement open a new connection, unless a transaction is ours."""
    if not connection.in_atomic_block:
        close_old_connections()
        wait_for_writers(WRITE_PATIENCE_S)


class Keeper:
    """One turn of watching."""

    def __init__(
        self,
        settings: KeeperSettings,
        open_prober: Callable[[], Prober],
        *,
        still_ours: Callable[[], bool] = lambda: True,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = boot_time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare; nothing happens before `begin`.

        Args:
            still_ours: asked after the database was away, for a lock dies with its connection.
            wall: epoch seconds.
            monotonic: seconds on a clock that never jumps.
            sleep: waits while there is no prober to wait for.
        """
        self._sleep = sleep
        self._still_ours = still_ours
        self.settings = settings
        self.wall = wall
        self.monotonic = monotonic
        self._open_prober = open_prober
        self.prober: Prober | None = None
        self.interval = settings.interval
        self.fold = Fold(settings.policy, interval=settings.interval)
        self.drift = Drift(self.fold)
        self.chosen = canaries.choose(settings.canaries)
        self.guard = guarding({key: canary.domain for key, canary in self.chosen.items()})
        self.clocks = clockwatch.started(wall(), monotonic())
        self.began = wall()
        self.due = Due()
        self.ledger = Ledger(settings.name, moment(0))
        self.cursor = 0
        self.sweeps = 0
        self.has_heard = False
        self.trouble = ""
        self.heard_at = monotonic()
        self.deaf_since: float | None = None
        self.reopen_after = 1.0
        self.frozen_since: float | None = None
        self.database_away_since: float | None = None
        self.ticked_at = monotonic()

    # A turn

    def watch(self, stop: threading.Event) -> None:
        """Take over from the last keeper and watch until `stop` is set.

        Raises:
            LostTurn: another keeper took over.
            ReadAgain: the database was replaced.
            django.db.Error: the database refused before the watch had begun.
        """
        self.begin()
        try:
            while not stop.is_set():
                self.tick(self.settings.wait)
            self.end()
        finally:
            self._close_prober()

    def begin(self) -> None:
        """Write that this keeper watches now, and take over what the last one believed."""
        now = self.began = self.wall()
        self.ticked_at = self.heard_at = self.monotonic()
        self.clocks = clockwatch.started(now, self.ticked_at)
        wait_for_writers(WRITE_PATIENCE_S)
        self._take_row(now)
        self.cursor = feed.last_id()
        before = known(now)
        self.fold.restore(before.watches, before.shown, before.flaps)
        self.fold.maintain(covered(moment(now)), now)
        self._take_roll(roll_call(), now)
        self.fold.asks.clear()  # the first round asks everybody anyway
        self.ledger.put(self.fold.take_batch())
        self._write()
        log.info("watch begins", poller=self.settings.name, onts=len(self.fold.members))
        self._open(now)

    def end(self) -> None:
        """Write what waits and the last mark of life."""
        batch = self.fold.take_batch()
        batch.poller["alive_at"] = moment(self.wall())
        self.ledger.put(batch)
        self._write()

    def tick(self, wait: float) -> None:
        """One pass of the loop."""
        reports = self._hear(wait)
        now, monotonic = self.wall(), self.monotonic()
        self._look_at_clock(now, monotonic)
        self._note_standstill(now, monotonic)
        self._judge(reports, now)
        for report in reports:
            if isinstance(report, Readings):
                for reading in report.readings:
                    if reading.key >= 0:
                        self.fold.hear(reading)
        self._advance_drift()
        if self.due.now("follow", monotonic, self.settings.follow_every):
            self._follow(now)
        if self.due.now("settle", monotonic, self.settings.settle_every):
            self.fold.settle_flaps(now)
        if self.due.now("alive", monotonic, self.settings.alive_every):
            self._pace()
            self._look_for_work(now)
            self.fold.batch.poller |= {"alive_at": moment(now), "canaries": self._canary_ages(now)}
        self._wish(now)
        self.ledger.put(self.fold.take_batch())
        self._write()

    # Beginning

    def _take_row(self, now: float) -> None:
        """Put this keeper's mark on the poller's row; what nobody watched is unobserved."""
        name = self.settings.name
        turn = moment(now)
        with transaction.atomic():
            row = Poller.objects.select_for_update().filter(name=name).first()
            if row is None:
                row = Poller(name=name, interval_s=self.interval)
            else:
                turn = max(turn, row.started_at + timedelta(microseconds=1))
                self._close_gap(row.alive_at, now)
            self.sweeps = row.sweep or 0
            row.started_at = turn
            row.alive_at = moment(now)
            row.blind_since = None
            row.trouble = ""
            row.interval_s = self.interval
            row.save()
        self.ledger = Ledger(name, turn)

    def _close_gap(self, alive_at: datetime, now: float) -> None:
        """The time since the last mark of life, or since an interval that was left open."""
        left_open = Unobserved.objects.filter(poller=self.settings.name, ended_at=None).first()
        if left_open is not None:
            left_open.ended_at = max(moment(now), left_open.started_at)
            left_open.save(update_fields=["ended_at"])
            return
        gap = unwatched(alive_at.timestamp(), now, grace=self.settings.grace)
        if gap is not None:
            Unobserved.objects.create(
                poller=self.settings.name,
                started_at=moment(gap[0]),
                ended_at=moment(gap[1]),
                reason="stopped",
            )

    def _take_roll(self, roll: Roll, now: float) -> None:
        self.fold.adopt(roll.watched, now)
        self.fold.dismiss(roll.set_aside, now)
        self.fold.dismiss(roll.without_address, now, shown_as=State.UNKNOWN)

    # The prober

    def _open(self, now: float) -> None:
        """Open the prober and tell it everything; a failure is trouble, and tried again later."""
        try:
            prober = self._open_prober()
        except (OSError, RuntimeError, EOFError) as error:
            self._in_trouble(now, f"{type(error).__name__}: {error}")
            self.due.at["open"] = self.monotonic() + self.reopen_after
            self.reopen_after = min(60.0, self.reopen_after * 2)
            return
        self.prober = prober
        self.heard_at = self.monotonic()
        prober.pace(self.interval)
        prober.canaries(
            {key: canary.address for key, canary in self.chosen.items()},
            self.settings.canary_every,
        )
        prober.watch(self.fold.addresses.targets())
        # A new prober reports every reading until told otherwise.
        self.fold.unsteadied.clear()
        prober.steady(self.fold.steadied)
        self.fold.steadied.clear()
        self.fold.batch.poller |= {
            "method": prober.method,
            "targets": len(self.fold.addresses.keys),
            "interval_s": self.interval,
        }

    def _close_prober(self) -> None:
        if self.prober is not None:
            self.prober.close()
            self.prober = None

    def _hear(self, wait: float) -> list[Report]:
        """What the prober says; opens it again when it failed or has been silent for long."""
        if self.prober is None:
            self._sleep(wait)
            if self.due.now("open", self.monotonic(), self.reopen_after):
                self._open(self.wall())
            return []
        try:
            reports = self.prober.reports(wait)
        except (OSError, RuntimeError, EOFError) as error:
            reports = [Trouble(self.wall(), f"{type(error).__name__}: {error}", fatal=True)]
        monotonic = self.monotonic()
        if reports:
            self.heard_at = monotonic
        elif self.fold.addresses.keys and monotonic - self.heard_at > 3 * self.interval + 10:
            silent = gettext_noop("the prober has fallen silent")
            reports = [Trouble(self.wall(), silent, fatal=True)]
        return reports

    def _wish(self, now: float) -> None:
        """Tell the prober what the beliefs want to know next."""
        prober, fold = self.prober, self.fold
        if prober is None:
            fold.asks.clear()
            return
        if fold.steadied:
            prober.steady(sorted(fold.steadied))
            fold.steadied.clear()
        if fold.unsteadied:
            prober.unsteady(sorted(fold.unsteadied))
            fold.unsteadied.clear()
        if fold.asks:
            by_delay: defaultdict[float, set[int]] = defaultdict(set)
            for key, at in fold.asks:
                by_delay[round(max(0.0, at - now), 1)].add(key)
            fold.asks.clear()
            for delay, keys in by_delay.items():
                prober.again(sorted(keys), delay)

    def _pace(self) -> None:
        """Follow the interval that the operator set meanwhile."""
        if self.settings.read_interval is None:
            return
        try:
            interval = self.settings.read_interval()
        except DatabaseTrouble as error:
            self._database_failed(error)
            return
        if interval != self.interval:
            self.interval = self.fold.interval = interval
            self.fold.batch.poller["interval_s"] = interval
            if self.prober is not None:
                self.prober.pace(interval)

    def _look_for_work(self, now: float) -> None:
        """Follow where planned work is done now."""
        try:
            self.fold.maintain(covered(moment(now)), now)
        except DatabaseTrouble as error:
            self._database_failed(error)

    # What it reports

    def _judge(self, reports: Sequence[Report], now: float) -> None:
        """Decide what we can see before any belief is stepped."""
        for report in reports:
            if isinstance(report, Readings):
                for reading in report.readings:
                    self.has_heard = self.has_heard or reading.rtt_us is not None
                    if reading.key < 0:
                        self.guard = self.guard.heard(reading, reading.key)
            elif isinstance(report, SweepDone):
                self._swept(report, now)
            else:
                self._in_trouble(report.at, report.text)
                if report.fatal:
                    self._close_prober()
                    self.deaf_since = self.deaf_since or report.at
                    self.due.at["open"] = self.monotonic() + self.reopen_after
        judged = judge(self.guard, now, self.fold.fleet())
        self.guard = judged.guard
        for event in judged.events:
            if isinstance(event, BlindBegan):
                self._went_blind(event, now)
            else:
                self._sees_again(event)
        if self.frozen_since is None:
            self.fold.sight = self._sight()

    def _sight(self) -> Sight:
        """What the guard says; but as long as nothing at all has answered, silence proves nothing."""
        if not self.has_heard and self.guard.sight is Sight.CLEAR:
            return Sight.DOUBTFUL
        return self.guard.sight

    def _swept(self, sweep: SweepDone, now: float) -> None:
        """A round is finished: the guard, the history and the pages want to know."""
        up, answered = self.fold.swept(sweep)
        if not sweep.uncertain and sweep.sent >= len(self.fold.addresses.keys):
            self.guard = self.guard.swept(
                sweep.started_at, sweep.finished_at, up=up, answered=answered
            )
        self.sweeps += 1
        self.reopen_after = 1.0
        batch = self.fold.batch
        column = self.fold.addresses.spread(sweep.rtts)
        batch.columns.append(Column(sweep.started_at, sweep.finished_at, column))
        if self.guard.sight is Sight.CLEAR and not sweep.uncertain:
            self.drift.add(column, sweep.finished_at)
        else:
            self.drift.skip()
        batch.poller |= {
            "alive_at": moment(now),
            "sweep": self.sweeps,
            "swept_from": moment(sweep.started_at),
            "swept_to": moment(sweep.finished_at),
            "sent": sweep.sent,
            "answered": sweep.answered,
            "missed": sweep.missed,
            "late": sweep.late,
            "duplicates": sweep.duplicates,
            "dropped": sweep.dropped,
            "uncertain": sweep.uncertain,
            "targets": len(self.fold.addresses.keys),
        }
        batch.news.append(
            (
                SWEPT,
                {
                    "poller": self.settings.name,
                    "number": self.sweeps,
                    "at": moment(sweep.finished_at).isoformat(),
                    "took_s": round(sweep.finished_at - sweep.started_at, 3),
                    "sent": sweep.sent,
                    "answered": sweep.answered,
                    "missed": sweep.missed,
                    "uncertain": sweep.uncertain,
                },
            )
        )
        if self.deaf_since is not None:
            gap = unwatched(self.deaf_since, sweep.started_at, grace=self.settings.grace)
            if gap is not None:
                batch.gaps.append(Gap("stopped", moment(gap[0]), moment(gap[1])))
            self.deaf_since = None
        if self.trouble:
            self._recovered("prober", now)

    def _went_blind(self, event: BlindBegan, now: float) -> None:
        log.warning("the watch is blind", why=event.why, since=event.unobserved_from.isoformat())
        self.fold.go_blind(now)
        self.fold.batch.gaps.append(Gap("blind", event.unobserved_from, None))
        self.fold.batch.poller["blind_since"] = event.unobserved_from
        self._tell("blind", "blind", event.why, now)

    def _sees_again(self, event: BlindEnded) -> None:
        log.info("the watch sees again", since=event.unobserved_until.isoformat())
        self.fold.batch.gaps.append(Gap("blind", None, event.unobserved_until))
        self.fold.batch.poller["blind_since"] = None
        self._tell("recovered", "blind", "", event.unobserved_until.timestamp())

    def _in_trouble(self, at: float, text: str) -> None:
        if text == self.trouble:
            return
        log.warning("the prober is in trouble", text=text)
        self.trouble = text
        self.fold.batch.poller["trouble"] = text
        self._tell("trouble", "prober", text, at)

    def _recovered(self, cause: str, at: float, text: str = "") -> None:
        self.trouble = ""
        self.fold.batch.poller["trouble"] = ""
        self._tell("recovered", cause, text, at)

    def _tell(self, state: str, cause: str, text: str, at: float) -> None:
        payload: dict[str, Any] = {
            "poller": self.settings.name,
            "state": state,
            "cause": cause,
            "text": text,
            "at": moment(at).isoformat(),
        }
        self.fold.batch.news.append((POLLER, payload))

    def _canary_ages(self, now: float) -> dict[str, float | None]:
        """Seconds since each canary's last reply; None while it has given none."""
        ages: dict[str, float | None] = {}
        for key, canary in self.chosen.items():
            answered = self.guard.canaries[key].answered
            ages[canary.address] = None if answered is None else round(max(0.0, now - answered), 1)
        return ages

    # Clocks

    def _look_at_clock(self, now: float, monotonic: float) -> None:
        """Move our times when the wall clock was set."""
        looked = clockwatch.look(self.clocks, now, monotonic)
        self.clocks = looked.clocks
        if looked.jump is None:
            return
        by = looked.jump.by
        log.warning("the clock jumped", seconds=round(by, 1))
        self.fold.shift(by, self.began)
        self.fold.batch.jumps.append(Jump(timedelta(seconds=by), moment(self.began)))
        self.began += by
        blind_from = self.guard.unobserved_from
        self.guard = replace(
            guarding({key: canary.domain for key, canary in self.chosen.items()}),
            sight=self.guard.sight,
            why=self.guard.why,
            unobserved_from=None if blind_from is None else blind_from + by,
        )
        if by > self.settings.grace:
            # Nobody can say what the time that was skipped was; it is not up and not down.
            self.fold.batch.gaps.append(Gap("clock", moment(now - by), moment(now)))

    def _note_standstill(self, now: float, monotonic: float) -> None:
        """This process itself stood still (suspended, or the machine was): nothing was observed."""
        still = monotonic - self.ticked_at
        self.ticked_at = monotonic
        if still > self.settings.grace + self.settings.wait and self.guard.sight is not Sight.BLIND:
            self.fold.batch.gaps.append(Gap("stopped", moment(now - still), moment(now)))

    # The database

    def _advance_drift(self) -> None:
        try:
            self.drift.advance()
        except DatabaseTrouble as error:
            self._database_failed(error)

    def _follow(self, now: float) -> None:
        """Take in what people changed in the list of ONTs."""
        try:
            events = feed.read(self.cursor, topics={DEVICES})
            onts = {ont for event in events for ont in event.payload["onts"]}
            if onts:
                self._take_changes(onts, now)
            if events:
                self.cursor = events[-1].pk
            if self.due.now("compare", self.monotonic(), 60.0) and feed.last_id() < self.cursor:
                raise ReadAgain
        except DatabaseTrouble as error:
            self._database_failed(error)

    def _take_changes(self, onts: set[int], now: float) -> None:
        before = dict(self.fold.addresses.keys)
        roll = roll_call(onts if len(onts) <= MANY else None)
        self._take_roll(roll, now)
        found = {member.ont for member in roll.watched}
        found.update(roll.set_aside, roll.without_address)
        self.fold.forget(onts - found)
        if self.fold.addresses.keys != before:
            if self.prober is not None:
                self.prober.watch(self.fold.addresses.targets())
            self.fold.batch.poller["targets"] = len(self.fold.addresses.keys)

    def _write(self) -> None:
        """Write what waits; while the database refuses, keep it and try again, ever less often."""
        monotonic = self.monotonic()
        if self.database_away_since is not None and monotonic < self.due.at["write"]:
            return
        try:
            if self.database_away_since is not None and not self._still_ours():
                raise LostTurn(self.settings.name)
            self.ledger.write()
        except DatabaseTrouble as error:
            self._database_failed(error)
            return
        if self.database_away_since is not None:
            self._database_is_back()

    def _database_failed(self, error: Exception) -> None:
        now, monotonic = self.wall(), self.monotonic()
        if self.database_away_since is None:
            log.warning("the database cannot be written; readings are kept", error=str(error))
            self.database_away_since = now
        away = now - self.database_away_since
        self.due.at["write"] = monotonic + min(5.0, max(0.5, away / 4))
        drop_connection()
        forgotten = self.ledger.drop_columns(self.settings.most_columns)
        if forgotten:
            log.error("sweeps were forgotten while the database was away", sweeps=forgotten)
        if self.ledger.waiting > self.settings.most_waiting and self.frozen_since is None:
            log.error("too much waits for the database; the watch stands still")
            self.frozen_since = now
            self.fold.go_blind(now)

    def _database_is_back(self) -> None:
        now = self.wall()
        away = now - (self.database_away_since or now)
        self.database_away_since = None
        log.info("the database can be written again", after_s=round(away, 1))
        if self.frozen_since is not None:
            gap = Gap("stopped", moment(self.frozen_since), moment(now))
            self.fold.batch.gaps.append(gap)
            self.frozen_since = None
        self._tell("recovered", "database", str(round(away)), now)
