"""A link that remembers how long its calls took."""

import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import TypeVar

from ronda.routeros.errors import RouterError, RouterRefused
from ronda.routeros.port import Facts, Link, Query, Reply, Row
from ronda.routers.desk.rules import CallTimes, call_times

Answer = TypeVar("Answer")
REMEMBERED = 4096


class Stopwatch:
    """Durations of calls since somebody last asked; at most the newest 4096."""

    def __init__(self) -> None:
        """Nothing measured yet."""
        self._answered: list[float] = []
        self._failed = 0

    def note(self, began: float, *, answered: bool) -> None:
        """A call that began then (monotonic seconds) ended now."""
        if not answered:
            self._failed += 1
            return
        if len(self._answered) >= REMEMBERED:
            del self._answered[: REMEMBERED // 2]
        self._answered.append((time.monotonic() - began) * 1000)

    def take(self) -> CallTimes:
        """What was measured; begins anew."""
        times = call_times(self._answered, self._failed)
        self._answered, self._failed = [], 0
        return times


class MeasuredLink:
    """A `Link` over another one; a refusal counts as an answer, a cut line does not."""

    def __init__(self, link: Link, watches: Sequence[Stopwatch]) -> None:
        """Every call is noted on each of the watches."""
        self._link = link
        self._watches = watches

    @property
    def facts(self) -> Facts:
        """As the link beneath."""
        return self._link.facts

    @property
    def alive(self) -> bool:
        """As the link beneath."""
        return self._link.alive

    async def print(
        self,
        menu: str,
        *,
        query: Query | None = None,
        properties: Sequence[str] = (),
        within: float | None = None,
    ) -> list[Row]:
        """As the link beneath."""
        return await self._timed(
            self._link.print(menu, query=query, properties=properties, within=within)
        )

    async def count(self, menu: str, *, query: Query | None = None) -> int:
        """As the link beneath."""
        return await self._timed(self._link.count(menu, query=query))

    async def add(self, menu: str, values: Mapping[str, str]) -> str | None:
        """As the link beneath."""
        return await self._timed(self._link.add(menu, values))

    async def set(self, menu: str, values: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 -- RouterOS's own word
        """As the link beneath."""
        await self._timed(self._link.set(menu, values, id=id))

    async def remove(self, menu: str, ids: Sequence[str]) -> None:
        """As the link beneath."""
        await self._timed(self._link.remove(menu, ids))

    async def call(
        self, command: str, values: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Reply:
        """As the link beneath."""
        return await self._timed(self._link.call(command, values, within=within))

    def stream(self, command: str, values: Mapping[str, str] | None = None) -> AsyncIterator[Row]:
        """As the link beneath; not measured, it lasts as long as somebody listens."""
        return self._link.stream(command, values)

    async def close(self) -> None:
        """As the link beneath."""
        await self._link.close()

    async def _timed(self, call: Awaitable[Answer]) -> Answer:
        began = time.monotonic()
        answered = False
        try:
            answer = await call
            answered = True
        except RouterRefused:
            answered = True
            raise
        except RouterError:
            raise
        else:
            return answer
        finally:
            for watch in self._watches:
                watch.note(began, answered=answered)
