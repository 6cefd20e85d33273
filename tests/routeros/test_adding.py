"""Adding something once although answers get lost."""

import pytest

from ronda.routeros.errors import (
    AlreadyThere,
    InvalidValue,
    Outcome,
    RouterError,
    RouterRefused,
    RouterTimedOut,
)
from ronda.routeros.links import open_link
from ronda.routeros.port import Target, Transport
from tests.routeros.adding import add_once
from tests.routeros.peer import Peer, Words, hurry, listening, run

MENU = "/ip/hotspot/user"
SITI = {"name": "siti", "server": "hs1", "password": "x"}


class Table:
    """A menu of users that may lose answers: `applies` says whether a lost add was done."""

    def __init__(self, *, loses: int = 0, applies: bool = True, ret: bool = True) -> None:
        self.users: list[dict[str, str]] = []
        self.loses, self.applies, self.ret = loses, applies, ret

    def __call__(self, words: Words) -> list[Words] | None:
        said = dict(word.decode().lstrip("=").split("=", 1) for word in words[1:] if b"=" in word)
        if words[0].endswith(b"/print"):
            name = words[-1].removeprefix(b"?name=").decode()
            rows = [user for user in self.users if user["name"] == name]
            return [
                *([b"!re", *(f"={n}={v}".encode() for n, v in row.items())] for row in rows),
                [b"!done"],
            ]
        if words[0] != b"/ip/hotspot/user/add":
            return [[b"!done"]]
        lost, self.loses = self.loses > 0, self.loses - 1
        key = (said["name"], said.get("server"))
        if any((user["name"], user.get("server")) == key for user in self.users):
            text = b"=message=failure: already have user with this name for this server"
            return [[b"!trap", text], [b"!done"]]
        if not lost or self.applies:
            self.users.append({".id": f"*{len(self.users) + 1}", **said})
        if lost:
            return None
        return [[b"!done", b"=ret=" + self.users[-1][".id"].encode()] if self.ret else [b"!done"]]


async def on(table: Table, peer: Peer):  # type: ignore[no-untyped-def] # the port's Link
    link = await open_link(Target("127.0.0.1", "r", "", transport=Transport.API, port=peer.port))
    hurry(link)
    return link


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_makes_neither_two_nor_none(applies: bool) -> None:
    async def story() -> None:
        table = Table(loses=1, applies=applies)
        async with listening(Peer(table)) as peer:
            link = await on(table, peer)
            assert await add_once(link, MENU, SITI) == "*1"
            assert [user["name"] for user in table.users] == ["siti"]
            await link.close()

    run(story)


def test_an_answer_that_gets_lost_twice_stays_in_doubt() -> None:
    async def story() -> None:
        table = Table(loses=5, applies=False)
        async with listening(Peer(table)) as peer:
            link = await on(table, peer)
            with pytest.raises(RouterTimedOut) as unsure:
                await add_once(link, MENU, SITI)
            assert (unsure.value.outcome, table.loses) == (Outcome.UNKNOWN, 3)
            await link.close()

    run(story)


def test_what_is_there_is_found_only_in_doubt_and_only_for_its_server() -> None:
    async def story() -> None:
        table = Table()
        table.users = [{".id": "*9", "name": "siti", "server": "hs2"}]
        async with listening(Peer(table)) as peer:
            link = await on(table, peer)
            assert await add_once(link, MENU, SITI, doubt=True) == "*2"
            assert await add_once(link, MENU, SITI, doubt=True) == "*2"
            with pytest.raises(AlreadyThere):
                await add_once(link, MENU, SITI)
            everywhere = {"name": "siti", "server": "all"}
            table.users.append({".id": "*3", "name": "siti"})
            assert await add_once(link, MENU, everywhere, doubt=True) == "*3"
            await link.close()

    run(story)


def test_a_menu_that_returns_no_id_is_looked_up() -> None:
    async def story() -> None:
        table = Table(ret=False)
        async with listening(Peer(table)) as peer:
            link = await on(table, peer)
            assert await add_once(link, MENU, SITI) == "*1"
            peer.answer = lambda words: [[b"!done"]]
            with pytest.raises(RouterRefused, match="not there"):
                await add_once(link, MENU, SITI)
            await link.close()

    run(story)


def test_a_refusal_is_a_refusal() -> None:
    async def story() -> None:
        said = [[b"!trap", b"=message=invalid value for argument name"], [b"!done"]]
        async with listening(Peer(lambda words: said)) as peer:
            link = await on(Table(), peer)
            with pytest.raises(InvalidValue) as refused:
                await add_once(link, MENU, SITI)
            error: RouterError = refused.value
            assert error.outcome is Outcome.FAILED
            await link.close()

    run(story)
