"""A small router in memory behind `routeros.port.Link`, which can refuse, hang and be cut."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ronda.routeros.errors import Outcome, RouterError, RouterTimedOut, RouterUnreachable
from ronda.routeros.port import (
    Capabilities,
    Facts,
    Link,
    Query,
    Reply,
    Row,
    Target,
    Transport,
)

V6 = Capabilities((6, 49, 10), False, False, False)
V7 = Capabilities((7, 16, 0), True, False, False)


def facts(capabilities: Capabilities = V7, identity: str = "R1") -> Facts:
    version = ".".join(map(str, capabilities.version))
    return Facts(identity, version, "hAP ac2", "HC1", capabilities, Transport.API, None)


@dataclass
class FakeRouter:
    """What a router holds and how it behaves; `opened` counts all connections ever made."""

    facts: Facts = field(default_factory=facts)
    menus: dict[str, list[Row]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    refuse: RouterError | None = None
    hang_on_connect: bool = False
    silent: bool = False
    opened: int = 0
    calls: list[str] = field(default_factory=list)
    links: list["FakeLink"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.menus.setdefault("/system/identity", [{"name": self.facts.identity}])

    async def open(self) -> Link:
        if self.hang_on_connect:
            await asyncio.Event().wait()
        if self.refuse is not None:
            raise self.refuse
        self.opened += 1
        link = FakeLink(self)
        self.links.append(link)
        return link

    @property
    def open_links(self) -> int:
        return sum(link.alive for link in self.links)

    def cut(self) -> None:
        """The line goes; every call under way ends with an unknown outcome."""
        for link in self.links:
            link.die()


class FakeLink:
    def __init__(self, router: FakeRouter) -> None:
        self.router = router
        self.facts = router.facts
        self._gone = asyncio.Event()

    @property
    def alive(self) -> bool:
        return not self._gone.is_set()

    def die(self) -> None:
        self._gone.set()

    async def _ask(self, what: str, answer: Any) -> Any:
        self.router.calls.append(what)
        if self.router.silent:
            try:
                await asyncio.wait_for(self._gone.wait(), 0.05)
            except TimeoutError:
                raise RouterTimedOut("no answer", outcome=Outcome.UNKNOWN) from None
        await asyncio.sleep(0)
        if not self.alive:
            raise RouterUnreachable("cut", outcome=Outcome.UNKNOWN)
        if isinstance(answer, RouterError):
            raise answer
        return answer

    async def print(
        self,
        menu: str,
        *,
        query: Query | None = None,
        properties: Sequence[str] = (),
        within: float | None = None,
    ) -> list[Row]:
        rows = self.router.answers.get(f"{menu}/print", self.router.menus.get(menu, []))
        if callable(rows):
            rows = rows()
        if isinstance(rows, list) and query is not None:
            wanted = dict(word.split("=", 1) for word in query.words)
            rows = [row for row in rows if wanted.items() <= row.items()]
        rows = await self._ask(f"{menu}/print", rows)
        if not properties:
            return [dict(row) for row in rows]
        return [{k: v for k, v in row.items() if k in properties} for row in rows]

    async def count(self, menu: str, *, query: Query | None = None) -> int:
        return len(await self.print(menu, query=query))

    async def add(self, menu: str, values: Mapping[str, str]) -> str | None:
        await self._ask(f"{menu}/add", None)
        rows = self.router.menus.setdefault(menu, [])
        rows.append({".id": f"*{len(rows) + 1:X}", **values})
        return rows[-1][".id"]

    async def set(self, menu: str, values: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 -- RouterOS's own word
        await self._ask(f"{menu}/set", None)

    async def remove(self, menu: str, ids: Sequence[str]) -> None:
        await self._ask(f"{menu}/remove", None)
        rows = self.router.menus.get(menu, [])
        rows[:] = [row for row in rows if row[".id"] not in ids]

    async def call(
        self, command: str, values: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Reply:
        answer = self.router.answers.get(command, Reply([]))
        if callable(answer):
            answer = answer(dict(values or {}))
        return await self._ask(command, answer)

    async def stream(
        self, command: str, values: Mapping[str, str] | None = None
    ) -> AsyncIterator[Row]:
        for row in self.router.answers.get(command, []):
            yield row

    async def close(self) -> None:
        self._gone.set()


def target(number: int) -> Target:
    return Target(host=f"router{number}", user="ronda", password="s3cret-in-a-target")
