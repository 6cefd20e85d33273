"""Writing with patience: while the database is away, what is to be written waits."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection

from ronda.monitoring.events import moment
from ronda.monitoring.keeper.clocks import Clocks
from ronda.monitoring.keeper.news import News
from ronda.monitoring.keeper.settings import KeeperSettings
from ronda.monitoring.service.batch import Gap
from ronda.monitoring.service.fold import Fold
from ronda.monitoring.service.ledger import Ledger, LostTurn
from ronda.storage.database import wait_for_writers

log = structlog.get_logger(__name__)

# The confirm probes of a second ago cannot wait for another writer as long as a page can.
WRITE_PATIENCE_S = 3.0


def be_impatient() -> None:
    """Wait for other writers no longer than the watch can."""
    wait_for_writers(WRITE_PATIENCE_S)


def drop_connection() -> None:
    """After an error: let the next statement open a new connection, unless a transaction is ours."""
    if not connection.in_atomic_block:
        close_old_connections()
        be_impatient()


class Writing:
    """The ledger of this turn, and how long the database has been away."""

    def __init__(
        self,
        settings: KeeperSettings,
        clocks: Clocks,
        fold: Fold,
        news: News,
        still_ours: Callable[[], bool],
    ) -> None:
        """`still_ours` is asked after the database was away: a lock dies with its connection."""
        self._settings = settings
        self._clocks = clocks
        self._fold = fold
        self._news = news
        self._still_ours = still_ours
        self._again_at = 0.0
        self.ledger = Ledger(settings.name, moment(0))
        self.away_since: float | None = None
        self.frozen_since: float | None = None
        """Since when the watch stands still, because too much waits."""

    def write(self) -> None:
        """Write what waits; while the database refuses, keep it and try again, ever less often.

        Raises:
            LostTurn: another keeper took over while the database was away.
        """
        self.ledger.put(self._fold.take_batch())
        if self.away_since is not None and self._clocks.monotonic() < self._again_at:
            return
        try:
            if self.away_since is not None and not self._still_ours():
                self._wait_for_the_lock()
                return
            self.ledger.write()
        except DatabaseTrouble as error:
            self.failed(error)
            return
        if self.away_since is not None:
            self._is_back(self.away_since)

    def _wait_for_the_lock(self) -> None:
        """The server holds our lock for the old connection until it notices that this is gone.

        Raises:
            LostTurn: it is another keeper's, who has begun.
        """
        if not self.ledger.is_ours():
            raise LostTurn(self._settings.name)
        self._keep()

    def failed(self, error: Exception) -> None:
        """The database refused to be read or written."""
        if self.away_since is None:
            log.warning("the database cannot be written; readings are kept", error=str(error))
            self.away_since = self._clocks.wall()
        self._keep()

    def _keep(self) -> None:
        """Let what waits wait on, and try again later."""
        now, monotonic = self._clocks.wall(), self._clocks.monotonic()
        away = now - (self.away_since or now)
        self._again_at = monotonic + min(5.0, max(0.5, away / 4))
        drop_connection()
        forgotten = self.ledger.drop_columns(self._settings.most_columns)
        if forgotten:
            log.error("sweeps were forgotten while the database was away", sweeps=forgotten)
        if self.ledger.waiting > self._settings.most_waiting and self.frozen_since is None:
            log.error("too much waits for the database; the watch stands still")
            self.frozen_since = now
            self._fold.go_blind(now)

    def _is_back(self, away_since: float) -> None:
        now = self._clocks.wall()
        away = now - away_since
        self.away_since = None
        log.info("the database can be written again", after_s=round(away, 1))
        if self.frozen_since is not None:
            gap = Gap("stopped", moment(self.frozen_since), moment(now))
            self._fold.batch.gaps.append(gap)
            self.frozen_since = None
        self._news.tell("recovered", "database", str(round(away)), now)
