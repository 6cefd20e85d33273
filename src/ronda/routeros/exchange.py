"""Asking a router's web server: who may ask when, for how long, and what its answers mean.

RouterOS keeps state between requests, and loses it: an aborted request is answered to the next
one, a burst of requests after a failure meets resets. So requests go one by one, each is let run
to its end (the router itself ends a command after 60 s), and after a failure there is a pause.
"""

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from ronda.routeros.errors import (
    NoSuchItem,
    Outcome,
    RouterError,
    RouterRefused,
    RouterSpokeNonsense,
    RouterTimedOut,
    RouterUnreachable,
    WrongCredentials,
)
from ronda.routeros.http import Answer, HttpConnection
from ronda.routeros.port import Target
from ronda.routeros.refusals import meaning_of
from ronda.routeros.words import text_of

PATIENCE_S = 65.0
"""The router ends a command after 60 s; an answer that is later than this never comes."""

PAUSE_S = 2.5
"""After a failure; measured on 7.21: a confused web server recovers within 1.3 to 2.4 s."""

# An escaped NUL of JSON, behind any number of escaped backslashes.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")

_REFUSED = 400
_UNAUTHORIZED = 401
_NOT_FOUND = 404

Connect = Callable[[], Awaitable[HttpConnection]]


class Exchange:
    """Requests to one router, one at a time; `connect` opens a connection whose peer is trusted."""

    def __init__(
        self,
        connect: Connect,
        target: Target,
        *,
        patience: float = PATIENCE_S,
        pause: float = PAUSE_S,
    ) -> None:
        self._connect = connect
        self._host = f"[{target.host}]" if ":" in target.host else target.host
        self._patience = patience
        self._pause = pause
        self._loop = asyncio.get_running_loop()
        self._turn = asyncio.Lock()
        self._not_before = 0.0  # loop time
        self._connection: HttpConnection | None = None
        secret = base64.b64encode(
            f"{target.user}:{target.password}".encode(errors="replace")
        ).decode()
        self._basic = f"Basic {secret}"
        self._welcome = False  # whether the user was let in once
        self.closed = False

    def use(self, connection: HttpConnection) -> None:
        """Take a connection that is open already, for the first request."""
        self._connection = connection

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        within: float | None = None,
        reads: bool = False,
    ) -> Any:
        """What the router answers, from JSON; `within` ends the waiting and never the request.

        Raises:
            RouterError: it refused, or there was no answer; UNKNOWN where it may have been done.
        """
        answer = await self._answer(method, path, body, within=within, reads=reads)
        if answer.status == _UNAUTHORIZED and self._welcome:
            answer = await self._once_more(method, path, body, within=within, reads=reads)
        self._welcome = self._welcome or answer.status < _REFUSED
        if answer.status >= _REFUSED:
            raise _refusal(answer, f"{method} {path}", reads=reads)
        if not answer.body:
            return []
        return _json(answer, reads=reads)

    def close(self) -> None:
        """Cut what is open."""
        self.closed = True
        if self._connection is not None:
            self._connection.drop()

    async def _once_more(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        within: float | None,
        reads: bool,
    ) -> Answer:
        """After a 401 to a user who was let in before: it may be the answer to somebody else.

        The password is wrong where it is refused again after the pause. Otherwise a read is
        repeated; whether a write was done is not known.
        """
        self._not_before = self._loop.time() + self._pause
        if reads:
            return await self._answer(method, path, body, within=within, reads=True)
        again = await self._answer("GET", "/rest/system/identity", None, within=within, reads=True)
        if again.status == _UNAUTHORIZED:
            return again
        raise RouterUnreachable(
            "the router's web server gave the answer of another request", outcome=Outcome.UNKNOWN
        )

    async def _answer(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        within: float | None,
        reads: bool,
    ) -> Answer:
        sent = False
        try:
            async with asyncio.timeout(within or 2 * self._patience):
                await self._turn.acquire()
                asked = await self._begin(method, path, body)
                sent = True
                return await asyncio.shield(asked)
        except TimeoutError as late:
            outcome = Outcome.UNKNOWN if sent and not reads else Outcome.FAILED
            raise RouterTimedOut(f"no answer to {method} {path} in time", outcome=outcome) from late
        except RouterError as error:
            if reads:
                error.outcome = Outcome.FAILED
            raise

    async def _begin(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> asyncio.Future[Answer]:
        """Send the request; whatever becomes of the asker, the turn ends with its answer."""
        try:
            await asyncio.sleep(max(0.0, self._not_before - self._loop.time()))
            connection = await self._connected()
            asked = connection.send(method, quote(path, safe="/*-_.,"), *self._words(body))
        except BaseException as failed:
            if isinstance(failed, RouterError):
                self._not_before = self._loop.time() + self._pause
            self._turn.release()
            raise
        given_up = self._loop.call_later(self._patience, connection.drop)

        def ended(done: asyncio.Future[Answer]) -> None:
            given_up.cancel()
            if done.cancelled() or done.exception() is not None:
                self._not_before = self._loop.time() + self._pause
            self._turn.release()

        asked.add_done_callback(ended)
        return asked

    async def _connected(self) -> HttpConnection:
        if self.closed:
            raise RouterUnreachable("the connection was closed")
        if self._connection is None or not self._connection.reusable:
            self._connection = await self._connect()
        return self._connection

    def _words(self, body: Mapping[str, Any] | None) -> tuple[list[tuple[str, str]], bytes]:
        data = b"" if body is None else json.dumps(body).encode()
        headers = [
            ("Host", self._host),
            ("Authorization", self._basic),
            ("Accept", "application/json"),
            ("Content-Length", str(len(data))),
        ]
        if data:
            # With a charset behind it, RouterOS before 7.2 answers 415.
            headers.append(("Content-Type", "application/json"))
        return headers, data


def _read(answer: Answer) -> Any:
    text = text_of(answer.body)
    # As over the API: what no database keeps is shown as what it is not.
    return json.loads(_NUL.sub(r"\1\\ufffd", text) if r"\u0000" in text else text)


def _json(answer: Answer, *, reads: bool) -> Any:
    try:
        return _read(answer)
    except (ValueError, RecursionError) as broken:
        outcome = Outcome.FAILED if reads else Outcome.UNKNOWN
        raise RouterSpokeNonsense(
            f"a web server answered, and not with JSON (status {answer.status})", outcome=outcome
        ) from broken


def _refusal(answer: Answer, what: str, *, reads: bool) -> RouterError:
    """The typed error of a status of 400 and above.

    A refusal whose text is known was not done. Any other write may have been: RouterOS answered
    400 to changes that it had made.
    """
    unsure = Outcome.FAILED if reads else Outcome.UNKNOWN
    if answer.status == _UNAUTHORIZED:
        return WrongCredentials("the user name or password is wrong, or the user may not use REST")
    try:
        told = _read(answer)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return RouterSpokeNonsense(
            f"a web server answered, and not as RouterOS does (status {answer.status})",
            outcome=unsure,
        )
    detail = str(told.get("detail") or "")
    if not detail and answer.status == _NOT_FOUND:
        return NoSuchItem("no such item")
    error = (
        meaning_of(detail, command=what)
        if detail
        else RouterRefused(str(told.get("message") or f"status {answer.status}"))
    )
    if type(error) is RouterRefused or (reads and error.outcome is Outcome.UNKNOWN):
        error.outcome = unsure
    return error
