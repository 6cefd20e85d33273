"""One HTTP/1.1 connection to a router's web server: one request at a time, never cut short.

h11 reads and writes the protocol; sockets are ours, so that a certificate is judged before the
password leaves, and a request whose asker went away still runs to its end (routers deliver the
answer of an aborted request to the next one; see docs/decisions/own-router-client.md).
"""

import asyncio
from dataclasses import dataclass
from typing import cast

import h11

from ronda.routeros.errors import Outcome, RouterError, RouterSpokeNonsense, RouterUnreachable

LARGEST_BODY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of a response."""

    status: int
    body: bytes


class HttpConnection(asyncio.Protocol):
    """Made by `loop.create_connection`; asking is for one caller at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._wire = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._asked: asyncio.Future[Answer] | None = None
        self._status = 0
        self._body: list[bytes] = []
        self._size = 0
        self._open = True

    @property
    def reusable(self) -> bool:
        """Whether another request may be sent."""
        return self._open and self._asked is None and self._wire.our_state is h11.IDLE

    @property
    def certificate(self) -> bytes | None:
        """The peer's certificate in DER; None without TLS, or where it showed none."""
        tls = self._transport and self._transport.get_extra_info("ssl_object")
        return tls.getpeercert(binary_form=True) if tls else None

    def send(
        self, method: str, path: str, headers: list[tuple[str, str]], body: bytes
    ) -> asyncio.Future[Answer]:
        """Send a request; the future gets its answer, or a `RouterError` when the line is cut."""
        asked = self._asked = self._loop.create_future()
        request = h11.Request(method=method, target=path, headers=headers)
        parts = [self._wire.send(request)]
        if body:
            parts.append(self._wire.send(h11.Data(data=body)))
        parts.append(self._wire.send(h11.EndOfMessage()))
        if self._transport is not None:
            self._transport.write(b"".join(part for part in parts if part))
        return asked

    def drop(self) -> None:
        """Cut the connection."""
        self._open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        if not self._open:
            return
        try:
            self._wire.receive_data(data)
            self._read()
        except h11.RemoteProtocolError:
            self._fail(
                RouterSpokeNonsense("what came is not HTTP", outcome=Outcome.UNKNOWN)
                if data
                else _cut()
            )
        except RouterError as error:
            self._fail(error)

    def eof_received(self) -> bool:
        """Called by the event loop; an answer without a length ends so."""
        self.data_received(b"")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        self._fail(_cut())

    def _read(self) -> None:
        while True:
            event = self._wire.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return
            if isinstance(event, h11.ConnectionClosed):
                self._fail(_cut())
                return
            if isinstance(event, h11.Response):
                self._status, self._body, self._size = event.status_code, [], 0
            elif isinstance(event, h11.Data):
                self._size += len(event.data)
                if self._size > LARGEST_BODY:
                    raise RouterSpokeNonsense("the answer does not end", outcome=Outcome.UNKNOWN)
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._answered()

    def _answered(self) -> None:
        asked, self._asked = self._asked, None
        if self._wire.their_state is h11.DONE and self._wire.our_state is h11.DONE:
            self._wire.start_next_cycle()
        else:
            self.drop()
        if asked is not None and not asked.done():
            asked.set_result(Answer(self._status, b"".join(self._body)))
        self._body = []

    def _fail(self, error: RouterError) -> None:
        asked, self._asked = self._asked, None
        self.drop()
        if asked is not None and not asked.done():
            asked.set_exception(error)


def _cut() -> RouterUnreachable:
    return RouterUnreachable("the connection was cut", outcome=Outcome.UNKNOWN)
