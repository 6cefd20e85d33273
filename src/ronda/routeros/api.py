"""The API of RouterOS v6 and v7 behind the port: one logged-in connection."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from ronda.routeros import login
from ronda.routeros.capabilities import window_cap
from ronda.routeros.commands import in_hundreds, words_of
from ronda.routeros.connection import Connection
from ronda.routeros.errors import RouterRefused, RouterSpokeNonsense
from ronda.routeros.facts import read_facts
from ronda.routeros.port import Facts, Query, Reply, Row, Transport
from ronda.routeros.streams import Rows


async def sign_in(connection: Connection, user: str, password: str) -> RouterRefused | None:
    """Log in by the new form, and by the old challenge where that is the answer.

    A refusal is returned and not raised: that the router refused proves that it speaks the API.

    Raises:
        RouterError: no answer, or none of the API.
    """
    try:
        reply = await connection.ask(login.plain(user, password))
        if reply.ret is not None:
            await connection.ask(login.answer(user, password, reply.ret))
    except RouterRefused as refused:
        return refused
    return None


async def begin(connection: Connection, transport: Transport, certificate: str | None) -> "ApiLink":
    """The link over a connection that is logged in; reads the router's facts."""

    async def show(menu: str) -> list[Row]:
        return (await connection.ask(words_of(f"{menu}/print"))).rows

    facts = await read_facts(show, transport, certificate)
    connection.window.cap = window_cap(facts.board)
    return ApiLink(connection, facts)


@dataclass(frozen=True, slots=True)
class ApiLink:
    """A `ronda.routeros.port.Link`; commands of many tasks share the connection by their tags."""

    connection: Connection
    facts: Facts

    @property
    def alive(self) -> bool:
        """False from the moment the connection is known to be gone."""
        return self.connection.alive

    async def print(
        self,
        menu: str,
        *,
        query: Query | None = None,
        properties: Sequence[str] = (),
        within: float | None = None,
    ) -> list[Row]:
        """Rows of a menu."""
        words = words_of(f"{menu}/print", query=query, properties=properties)
        return (await self.connection.ask(words, within=within)).rows

    async def count(self, menu: str, *, query: Query | None = None) -> int:
        """How many rows, counted by the router."""
        words = words_of(f"{menu}/print", {"count-only": ""}, query=query)
        ret = (await self.connection.ask(words)).ret
        if ret is None or not (ret.isascii() and ret.isdecimal() and len(ret) < 19):
            raise RouterSpokeNonsense(f"the router counted {menu} and gave no number")
        return int(ret)

    async def add(self, menu: str, values: Mapping[str, str]) -> str | None:
        """Make an item."""
        return (await self.connection.ask(words_of(f"{menu}/add", values))).ret

    async def set(self, menu: str, values: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 -- RouterOS's own word
        """Change an item, or a singleton."""
        chosen = {".id": id} if id is not None else {}
        await self.connection.ask(words_of(f"{menu}/set", {**chosen, **values}))

    async def remove(self, menu: str, ids: Sequence[str]) -> None:
        """Remove items, a hundred in one command; the first that is missing ends it."""
        for some in in_hundreds(ids):
            await self.connection.ask(words_of(f"{menu}/remove", {".id": some}))

    async def call(
        self, command: str, values: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Reply:
        """Any command."""
        return await self.connection.ask(words_of(command, values), within=within)

    async def stream(
        self, command: str, values: Mapping[str, str] | None = None
    ) -> AsyncIterator[Row]:
        """Rows as they come; the command is sent with the first wait and cancelled at the end.

        Raises:
            RouterError: the command was refused, the connection was lost, or rows came faster
                than they were read.
        """
        rows = Rows(command)
        cancel = self.connection.start(words_of(command, values), rows.put, rows.ended)
        try:
            while (row := await rows.next()) is not None:
                yield row
        finally:
            cancel()
            rows.close()

    async def close(self) -> None:
        """End the session."""
        await self.connection.close()
