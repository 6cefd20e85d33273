"""The way out of a connection: replies in their order, delayed, broken into pieces or cut off."""

import asyncio
import heapq
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count

Pause = tuple[float, float]
NOTHING: Callable[[], None] = lambda: None  # noqa: E731 -- a constant


class Outlet:
    """Writes to one transport.

    Replies with the same delay keep their order. `limit` is how many more bytes go out before the
    connection is cut; None for no such limit.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[tuple[float, int, Sequence[bytes], Pause, Callable[[], None]]] = []
        self._line: deque[tuple[bytes, Pause, Callable[[], None]]] = deque()
        self._number = count()
        self._alarm: asyncio.TimerHandle | None = None
        self._pump: asyncio.TimerHandle | None = None
        self.limit: int | None = None
        self.limit_by_reset = False

    def send(
        self,
        pieces: Sequence[bytes],
        *,
        delay: float = 0.0,
        gap: float = 0.0,
        per_byte: float = 0.0,
        then: Callable[[], None] = NOTHING,
    ) -> None:
        """Write these pieces `delay` seconds from now, slowly where asked.

        Before the next piece pass `gap` seconds, and `per_byte` for every byte of this one.
        """
        pause = (gap, per_byte)
        if not delay and not self._waiting:
            self._queue(pieces, pause, then)
            return
        due = self._loop.time() + delay
        heapq.heappush(self._waiting, (due, next(self._number), pieces, pause, then))
        if self._alarm is None or due < self._alarm.when():
            self._set_alarm()

    def close(self, *, reset: bool = False) -> None:
        """End the connection; with a reset instead of an orderly end."""
        self.drop()
        if self._transport.is_closing() and not reset:
            return
        if not reset:
            self._transport.close()
            return
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def drop(self) -> None:
        """Forget what was not written yet."""
        for timer in (self._alarm, self._pump):
            if timer is not None:
                timer.cancel()
        self._alarm = self._pump = None
        self._waiting.clear()
        self._line.clear()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(self._waiting[0][0], self._ring)

    def _ring(self) -> None:
        self._alarm = None
        now = self._loop.time()
        while self._waiting and self._waiting[0][0] <= now + 1e-4:
            _, _, pieces, pause, then = heapq.heappop(self._waiting)
            self._queue(pieces, pause, then)
        if self._waiting and self._alarm is None:
            self._set_alarm()

    def _queue(self, pieces: Sequence[bytes], pause: Pause, then: Callable[[], None]) -> None:
        last = len(pieces) - 1
        if last < 0:
            pieces, last = (b"",), 0
        self._line.extend(
            (piece, pause, then if place == last else NOTHING) for place, piece in enumerate(pieces)
        )
        if self._pump is None:
            self._work()

    def _work(self) -> None:
        self._pump = None
        while self._line:
            piece, (gap, per_byte), then = self._line.popleft()
            self._write(piece)
            then()
            seconds = gap + per_byte * len(piece)
            if seconds and not self._transport.is_closing():
                self._pump = self._loop.call_later(seconds, self._work)
                return

    def _write(self, data: bytes) -> None:
        if self._transport.is_closing() or not data:
            return
        if self.limit is None:
            self._transport.write(data)
            return
        self._transport.write(data[: self.limit])
        self.limit -= min(self.limit, len(data))
        if not self.limit:
            self.close(reset=self.limit_by_reset)
