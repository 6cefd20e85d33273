"""Does the durable jobs that need no router, in the threads of `ronda work`; any number of workers may run.

What the routers' desk is for jobs on a router's connection, this is for all others: a job is claimed, run
in a thread, and ends done, failed or unknown. One that a dead worker held is found again by any other.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection

from ronda.storage.database import DATABASE_AWAY
from ronda.work import running
from ronda.work.loops import run_forever, start_thread
from ronda.work.running import Claimed

log = structlog.get_logger(__name__)

#: Jobs at once: each may wait for somebody else's server.
THREADS = 3
LOOK_EVERY_S = 0.5
BEAT_EVERY_S = 3.0


class NotDone(Exception):
    """The job was certainly not done. `again` repeats it after a pause, of at least `pause` where given."""

    def __init__(
        self, text: str, code: str = "", *, again: bool = False, pause: timedelta | None = None
    ) -> None:
        """`text` is for people; no secret."""
        super().__init__(text)
        self.text, self.code, self.again, self.pause = text, code, again, pause


class NotYet(Exception):
    """The job was not begun, and may not be before `until`; looking at it was no attempt."""

    def __init__(self, until: datetime) -> None:
        """`until` may be far away: then the job is looked at in between."""
        super().__init__(f"not before {until:%H:%M:%S}")
        self.until = until


class InDoubt(Exception):
    """Nobody knows whether the job was done; it is repeated where its handler says that this is harmless."""

    def __init__(self, text: str, code: str = "") -> None:
        """`text` is for people; no secret."""
        super().__init__(text)
        self.text, self.code = text, code


@dataclass(frozen=True, slots=True)
class Doing:
    """Does jobs of one kind: `run(job)` blocks, bounds its own waits, and gives the result that is kept.

    `repeatable` says that a second run after a first that was cut off half-way is harmless.
    """

    run: Callable[[Claimed], Mapping[str, Any] | None]
    repeatable: bool = False


class Worker:
    """One worker with a name of its own; `step` does one job and may be called by several threads."""

    def __init__(self, handlers: Mapping[str, Doing]) -> None:
        """Takes the jobs that there are handlers for."""
        self.owner = secrets.token_hex(8)
        self._handlers = handlers
        self._watchman = running.Watchman(handlers)
        self._repeatable = {kind for kind, one in handlers.items() if one.repeatable}
        self._running: set[int] = set()

    def start(self, stop: threading.Event) -> None:
        """Work in threads until `stop` is set; gives a sign of life meanwhile."""
        if not self._handlers:
            return
        self._thread("jobs.alive", self.look_after, BEAT_EVERY_S, stop)
        for number in range(THREADS):
            self._thread(f"jobs.{number}", self._turn, LOOK_EVERY_S, stop)

    def _thread(
        self, name: str, step: Callable[[], float | None], every: float, stop: threading.Event
    ) -> None:
        def work() -> None:
            try:
                run_forever(name, step, every=every, stop=stop)
            finally:
                connection.close()

        start_thread(name, work)

    def _turn(self) -> float | None:
        return 0.0 if self.step() else None

    def step(self) -> bool:
        """Do the next job; false when there is none."""
        job = running.claim(self.owner, self._handlers)
        if job is None:
            return False
        self._running.add(job.id)
        try:
            self._do(job)
        finally:
            self._running.discard(job.id)
        return True

    def _do(self, job: Claimed) -> None:
        handler = self._handlers[job.kind]
        try:
            result = handler.run(job)
        except NotDone as error:
            running.fail(job, error.text, error.code, retry=error.again, pause=error.pause)
        except NotYet as error:
            running.postpone(job, error.until)
        except InDoubt as error:
            running.lose(job, error.text, error.code, repeatable=handler.repeatable)
        except DATABASE_AWAY as error:
            # As after a crash: nobody knows how far it came.
            log.warning("job.database_away", job=job.id, kind=job.kind)
            running.lose(job, type(error).__name__, "database", repeatable=handler.repeatable)
        except Exception as error:
            # The text of a surprise may hold anything, a secret too; its kind says enough here.
            log.exception("job.broke", job=job.id, kind=job.kind)
            running.lose(job, type(error).__name__, "internal", repeatable=False)
        else:
            running.succeed(job, result)

    def look_after(self) -> None:
        """Give a sign of life, and free what dead workers left behind."""
        running.beat(self.owner, {*self._running})
        self._watchman.look(self._repeatable)
