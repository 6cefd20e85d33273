"""Requests that are byte for byte what was asked and answered a moment ago, answered without being parsed again.

A program that polls, and a page that asks for deltas, send the same bytes again and again. What they were
answered holds until the snapshot is a newer one or the verdict on who asks must be renewed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

#: So many different requests are kept; then all are made anew.
MOST = 512
#: Longer requests are not worth keeping.
LONGEST = 4096
#: The extension of the scope in which the server hands a request's own bytes on.
RAW = "ronda.raw"
#: The extension of the scope that puts a part of a streamed answer on the wire at once.
WIRE = "ronda.wire"

#: What is answered from the snapshot alone.
PREPARED = (b"GET /live/columns ", b"GET /live/names ", b"GET /live/delta?", b"GET /api/onts ")

Answer = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    answer: Answer


class Quick:
    """The answers of one process, for the event loop only."""

    def __init__(self, state: Callable[[], object]) -> None:
        """`state` answers another object as soon as answers may be others."""
        self._state = state
        self._of: object = None
        self._kept: dict[tuple[bytes, str], _Kept] = {}

    def get(self, raw: bytes, peer: str) -> Answer | None:
        """Head and body for these bytes of this caller, None when they must be worked out."""
        if self._of is not self._state():
            return None
        found = self._kept.get((raw, peer))
        return found.answer if found is not None and time.monotonic() < found.until else None

    def keep(self, raw: bytes, peer: str, until: float, answer: Answer) -> None:
        """Answer these bytes like this until that moment (monotonic), and while the state is what it is."""
        state = self._state()
        if self._of is not state or len(self._kept) >= MOST:
            self._kept.clear()
            self._of = state
        self._kept[raw, peer] = _Kept(until, answer)

    def forget(self) -> None:
        """Work everything out anew: somebody's access has ended."""
        self._kept.clear()


def is_repeatable(raw: bytes) -> bool:
    """Whether these bytes are one whole request without a body, over a connection that stays open."""
    return (
        len(raw) <= LONGEST
        and raw.startswith(PREPARED)
        and raw.endswith(b"\r\n\r\n")
        and raw.count(b"\r\n\r\n") == 1
        and b" HTTP/1.1\r\n" in raw
        and b"\r\nconnection: close" not in raw.lower()
        and b"\r\ncontent-length" not in raw.lower()
        and b"\r\ntransfer-encoding" not in raw.lower()
    )


def protocol(quick: Quick) -> type[Any] | str:
    """The class of uvicorn's connections that asks `quick` first; "auto" where httptools is not there."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "auto"

    class QuickProtocol(HttpToolsProtocol):
        """A connection; everything that is not known by its bytes goes uvicorn's way."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._raw = b""
            self._quick_at = 0.0
            self._between = True

        def data_received(self, data: bytes) -> None:
            self._raw = b""
            if self._between and data.startswith(PREPARED):
                idle = self.cycle is None or self.cycle.response_complete
                if idle and not self.pipeline and not self.flow.write_paused:
                    answer = quick.get(data, self.client[0] if self.client else "")
                    if answer is not None:
                        self._quick_at = time.monotonic()
                        self.transport.write(answer[0])
                        if answer[1]:
                            self.transport.write(answer[1])
                        return
                self._raw = bytes(data)
            super().data_received(data)

        def on_message_begin(self) -> None:
            self._between = False
            super().on_message_begin()
            self.scope["extensions"] = {RAW: {"bytes": self._raw}}

        def on_headers_complete(self) -> None:
            super().on_headers_complete()
            extensions: Any = self.scope["extensions"]
            extensions[WIRE] = partial(self._write, self.cycle)

        def _write(self, cycle: Any, _frame: bytes, chunk: bytes) -> bool:
            """What uvicorn's `send` does with a part of an answer, when nobody has to be waited for."""
            if cycle.disconnected or self.flow.write_paused or not cycle.chunked_encoding:
                return False
            self.transport.write(chunk)
            return True

        def on_message_complete(self) -> None:
            self._between = True
            super().on_message_complete()

        def timeout_keep_alive_handler(self) -> None:
            left = self._quick_at + self.timeout_keep_alive - time.monotonic()
            if left > 0 and not self.transport.is_closing():
                self.timeout_keep_alive_task = self.loop.call_later(
                    left, self.timeout_keep_alive_handler
                )
            else:
                super().timeout_keep_alive_handler()

    return QuickProtocol
