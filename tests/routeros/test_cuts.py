"""The line is cut at every byte of a fixed exchange: nothing is lost, nothing is made twice."""

import asyncio
import random  # noqa: TID251 -- seeded cuts
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ronda.routeros.errors import Outcome, RouterError
from ronda.routeros.links import open_link
from ronda.routeros.once import add_once
from ronda.routeros.port import Target, Transport
from ronda.simulator.routers.control import Handle, SimulatedRouters
from tests.routeros.peer import run
from tests.routeros.proxy import Cut, Proxy, proxied

USERS = "/ip/hotspot/user"


@pytest.fixture(scope="module")
def router() -> Iterator[Handle]:
    with SimulatedRouters("v7.16") as routers:
        yield routers[0]


def through(proxy: Proxy, router: Handle) -> Target:
    return Target(
        "127.0.0.1", router.user, router.password, transport=Transport.API, port=proxy.port
    )


async def add_in_spite_of_it(target: Target, names: list[str]) -> list[str]:
    """What a caller does: connect, add what is missing, and after an error connect again."""
    ids: dict[str, str] = {}
    doubt = False
    while len(ids) < len(names):
        link = None
        try:
            link = await open_link(target)
            for name in names:
                if name not in ids:
                    ids[name] = await add_once(link, USERS, {"name": name}, doubt=doubt)
        except RouterError as error:
            doubt = doubt or error.outcome is Outcome.UNKNOWN
        finally:
            if link is not None:
                await link.close()
    return [ids[name] for name in names]


def ours(router: Handle) -> list[tuple[str, str]]:
    return [
        (row[".id"], row["name"]) for row in router.rows(USERS) if row["name"].startswith("cut-")
    ]


async def cut_once(proxy: Proxy, router: Handle, cut: Cut, names: list[str]) -> None:
    proxy.cut = cut
    async with asyncio.timeout(20):
        ids = await add_in_spite_of_it(through(proxy, router), names)
    assert sorted(ours(router)) == sorted(zip(ids, names, strict=True)), cut
    snapshot = await open_link(through(proxy, router))
    await snapshot.remove(USERS, ids)
    await snapshot.close()


def every_byte(router: Handle, step: int, *, reset: bool) -> None:
    async def story() -> None:
        async with proxied(router.host, router.port) as proxy:
            ids = await add_in_spite_of_it(through(proxy, router), ["cut-0"])
            await proxy.ended.wait()
            up, down = proxy.carried
            link = await open_link(replace(through(proxy, router), port=router.port))
            await link.remove(USERS, ids)
            await link.close()
            assert min(up, down) > 150
            for at in range(0, up, step):
                await cut_once(proxy, router, Cut(up=at, reset=reset), ["cut-1"])
            for at in range(0, down, step):
                await cut_once(proxy, router, Cut(down=at, reset=reset), ["cut-2"])

    run(story)


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_somewhere_loses_and_doubles_nothing(router: Handle, reset: bool) -> None:
    every_byte(router, 41, reset=reset)


@pytest.mark.slow
def test_a_cut_at_every_byte_loses_and_doubles_nothing(router: Handle) -> None:
    every_byte(router, 1, reset=False)


@pytest.mark.slow
def test_twenty_additions_survive_200_cuts_anywhere(router: Handle) -> None:
    dice = random.Random(7)

    async def story() -> None:
        async with proxied(router.host, router.port) as proxy:
            names = [f"cut-{n}" for n in range(20)]
            for _ in range(200):
                cut = Cut(up=dice.randrange(2200), reset=dice.random() < 0.5)
                if dice.random() < 0.5:
                    cut = Cut(down=dice.randrange(2400), reset=cut.reset)
                await cut_once(proxy, router, cut, names)

    run(story)
