"""The desk as a process: one at a time in an installation, with the routers of the database."""

import asyncio
import os
import threading
import time

import structlog
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection

from ronda.routeros.errors import RouterError
from ronda.routeros.links import open_link
from ronda.routeros.port import Facts, Target
from ronda.routers.desk.desk import RouterDesk
from ronda.routers.desk.port import Post, Work
from ronda.routers.desk.rules import CallTimes
from ronda.routers.events import CHANGED
from ronda.routers.models import Router
from ronda.routers.service import state
from ronda.routers.service.credentials import target_of
from ronda.storage.turn import Turn
from ronda.work import feed
from ronda.work.loops import close_threads, start_thread

log = structlog.get_logger(__name__)

TAKE_EVERY_S = 1.0
# A turn that could not be confirmed for so long may be another's.
DOUBTFUL_S = 5.0

SETTINGS = (
    *("host", "port", "prefer", "transport", "plain_rest", "trust", "user", "secret"),
    *("timeout_ms", "poll_s"),
)


def posts() -> dict[int, Post]:
    """Every router in use, by id; one query."""
    return {
        row["pk"]: Post(
            router=row["pk"],
            settings=repr([row[name] for name in SETTINGS]),
            poll_s=row["poll_s"],
            aim=lambda pk=row["pk"]: _aim(pk),  # type: ignore[misc] # bound per router
        )
        for row in Router.objects.in_use().values("pk", *SETTINGS)
    }


def _aim(router: int) -> Target:
    row = Router.objects.in_use().filter(pk=router).first()
    if row is None:
        raise RouterError("the router is not in use any more")
    return target_of(row)


class StatusJournal:
    """Keeps each router's row up to date with how its connection stands."""

    def opened(self, router: int, facts: Facts) -> None:
        """Connected."""
        state.connected(router, facts)

    def failed(self, router: int, error: RouterError) -> None:
        """Not reachable."""
        state.failed(router, error.text)

    def lost(self, router: int, error: RouterError) -> None:
        """Not reachable any more."""
        state.failed(router, error.text)

    def ended(self, router: int) -> None:
        """Ending a connection ourselves says nothing about the router."""

    def seen(self, router: int, calls: CallTimes) -> None:
        """Nothing new."""


class News:
    """Which routers were changed, from the event feed."""

    def __init__(self) -> None:
        """From now on; asks the database at the first call."""
        self._place: int | None = None

    def __call__(self) -> set[int]:
        """The routers changed since the last call."""
        if self._place is None:
            self._place = feed.last_id()
        found: set[int] = set()
        for event in feed.read(self._place, topics=(CHANGED,)):
            found.update(event.payload["routers"])
            self._place = event.pk
        return found


class OurTurn:
    """Whether this process may work, found out in a thread that holds the turn's connection."""

    def __init__(self, stop: threading.Event) -> None:
        """Begins to try at once."""
        self._turn = Turn("routers")
        self._stop = stop
        self._confirmed = float("-inf")
        self._thread = start_thread("routers.turn", self._hold)

    def __call__(self) -> bool:
        """True only while no other process can have the turn."""
        return time.monotonic() - self._confirmed < DOUBTFUL_S

    def end(self) -> None:
        """Give the turn back once `stop` is set; waits a moment for the thread."""
        self._thread.join(2 * TAKE_EVERY_S)

    def _hold(self) -> None:
        try:
            self._hold_on()
        finally:
            self._turn.give_back()
            connection.close()

    def _hold_on(self) -> None:
        while not self._stop.is_set():
            try:
                if self._turn.take():
                    self._confirmed = time.monotonic()
                else:
                    self._confirmed = float("-inf")
            except (DatabaseTrouble, OSError) as error:
                close_old_connections()
                log.warning("routers.turn_in_doubt", why=str(error))
            self._stop.wait(TAKE_EVERY_S)


def run(work: Work, stop: threading.Event) -> None:
    """Hold the routers' connections until `stop` is set; waits while another process holds them."""
    ours = OurTurn(stop)
    asyncio.run(_run(work, stop, ours))
    ours.end()
    close_threads()


async def _run(work: Work, stop: threading.Event, ours: OurTurn) -> None:
    while not stop.is_set():
        if ours():
            log.info("routers.desk_open", pid=os.getpid())
            desk = RouterDesk(posts, News(), open_link, work)
            await desk.run(stop, still_ours=ours)
        await asyncio.sleep(0.1)
