"""REST of RouterOS 7 behind the port: slower and blinder than the API, for where that is closed.

Why it is not the first choice, and the source of the rules kept here: docs/decisions/own-router-client.md.
Each write is read again, because a status does not say what was done.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ronda.routeros.commands import reads
from ronda.routeros.errors import (
    InvalidValue,
    NoSuchItem,
    Outcome,
    RouterError,
    RouterRefused,
    RouterSpokeNonsense,
    UnknownToVersion,
)
from ronda.routeros.exchange import Exchange
from ronda.routeros.facts import read_facts
from ronda.routeros.port import Facts, Query, Reply, Row, Transport

_ENDLESS = frozenset({"listen", "monitor", "monitor-traffic", "ping", "torch"})
_ENDS = frozenset({"once", "duration", "count"})


async def recognise(exchange: Exchange, within: float) -> RouterRefused | None:
    """Whether REST answers; a refusal of the user is returned, since it proves that it does.

    Raises:
        RouterError: no answer, or another service's.
    """
    try:
        answer = await exchange.ask("GET", "/rest/system/resource", within=within, reads=True)
    except NoSuchItem as missing:
        raise RouterSpokeNonsense(
            "a web server answers, and has no REST: RouterOS before 7.1, or switched off"
        ) from missing
    except RouterRefused as refused:
        return refused
    rows = _rows(answer)
    if not rows or "version" not in rows[0]:
        raise RouterSpokeNonsense("a web server answered, and not as RouterOS does")
    return None


async def begin(exchange: Exchange, transport: Transport, certificate: str | None) -> "RestLink":
    """The link over an exchange that is recognised; reads the router's facts."""

    async def show(menu: str) -> list[Row]:
        return _rows(await exchange.ask("POST", f"/rest{menu}/print", {}, reads=True))

    return RestLink(exchange, await read_facts(show, transport, certificate))


@dataclass(frozen=True, slots=True)
class RestLink:
    """A `ronda.routeros.port.Link`; commands of many tasks wait for each other."""

    exchange: Exchange
    facts: Facts

    @property
    def alive(self) -> bool:
        """False once it was closed; between requests there is nothing that could be cut."""
        return not self.exchange.closed

    async def print(
        self,
        menu: str,
        *,
        query: Query | None = None,
        properties: Sequence[str] = (),
        within: float | None = None,
    ) -> list[Row]:
        """Rows of a menu."""
        body: dict[str, Any] = {}
        if query is not None:
            body[".query"] = list(query.words)
        if properties:
            body[".proplist"] = list(properties)
        path = f"/rest{menu}/print"
        return _rows(await self.exchange.ask("POST", path, body, within=within, reads=True))

    async def count(self, menu: str, *, query: Query | None = None) -> int:
        """How many rows."""
        body: dict[str, Any] = {"count-only": ""}
        if query is not None:
            body[".query"] = list(query.words)
        answer = await self.exchange.ask("POST", f"/rest{menu}/print", body, reads=True)
        if isinstance(answer, dict) and str(answer.get("ret", "")).isdecimal():
            return int(answer["ret"])
        return len(_rows(answer))

    async def add(self, menu: str, values: Mapping[str, str]) -> str | None:
        """Make an item: by PUT, and by the command where PUT fails with nothing made."""
        try:
            made = _first(await self.exchange.ask("PUT", f"/rest{menu}", dict(values)))
        except RouterRefused as refused:
            if refused.outcome is Outcome.FAILED:
                raise
            return await self._add_again(menu, values, refused)
        return await self._seen(menu, made.get(".id"))

    async def _add_again(
        self, menu: str, values: Mapping[str, str], refused: RouterRefused
    ) -> str | None:
        named = {name: values[name] for name in ("name", "server") if name in values}
        if "name" not in named:
            raise refused
        query = Query(tuple(f"{name}={value}" for name, value in named.items()))
        with _in_doubt():
            there = await self.print(menu, query=query, properties=(".id",))
        if there:
            return there[0].get(".id")
        answer = await self.exchange.ask("POST", f"/rest{menu}/add", dict(values))
        ret = answer.get("ret") if isinstance(answer, dict) else None
        return await self._seen(menu, ret if isinstance(ret, str) else None)

    async def _seen(self, menu: str, item: str | None) -> str | None:
        """The id once more, after the item was read."""
        if item is not None and not await self._read(menu, item):
            raise RouterRefused(f"{menu}/{item} was made and is not there", outcome=Outcome.UNKNOWN)
        return item

    async def set(self, menu: str, values: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 -- RouterOS's own word
        """Change an item by PATCH; a singleton by the command, since PATCH does not work there."""
        if id is None:
            await self.exchange.ask("POST", f"/rest{menu}/set", dict(values))
            return
        try:
            await self.exchange.ask("PATCH", f"/rest{menu}/{id}", dict(values))
        except RouterRefused as refused:
            if refused.outcome is Outcome.FAILED or not await self._holds(menu, id, values):
                raise
        if not await self._read(menu, id):
            raise NoSuchItem("no such item", outcome=Outcome.UNKNOWN)

    async def _holds(self, menu: str, item: str, values: Mapping[str, str]) -> bool:
        rows = await self._read(menu, item)
        return bool(rows) and all(rows[0].get(name, "") == value for name, value in values.items())

    async def _read(self, menu: str, item: str) -> list[Row]:
        """An item after it was written; what goes wrong here leaves the write in doubt."""
        try:
            with _in_doubt():
                return _rows(await self.exchange.ask("GET", f"/rest{menu}/{item}", reads=True))
        except NoSuchItem:
            return []

    async def remove(self, menu: str, ids: Sequence[str]) -> None:
        """Remove items one by one; the first that is missing ends it."""
        for item in ids:
            try:
                await self.exchange.ask("DELETE", f"/rest{menu}/{item}")
            except NoSuchItem:
                raise
            except RouterRefused as refused:
                if refused.outcome is Outcome.FAILED or await self._read(menu, item):
                    raise
            if await self._read(menu, item):
                raise RouterRefused(f"{menu}/{item} is still there", outcome=Outcome.UNKNOWN)

    async def call(
        self, command: str, values: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Reply:
        """Any command that ends; one that goes on has to be told `once`, `duration` or `count`."""
        if command.rpartition("/")[2] in _ENDLESS and not _ENDS & set(values or {}):
            raise InvalidValue(f"over REST {command} needs once, duration or count to end")
        answer = await self.exchange.ask(
            "POST", f"/rest{command}", dict(values or {}), within=within, reads=reads(command)
        )
        if isinstance(answer, dict) and set(answer) == {"ret"}:
            return Reply([], _text(answer["ret"]))
        return Reply(_rows(answer))

    def stream(self, command: str, values: Mapping[str, str] | None = None) -> AsyncIterator[Row]:
        """REST cannot push."""
        raise UnknownToVersion(f"{command} needs the API: REST delivers nothing by itself")

    async def close(self) -> None:
        """No request goes out any more."""
        self.exchange.close()


@contextmanager
def _in_doubt() -> Iterator[None]:
    """A read that fails between a write and its confirmation does not undo the write."""
    try:
        yield
    except RouterError as error:
        error.outcome = Outcome.UNKNOWN
        raise


def _rows(answer: Any) -> list[Row]:
    listed = [answer] if isinstance(answer, dict) else answer
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        raise RouterSpokeNonsense("REST answered with something that is no list of rows")
    return [{str(name): _text(value) for name, value in row.items()} for row in listed]


def _first(answer: Any) -> Row:
    rows = _rows(answer)
    return rows[0] if rows else {}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
