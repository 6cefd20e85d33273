"""One request in a thread: the WSGI call, its answer in one piece, or in several that wait for the reader."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from queue import SimpleQueue
from typing import Any

import structlog

from ronda.web.serving.environ import Body, Environ, environ_of

log = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Headers = list[tuple[bytes, bytes]]
#: Status, headers, content, and whether that is all of it.
Answer = tuple[int, Headers, bytes, bool]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

#: An answer is collected up to this size, so that most leave in one piece.
PIECE = 64 * 1024
#: A caller who sends or takes nothing for so long is given up, and the thread is free.
PARTNER_S = 60.0
BROKEN_OFF = b"broken off"


class CallerGone(Exception):
    """Nobody reads the answer any more."""


class Job:
    """One request on its way; `answer` is None when there was no room for it."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        scope: MutableMapping[str, Any],
        come: tuple[bytes, bool],
        receive: Callable[[], Awaitable[Message]],
        freed: Callable[[Job, Worker], None],
    ) -> None:
        """`come` is the body so far and whether more comes; `freed` is called on the loop at the end."""
        self.loop, self.scope = loop, scope
        self.answer: asyncio.Future[Answer | None] = loop.create_future()
        self.left = False
        self._receive, self._freed = receive, freed
        self._body = Body(come[0], self._part if come[1] else None)
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(2)

    def turn_away(self) -> None:
        """There is no room for it."""
        self._give(None)

    async def pass_on(self, send: Callable[[Message], Awaitable[None]]) -> None:
        """Send the pieces of a long answer as they come; one that broke off is left without its end."""
        while (piece := await self._pieces.get()) is not None:
            if piece is BROKEN_OFF:
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def run(self, application: Wsgi, worker: Worker) -> None:
        """Let the application answer, in this thread, which is free again afterwards."""
        started: list[tuple[int, Headers]] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            started[:] = [(int(status[:3]), _encoded(headers))]

        try:
            if not self.left:
                self._collect(application(environ_of(self.scope, self._body), start), started)
        except CallerGone:
            self._soon(self._break_off)
        except Exception:
            log.exception("web.failed", path=self.scope["path"])
            self._soon(self._give, (500, [(b"content-length", b"0")], b"", True))
            self._soon(self._break_off)
        finally:
            self._soon(self._freed, self, worker)

    def _collect(self, content: Iterable[bytes], started: list[tuple[int, Headers]]) -> None:
        pieces: list[bytes] = []
        size, begun = 0, False
        try:
            for piece in content:
                pieces.append(piece)
                size += len(piece)
                if size < PIECE or (not begun and size == _length(started[0][1])):
                    continue
                if begun:
                    self._more(b"".join(pieces))
                else:
                    self._soon(self._give, (*started[0], b"".join(pieces), False))
                    begun = True
                pieces, size = [], 0
            if not begun:
                self._soon(self._give, (*started[0], b"".join(pieces), True))
            else:
                if pieces:
                    self._more(b"".join(pieces))
                self._more(None)
        finally:
            getattr(content, "close", lambda: None)()

    def _more(self, piece: bytes | None) -> None:
        if self.left:
            raise CallerGone
        taken = asyncio.run_coroutine_threadsafe(self._pieces.put(piece), self.loop)
        try:
            taken.result(PARTNER_S)
        except TimeoutError:
            taken.cancel()
            raise CallerGone from None

    def _part(self) -> bytes:
        """The next part of the body; b"" at its end, and when the caller is gone."""
        while True:
            coming = asyncio.run_coroutine_threadsafe(_message(self._receive), self.loop)
            try:
                message = coming.result(PARTNER_S)
            except TimeoutError:
                coming.cancel()
                return b""
            part: bytes = message.get("body", b"")
            if part or not message.get("more_body", False):
                return part

    def _give(self, answer: Answer | None) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def _break_off(self) -> None:
        self._give(None)
        while not self._pieces.empty():
            self._pieces.get_nowait()
        self._pieces.put_nowait(BROKEN_OFF)

    def _soon(self, call: Callable[..., None], *given: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before us
            self.loop.call_soon_threadsafe(call, *given)


class Worker:
    """A thread that answers one request after the other, given by `jobs`."""

    def __init__(self, application: Wsgi, number: int) -> None:
        """Begins at once, and ends with the process."""
        self.jobs: SimpleQueue[Job] = SimpleQueue()
        self._application = application
        threading.Thread(target=self._work, name=f"page-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            self.jobs.get().run(self._application, self)


async def _message(receive: Callable[[], Awaitable[Message]]) -> Message:
    return await receive()


def _encoded(headers: list[tuple[str, str]]) -> Headers:
    return [
        (name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers
    ]


def _length(headers: Headers) -> int:
    return next((int(value) for name, value in headers if name == b"content-length"), -1)
