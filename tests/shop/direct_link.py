"""A link straight into a simulated router, without wire or waiting."""

from collections.abc import Mapping, Sequence
from typing import Any

from ronda.hotspot.service.performing import USER
from ronda.routeros.errors import AlreadyThere, NoSuchReference
from ronda.routeros.port import Query, Reply, Row
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.traps import Trap
from tests.hotspot.scripted import ScriptedLink


class DirectLink:
    """What `routeros.port.Link` promises, as far as vouchers ask."""

    def __init__(self, router: VirtualRouter) -> None:
        self._router = router
        self.alive = True
        self.facts = ScriptedLink(iso_dates=router.profile.since(7, 10)).facts

    def _say(self, command: str, words: Sequence[str]) -> Any:
        try:
            return self._router.execute(command, list(words))
        except Trap as trap:
            kind = AlreadyThere if "already have" in str(trap) else NoSuchReference
            raise kind(str(trap)) from None

    async def print(
        self,
        menu: str,
        *,
        query: Query | None = None,
        properties: Sequence[str] = (),
        within: float | None = None,
    ) -> list[Row]:
        words = [f"?{word}" for word in query.words] if query else []
        if properties:
            words.append(f"=.proplist={','.join(properties)}")
        rows: list[Row] = self._say(f"{menu}/print", words).dicts()
        return rows

    async def add(self, menu: str, values: Mapping[str, str]) -> str | None:
        made: str = self._say(f"{menu}/add", _words(values)).ret
        return made

    async def set(self, menu: str, values: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 -- the word of the port
        self._say(f"{menu}/set", [f"=.id={id}", *_words(values)])

    async def remove(self, menu: str, ids: Sequence[str]) -> None:
        self._say(f"{menu}/remove", [f"=.id={','.join(ids)}"])

    async def call(
        self, command: str, values: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Reply:
        return Reply(self._say(command, _words(values or {})).dicts())

    def user(self, name: str) -> Row | None:
        """The user of this name."""
        found = self._say(f"{USER}/print", [f"?name={name}"]).dicts()
        return found[0] if found else None


def _words(values: Mapping[str, str]) -> list[str]:
    return [f"={name}={text}" for name, text in values.items()]
