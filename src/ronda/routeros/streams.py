"""Rows that a router sends by itself, between the connection that gets them and one reader."""

import asyncio
from collections import deque

from ronda.routeros.errors import RouterError
from ronda.routeros.port import Row

MOST_WAITING = 10_000
"""Rows that may wait for their reader; a reader that is slower loses the stream, not the memory."""


class Rows:
    """A queue with an end: `ended` is the future of the command's `!done`, or of its error."""

    def __init__(self, command: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._command = command
        self._rows: deque[Row] = deque()
        self._reader: asyncio.Future[None] | None = None
        self.ended: asyncio.Future[str | None] = self._loop.create_future()
        self.ended.add_done_callback(self._wake)

    def put(self, row: Row) -> None:
        """Called by the connection for each row."""
        if len(self._rows) >= MOST_WAITING:
            if not self.ended.done():
                self.ended.set_exception(
                    RouterError(f"rows of {self._command} came faster than they were read")
                )
            return
        self._rows.append(row)
        self._wake()

    async def next(self) -> Row | None:
        """The next row; None after the last one.

        Raises:
            RouterError: the command was refused, or the connection was lost.
        """
        while not self._rows:
            if self.ended.done():
                self.ended.result()
                return None
            self._reader = self._loop.create_future()
            await self._reader
        return self._rows.popleft()

    def close(self) -> None:
        """The reader is gone; an error it did not see is of no interest any more."""
        if self.ended.done() and not self.ended.cancelled():
            self.ended.exception()
        self.ended.cancel()

    def _wake(self, _: object = None) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
