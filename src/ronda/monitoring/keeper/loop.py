"""The process behind `ronda watch`: asks the prober, folds what it answers, writes what changed.

One thread, one loop: hear the prober, let the blind guard judge, step the beliefs, write the batch,
tell the prober what is wanted next. Only one keeper of a name writes at a time; a second one waits
for its turn and takes over when the first dies.

Trouble is shown and lived through: while the database is away, what is to be written waits here
(bounded; beyond that the time is recorded as unobserved); a prober that fails or falls silent is
opened again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from django.db import Error as DatabaseTrouble

from ronda.monitoring import canaries
from ronda.monitoring.events import moment
from ronda.monitoring.keeper.beginning import take_row
from ronda.monitoring.keeper.clocks import Clocks, Due, Timekeeping
from ronda.monitoring.keeper.line import Line
from ronda.monitoring.keeper.lookout import Lookout
from ronda.monitoring.keeper.news import News
from ronda.monitoring.keeper.settings import KeeperSettings
from ronda.monitoring.keeper.writing import Writing, be_impatient, drop_connection
from ronda.monitoring.rules.belief import State
from ronda.monitoring.service.batch import Gap
from ronda.monitoring.service.drift import Drift
from ronda.monitoring.service.fleet import Roll, known, roll_call
from ronda.monitoring.service.fold import Fold
from ronda.monitoring.service.ledger import Ledger, LostTurn
from ronda.monitoring.service.maintenance import covered
from ronda.probing.port import Prober, Readings
from ronda.storage.turn import Turn
from ronda.work import feed

log = structlog.get_logger(__name__)

DEVICES = "devices.changed"

# More changed ONTs than this in one look at the feed: reading the whole list is cheaper.
MANY = 2000


class ReadAgain(Exception):
    """The database is another one than before (restored from a backup): begin anew."""


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


class Keeper:
    """One turn of watching."""

    def __init__(
        self,
        settings: KeeperSettings,
        open_prober: Callable[[], Prober],
        *,
        still_ours: Callable[[], bool] = lambda: True,
        clocks: Clocks | None = None,
    ) -> None:
        """Prepare; nothing happens before `begin`.

        Args:
            still_ours: asked after the database was away, for a lock dies with its connection.
            clocks: other ones than the machine's.
        """
        self.settings = settings
        self.clocks = clocks or Clocks()
        self.fold = Fold(settings.policy, interval=settings.interval)
        chosen = canaries.choose(settings.canaries)
        news = News(settings.name, self.fold)
        self.line = Line(settings, open_prober, self.clocks, self.fold, news, chosen)
        self.drift = Drift(self.fold)
        self.lookout = Lookout(self.fold, self.drift, news, self.line, chosen, grace=settings.grace)
        self.writing = Writing(settings, self.clocks, self.fold, news, still_ours)
        self.timekeeping = Timekeeping(self.clocks, self.fold, grace=settings.grace)
        self.due = Due()
        self.cursor = 0

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
            self.line.close()

    def begin(self) -> None:
        """Write that this keeper watches now, and take over what the last one believed."""
        settings, now = self.settings, self.clocks.wall()
        self.timekeeping.begin(now)
        be_impatient()
        begun = take_row(settings.name, now, interval=self.line.interval, grace=settings.grace)
        self.lookout.take_over(begun)
        self.writing.ledger = Ledger(settings.name, begun.turn)
        self.cursor = feed.last_id()
        before = known(now)
        self.fold.restore(before.watches, before.shown, before.flaps)
        self.fold.maintain(covered(moment(now)), now)
        self._take_roll(roll_call(), now)
        self.fold.asks.clear()  # the first round asks everybody anyway
        self.writing.write()
        log.info("watch begins", poller=settings.name, onts=len(self.fold.members))
        self.line.open(now)

    def end(self) -> None:
        """Write what waits and the last mark of life."""
        self.fold.batch.poller["alive_at"] = moment(self.clocks.wall())
        self.writing.write()

    def tick(self, wait: float) -> None:
        """One pass of the loop."""
        reports = self.line.hear(wait)
        now, monotonic = self.clocks.wall(), self.clocks.monotonic()
        self._look_at_clocks(now, monotonic)
        self.lookout.judge(reports, now)
        if self.writing.frozen_since is None:
            self.fold.sight = self.lookout.sight
        for report in reports:
            if isinstance(report, Readings):
                for reading in report.readings:
                    if reading.key >= 0:
                        self.fold.hear(reading)
        self._asking_the_database(self.drift.advance)
        if self.due.now("follow", monotonic, self.settings.follow_every):
            self._asking_the_database(lambda: self._follow(now, monotonic))
        if self.due.now("settle", monotonic, self.settings.settle_every):
            self.fold.settle_flaps(now)
        if self.due.now("alive", monotonic, self.settings.alive_every):
            self._asking_the_database(self._pace)
            self._asking_the_database(lambda: self.fold.maintain(covered(moment(now)), now))
            self.fold.batch.poller |= {
                "alive_at": moment(now),
                "canaries": self.lookout.canary_ages(now),
            }
        self.line.wish(now)
        self.writing.write()

    def _asking_the_database(self, what: Callable[[], None]) -> None:
        """Do it; a database that is away is lived through."""
        try:
            what()
        except DatabaseTrouble as error:
            self.writing.failed(error)

    def _look_at_clocks(self, now: float, monotonic: float) -> None:
        by = self.timekeeping.look(now, monotonic)
        if by:
            self.lookout.clock_jumped(by)
        still = self.timekeeping.stood_still(monotonic, self.settings.wait)
        if still and not self.lookout.blind:
            self.fold.batch.gaps.append(Gap("stopped", moment(now - still), moment(now)))

    def _pace(self) -> None:
        if self.settings.read_interval is not None:
            self.line.pace(self.settings.read_interval())

    # Who is watched

    def _take_roll(self, roll: Roll, now: float) -> None:
        self.fold.adopt(roll.watched, now)
        self.fold.dismiss(roll.set_aside, now)
        self.fold.dismiss(roll.without_address, now, shown_as=State.UNKNOWN)

    def _follow(self, now: float, monotonic: float) -> None:
        """Take in what people changed in the list of ONTs."""
        events = feed.read(self.cursor, topics={DEVICES})
        onts = {ont for event in events for ont in event.payload["onts"]}
        if onts:
            self._take_changes(onts, now)
        if events:
            self.cursor = events[-1].pk
        if self.due.now("compare", monotonic, 60.0) and feed.last_id() < self.cursor:
            raise ReadAgain

    def _take_changes(self, onts: set[int], now: float) -> None:
        before = dict(self.fold.addresses.keys)
        roll = roll_call(onts if len(onts) <= MANY else None)
        self._take_roll(roll, now)
        found = {member.ont for member in roll.watched}
        found.update(roll.set_aside, roll.without_address)
        self.fold.forget(onts - found)
        if self.fold.addresses.keys != before:
            self.line.watch()
