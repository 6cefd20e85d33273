"""All routers at once: a station for each, jobs handed out, changed settings followed."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
from django.db import Error as DatabaseTrouble

from ronda.routeros.port import Link, Target
from ronda.routers.desk.doing import Doer
from ronda.routers.desk.port import Post, Work, router_of
from ronda.routers.desk.station import Pace, Station
from ronda.work import jobs, running
from ronda.work.loops import in_thread, start_task

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
# A new job is what people wait for, and costs little to be seen.
NOTICE_EVERY_S = 0.05
BEAT_EVERY_S = 3.0
LOOSE_AT_ONCE = 8
STOPPING_S = 1.5


class RouterDesk:
    """Works until it is told to stop; only one desk of an installation may run at a time."""

    def __init__(
        self,
        posts: Callable[[], Mapping[int, Post]],
        news: Callable[[], set[int]],
        open_link: Callable[[Target], Awaitable[Link]],
        work: Work,
        pace: Pace | None = None,
    ) -> None:
        """`posts` and `news` block.

        Args:
            posts: every router that is to be connected, by id.
            news: routers whose settings changed since it was asked last.
            open_link: makes a connection.
            work: what is done on the connections.
            pace: how often and how long; the defaults are for real routers.
        """
        self._posts = posts
        self._news = news
        self._open_link = open_link
        self._work = work
        self._pace = pace or Pace()
        self._doer = Doer(work)
        self._stations: dict[int, tuple[Station, asyncio.Task[None]]] = {}
        self._leaving: dict[int, asyncio.Task[None]] = {}
        self._newest = 0  # job that was noticed
        self._loose: set[asyncio.Task[None]] = set()

    async def run(self, stop: threading.Event, *, still_ours: Callable[[], bool]) -> None:
        """Work until `stop` is set or `still_ours` says that another desk may begin."""
        clerk = start_task("desk.beat", self._look_after())
        try:
            known = False
            while not stop.is_set() and still_ours():
                known = await self._look(known)
                await self._rest(stop)
        finally:
            await self._end(clerk)

    async def _look(self, known: bool) -> bool:
        """One look at what changed and what waits; whether the routers are known by now."""
        try:
            changed = await in_thread(self._news)
            if changed or not known:
                self._follow(await in_thread(self._posts), changed)
            waiting = await in_thread(running.waiting_locks, self._doer.kinds)
            loose = await in_thread(running.waiting_locks, self._doer.loose_kinds)
        except DatabaseTrouble as error:
            log.warning("desk.database_away", why=str(error))
            await asyncio.sleep(2 * LOOK_EVERY_S)
            return False
        for lock, newest in waiting.items():
            router = router_of(lock)
            if router in self._stations:
                self._stations[router][0].job_waits(newest)
            else:
                await self._refuse(lock)
        for _ in range(min(len(loose), LOOSE_AT_ONCE - len(self._loose))):
            task = start_task("desk.loose", self._do_loose())
            self._loose.add(task)
            task.add_done_callback(self._loose.discard)
        return True

    async def _rest(self, stop: threading.Event) -> None:
        """Until the next look is due, or a job was enqueued."""
        due = time.monotonic() + LOOK_EVERY_S
        while not stop.is_set() and (left := due - time.monotonic()) > 0:
            await asyncio.sleep(min(left, NOTICE_EVERY_S))
            try:
                newest = await in_thread(running.newest_id)
            except DatabaseTrouble:
                continue  # the look says so
            if newest != self._newest:
                self._newest = newest
                return

    async def _refuse(self, lock: str) -> None:
        """Fail the jobs of a router that is not in use, rather than do them when it is some day."""
        posts = await self._doer.surely(self._posts)
        # It may have been taken into use a moment ago, with its first job.
        self._follow(posts, set())
        if router_of(lock) not in posts:
            text = "the router is not in use"
            await self._doer.surely(
                jobs.refuse_waiting,
                self._doer.kinds,
                lock,
                text,
                "RouterNotInUse",
                patient_too=True,
            )

    async def _do_loose(self) -> None:
        await self._doer.next_loose()

    def _follow(self, posts: Mapping[int, Post], changed: set[int]) -> None:
        for router in [*self._stations]:
            station, task = self._stations[router]
            if posts.get(router) != station.post:
                task.cancel()
                self._leaving[router] = task
                del self._stations[router]
            elif router in changed:
                station.nudge()
        for router, post in posts.items():
            if router not in self._stations:
                station = Station(post, self._work, self._open_link, self._doer, self._pace)
                run = _run_after(self._leaving.pop(router, None), station)
                self._stations[router] = station, start_task(f"router:{router}", run)
        self._leaving = {router: task for router, task in self._leaving.items() if not task.done()}

    async def _look_after(self) -> None:
        while True:
            try:
                await in_thread(self._doer.look_after)
            except DatabaseTrouble as error:
                log.warning("desk.database_away", why=str(error))
            await asyncio.sleep(BEAT_EVERY_S)

    async def _end(self, clerk: asyncio.Task[None]) -> None:
        tasks = {task for _station, task in self._stations.values()} | self._loose | {clerk}
        tasks |= {*self._leaving.values()}
        self._stations = {}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=STOPPING_S)


async def _run_after(former: asyncio.Task[None] | None, station: Station) -> None:
    # A router never has two connections, not even while its address is being changed.
    if former is not None:
        try:
            await asyncio.wait({former})
        except asyncio.CancelledError:
            # Changed again already: who comes next waits for this task, and so for the first one.
            await asyncio.wait({former})
            raise
    await station.run()
