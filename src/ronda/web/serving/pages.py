"""A WSGI application behind ASGI: its requests wait in `Lines`, and a few threads answer them.

Everything but the application itself happens on the event loop. Only so few requests are worked on
at once that the interpreter is not torn between them; one that waits for somebody else (a gateway, a
router, a writer of the database) stops counting after a moment, so that others go on beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from ronda.web.serving.job import Headers, Job, Worker, Wsgi
from ronda.web.serving.lines import Line, Lines

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: Requests worked on at once; more only hand the interpreter to and fro.
AT_ONCE = 3
#: After so long a request is taken to wait for somebody else, and another one begins beside it.
HELD_UP_S = 1.0
#: Threads there may be in all, each with its own connection to the database.
THREADS = 12
#: What of a request's body is read before a thread is given to it.
READ_FIRST = 256 * 1024
#: Those who were turned away are counted, and told of in the log once in so long.
TOLD_EVERY_S = 10.0


class Pages:
    """ASGI application for everything that Django answers."""

    def __init__(
        self,
        application: Wsgi,
        line_of: Callable[[Scope], Line],
        busy: Callable[[Scope], tuple[Headers, bytes]],
    ) -> None:
        """`line_of` says where a request waits, `busy` what it is told with status 503 when there is no room."""
        self._application = application
        self._line_of, self._busy = line_of, busy
        self._lines: Lines[Job] = Lines()
        self._idle: list[Worker] = []
        self._threads = 0
        self._running: dict[Job, float] = {}
        self._look: asyncio.TimerHandle | None = None
        self._closing = False
        self._turned_away = 0
        self._told_at = -TOLD_EVERY_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        loop = asyncio.get_running_loop()
        come = await _first_of_body(receive)
        if come is None:
            return None
        job = Job(loop, scope, come, receive, self._done)
        line = self._line_of(scope)
        if self._closing or not self._lines.join(job, line, loop.time()):
            self._note(line, scope, loop.time())
            return await self._turn_away(scope, send)
        self._hand_out(loop)
        try:
            try:
                answer = await job.answer
            except asyncio.CancelledError:
                # The server ends and has waited long enough; nothing has failed.
                answer = None
            if answer is None:
                return await self._turn_away(scope, send)
            status, headers, content, whole = answer
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content, "more_body": not whole})
            if not whole:
                await job.pass_on(send)
        finally:
            job.left = True

    def close(self) -> None:
        """Turn away who waits and who comes from now on: the server is about to end."""
        self._closing = True
        for job in self._lines.empty():
            job.turn_away()

    async def _turn_away(self, scope: Scope, send: Send) -> None:
        headers, content = self._busy(scope)
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _hand_out(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give threads what may begin now."""
        now = loop.time()
        for job, line in self._lines.overdue(now):
            self._note(line, job.scope, now)
            job.turn_away()
        while self._has_room(now) and (next_one := self._lines.first()) is not None:
            self._running[next_one] = now
            if not self._idle:
                self._threads += 1
                self._idle.append(Worker(self._application, self._threads))
            # The one that worked last: its connection and its memory are warm.
            self._idle.pop().jobs.put(next_one)
        if len(self._lines) and self._look is None:
            self._look = loop.call_later(HELD_UP_S / 2, self._look_again, loop)

    def _has_room(self, now: float) -> bool:
        if len(self._running) >= THREADS:
            return False
        return sum(now - began < HELD_UP_S for began in self._running.values()) < AT_ONCE

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        self._look = None
        self._hand_out(loop)

    def _done(self, job: Job, worker: Worker) -> None:
        """A thread is free again; called on the event loop."""
        self._running.pop(job, None)
        self._idle.append(worker)
        if len(self._lines):
            self._hand_out(job.loop)

    def _note(self, line: Line, scope: Scope, now: float) -> None:
        """Say in the log that there was no room: of every callback, of others how many there were."""
        if line == Line.CALLBACK:
            log.error("web.callback-turned-away", path=scope["path"])
            return
        self._turned_away += 1
        if now - self._told_at >= TOLD_EVERY_S and not self._closing:
            log.warning("web.busy", turned_away=self._turned_away, waiting=len(self._lines))
            self._told_at, self._turned_away = now, 0


async def _first_of_body(receive: Receive) -> tuple[bytes, bool] | None:
    """What a thread need not wait for of the body, and whether more comes; None when the caller is gone."""
    come = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        come += message.get("body", b"")
        more = bool(message.get("more_body", False))
        if not more or len(come) >= READ_FIRST:
            return come, more
