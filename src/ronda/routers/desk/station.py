"""One router at the desk: its connection, kept up; its polls and jobs on it.

A router that is slow, silent or gone delays nothing but its own station.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from ronda.routeros.errors import (
    RouterClosed,
    RouterError,
    RouterRefused,
    RouterSpokeNonsense,
    RouterTimedOut,
    RouterUnreachable,
)
from ronda.routeros.port import Link, Target
from ronda.routers.desk.doing import Doer
from ronda.routers.desk.measured import MeasuredLink, Stopwatch
from ronda.routers.desk.port import Poll, Post, Visit, Work, lock_of
from ronda.routers.desk.rules import LEAST_PAUSE_S, Trouble, pause_after
from ronda.work import jobs
from ronda.work.loops import in_thread, start_task

log = structlog.get_logger(__name__)

CLOSING_S = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between two signs of life, the longest a connection or a poll may take to be made."""

    pulse: float = 30.0
    connect: float = 60.0
    poll: float = 300.0
    settle: float = 2.0


class Station:
    """Keeps one router connected until its task is cancelled."""

    def __init__(
        self,
        post: Post,
        work: Work,
        open_link: Callable[[Target], Awaitable[Link]],
        doer: Doer,
        pace: Pace,
    ) -> None:
        """Nothing is connected before `run`."""
        self.post = post
        self._work = work
        self._open_link = open_link
        self._doer = doer
        self._pace = pace
        self._lock = lock_of(post.router)
        self._job_waits = asyncio.Event()
        self._newest_job = 0
        self._news = asyncio.Event()
        self._failures = 0
        # Each poll hears of every call since its own last turn.
        self._since_poll = {poll.name: Stopwatch() for poll in work.polls}
        self._since_pulse = Stopwatch()

    def nudge(self) -> None:
        """Something about this router was changed: try it again at once."""
        self._failures = 0
        self._news.set()

    def job_waits(self, newest: int) -> None:
        """Jobs wait for this router, the newest with this id."""
        self._job_waits.set()
        if newest > self._newest_job:
            self._newest_job = newest
            self._news.set()

    async def run(self) -> None:
        """Connect, work, connect again; ends only by being cancelled."""
        while True:
            link = await self._connect()
            try:
                await self._tell("opened", link.facts)
                error = await self._serve(link)
            except asyncio.CancelledError:
                await _close(link)
                # The connection counts as ended by us even if the database is too busy to be told now.
                await asyncio.wait({start_task("ended", self._ended())}, timeout=CLOSING_S)
                raise
            finally:
                await _close(link)
            self._failures = 1
            await self._tell("lost", error)
            await self._pause(error)

    async def _ended(self) -> None:
        for journal in self._work.journals:
            await in_thread(journal.ended, self.post.router)

    async def _connect(self) -> Link:
        while True:
            self._news.clear()
            try:
                return await self._attempt()
            except RouterError as error:
                self._failures += 1
                await self._tell("failed", error)
                await self._pause(error)

    async def _attempt(self) -> Link:
        target = await self._doer.surely(self.post.aim)
        try:
            async with asyncio.timeout(self._pace.connect):
                return await self._open_link(target)
        except TimeoutError:
            raise RouterTimedOut(f"no connection within {self._pace.connect:.0f} seconds") from None
        except RouterError:
            raise
        except Exception:
            log.exception("router.connect_broke", router=self.post.router)
            raise RouterSpokeNonsense("an error of Ronda itself; see its log") from None

    async def _pause(self, error: RouterError) -> None:
        """Leave the router alone for a while; a new job or new settings end the pause early."""
        jitter = secrets.randbelow(1000) / 1000
        until = time.monotonic() + pause_after(max(1, self._failures), trouble_of(error), jitter)
        soonest = min(time.monotonic() + LEAST_PAUSE_S, until)
        while (left := until - time.monotonic()) > 0:
            await self._refuse_impatient(error)
            try:
                async with asyncio.timeout(left):
                    await self._news.wait()
            except TimeoutError:
                return
            self._news.clear()
            if self._failures == 0 or time.monotonic() >= soonest:
                return

    async def _refuse_impatient(self, error: RouterError) -> None:
        await self._doer.surely(
            jobs.refuse_waiting, self._doer.kinds, self._lock, error.text, type(error).__name__
        )

    async def _serve(self, link: Link) -> RouterError:
        """Polls, jobs and signs of life on an open link; why it was lost."""
        measured = MeasuredLink(link, (*self._since_poll.values(), self._since_pulse))
        lost: asyncio.Future[RouterError] = asyncio.get_running_loop().create_future()

        def lose(error: RouterError) -> None:
            if not lost.done():
                lost.set_result(error)

        name = f"router:{self.post.router}"
        parts = {
            start_task(f"{name}.pulse", self._live(measured, lose)),
            start_task(f"{name}.polls", self._poll_all(measured, lose)),
            start_task(f"{name}.jobs", self._do_jobs(measured)),
        }
        for part in parts:
            part.add_done_callback(lambda _part: lose(RouterUnreachable("the work on it stopped")))
        try:
            error = await lost
            self._failures = 0
            # What still runs ends with an error of its own, and says whether it may have been done.
            await _close(link)
            await asyncio.wait(parts, timeout=self._pace.settle)
            return error
        finally:
            for part in parts:
                part.cancel()
            await asyncio.wait(parts, timeout=CLOSING_S)

    async def _live(self, link: Link, lose: Callable[[RouterError], None]) -> None:
        silent = 0
        due = time.monotonic() + self._pace.pulse
        while link.alive:
            await asyncio.sleep(min(1.0, self._pace.pulse))
            if not link.alive or time.monotonic() < due:
                continue
            due = time.monotonic() + self._pace.pulse
            try:
                await link.print("/system/identity", properties=("name",))
                silent = 0
            except RouterTimedOut as error:
                silent += 1
                if silent > 1:
                    return lose(error)
            except RouterRefused:
                silent = 0
            except RouterError as error:
                return lose(error)
            await self._tell("seen", self._since_pulse.take())
        return lose(RouterUnreachable("the connection was cut"))

    async def _poll_all(self, link: Link, lose: Callable[[RouterError], None]) -> None:
        due = {poll.name: time.monotonic() for poll in self._work.polls}
        while due and link.alive:
            poll = min(self._work.polls, key=lambda poll: due[poll.name])
            await asyncio.sleep(max(0.0, due[poll.name] - time.monotonic()))
            began = time.monotonic()
            every = await self._poll(poll, link, lose)
            # One that took longer than its interval is not run twice in a row to catch up.
            due[poll.name] = max(began + every, time.monotonic() + min(every, 1.0))
        # The pulse tells what became of the line.
        await asyncio.Event().wait()

    async def _poll(self, poll: Poll, link: Link, lose: Callable[[RouterError], None]) -> float:
        usual = self.post.poll_s
        try:
            async with asyncio.timeout(self._pace.poll):
                calls = self._since_poll[poll.name].take()
                wanted = await poll.run(Visit(self.post.router, link, calls))
        except RouterError as error:
            log.info("router.poll_failed", router=self.post.router, poll=poll.name, why=error.text)
            if isinstance(error, RouterClosed) or not link.alive:
                lose(error)
            return usual
        except TimeoutError:
            log.warning("router.poll_too_long", router=self.post.router, poll=poll.name)
            return usual
        except Exception:
            log.exception("router.poll_broke", router=self.post.router, poll=poll.name)
            return usual
        return usual if wanted is None else wanted

    async def _do_jobs(self, link: Link) -> None:
        self._job_waits.set()
        while link.alive:
            await self._job_waits.wait()
            self._job_waits.clear()
            while link.alive and await self._doer.next_on_link(self._lock, link):
                pass
        await asyncio.Event().wait()

    async def _tell(self, what: str, *told: Any) -> None:
        for journal in self._work.journals:
            await self._doer.surely(getattr(journal, what), self.post.router, *told)


def trouble_of(error: RouterError) -> Trouble:
    """Whether trying again soon makes sense."""
    away = isinstance(error, RouterUnreachable | RouterClosed)
    return Trouble.AWAY if away else Trouble.SETTINGS


async def _close(link: Link) -> None:
    try:
        async with asyncio.timeout(CLOSING_S):
            await link.close()
    except TimeoutError:
        log.info("router.close_too_long")
