"""Doing durable jobs: claim, run, and keep what became of them, whatever the database does meanwhile."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import structlog
from django.db import Error as DatabaseTrouble

from ronda.routeros.errors import Outcome, RouterClosed, RouterError, RouterUnreachable
from ronda.routeros.port import Link
from ronda.routers.desk.port import Handler, LooseHandler, Work
from ronda.storage.database import DATABASE_AWAY
from ronda.work import jobs, running
from ronda.work.loops import in_thread
from ronda.work.running import Claimed

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")
LONGEST_WAIT_S = 10.0
REPORT_EVERY_S = 0.5


class Doer:
    """One worker of the durable jobs; many tasks of one loop may use it."""

    def __init__(self, work: Work) -> None:
        """Takes the jobs that `work` has handlers for."""
        self.owner = secrets.token_hex(8)
        self.kinds = frozenset(work.jobs)
        self.loose_kinds = frozenset(work.loose_jobs)
        self._work = work
        self._watchman = running.Watchman(self.kinds | self.loose_kinds)
        handlers: dict[str, Handler | LooseHandler] = {**work.jobs, **work.loose_jobs}
        self._repeatable = {kind for kind, handler in handlers.items() if handler.repeatable}
        self._running: set[int] = set()

    async def next_on_link(self, lock: str, link: Link) -> bool:
        """Do the next job of this lock on its router's link; false when there was none."""
        job = await self.surely(running.claim, self.owner, self.kinds, lock=lock)
        if job is None:
            return False
        handler = self._work.jobs[job.kind]
        await self._do(job, handler, lambda say: handler.run(link, job.payload, say))
        return True

    async def next_loose(self) -> bool:
        """Do the next job that needs no link; false when there was none."""
        job = await self.surely(running.claim, self.owner, self.loose_kinds)
        if job is None:
            return False
        handler = self._work.loose_jobs[job.kind]
        await self._do(job, handler, lambda say: handler.run(job.payload, say))
        return True

    async def _do(
        self,
        job: Claimed,
        handler: Handler | LooseHandler,
        run: Callable[["Reporter"], Awaitable[Mapping[str, Any] | None]],
    ) -> None:
        self._running.add(job.id)
        try:
            await self._run(job, handler, run)
        finally:
            self._running.discard(job.id)

    async def _run(
        self,
        job: Claimed,
        handler: Handler | LooseHandler,
        run: Callable[["Reporter"], Awaitable[Mapping[str, Any] | None]],
    ) -> None:
        try:
            async with asyncio.timeout(handler.within):
                result = await run(Reporter(job))
        except RouterError as error:
            await self._failed(job, handler, error)
        except asyncio.CancelledError:
            # The process stops, or the router was taken away from under the job.
            ending = in_thread(running.lose, job, "", jobs.ABANDONED, repeatable=handler.repeatable)
            await asyncio.wait({asyncio.ensure_future(ending)}, timeout=1.0)  # noqa: TID251 -- bounded, here
            raise
        except TimeoutError:
            text = f"it took longer than {handler.within:.0f} seconds"
            await self.surely(
                running.lose, job, text, "RouterTimedOut", repeatable=handler.repeatable
            )
        except DATABASE_AWAY as error:
            # As after a crash: nobody knows how far it came.
            log.warning("job.database_away", job=job.id, kind=job.kind)
            name = type(error).__name__
            await self.surely(running.lose, job, name, "database", repeatable=handler.repeatable)
        except Exception as error:
            log.exception("job.broke", job=job.id, kind=job.kind)
            await self.surely(running.lose, job, type(error).__name__, "internal", repeatable=False)
        else:
            await self.surely(running.succeed, job, result)

    async def _failed(
        self, job: Claimed, handler: Handler | LooseHandler, error: RouterError
    ) -> None:
        code = type(error).__name__
        if error.outcome is Outcome.UNKNOWN:
            await self.surely(running.lose, job, error.text, code, repeatable=handler.repeatable)
            return
        retry = isinstance(error, RouterUnreachable | RouterClosed)
        await self.surely(running.fail, job, error.text, code, retry=retry)

    async def surely(self, function: Callable[..., Answer], *args: Any, **named: Any) -> Answer:
        """What a function of the database gives, however long the database is away before."""
        pause = 0.25
        while True:
            try:
                return await in_thread(function, *args, **named)
            except DatabaseTrouble as error:
                log.warning("desk.database_away", why=str(error), again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_WAIT_S)

    def look_after(self) -> None:
        """Give a sign of life, and free what dead workers left behind; blocks."""
        running.beat(self.owner, {*self._running})
        self._watchman.look(self._repeatable)


class Reporter:
    """A `Progress` that writes at most twice a second, and the last word always."""

    def __init__(self, job: Claimed) -> None:
        """Reports on this job."""
        self._job = job
        self._next = 0.0

    async def __call__(self, done: int, total: int = 0, text: str = "") -> None:
        """Note how far the job is; a database that is away costs the note, not the job."""
        now = time.monotonic()
        if now < self._next and done != total:
            return
        self._next = now + REPORT_EVERY_S
        try:
            await in_thread(running.report, self._job, done, total, text)
        except DatabaseTrouble as error:
            log.warning("desk.database_away", why=str(error))
