"""The line is cut at every byte of a fixed exchange: nothing is lost, nothing is made twice."""

import asyncio
import random  # noqa: TID251 -- seeded cuts
from collections.abc import Iterator

import pytest

from ronda.routeros.errors import Outcome, RouterError
from ronda.routeros.links import open_link
from ronda.routeros.port import Target, Transport
from ronda.simulator.routers.control import Handle, SimulatedRouters
from ronda.simulator.routers.fleet import Spec
from ronda.simulator.routers.furnish import complete
from tests.routeros.adding import add_once
from tests.routeros.peer import run
from tests.routeros.proxy import Cut, Proxy, proxied

USERS = "/ip/hotspot/user"


@pytest.fixture(scope="module")
def router() -> Iterator[Handle]:
    # A request that is cut damages a router's web server for two seconds; here for two hundredths.
    spec = Spec("v7.16", options={"tls": "off", "heals": 0.02})
    with SimulatedRouters(spec, furnish=[complete]) as routers:
        yield routers[0]


def through(proxy: Proxy, router: Handle, transport: Transport = Transport.API) -> Target:
    return Target("127.0.0.1", router.user, router.password, transport=transport, port=proxy.port)


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


async def cut_once(router: Handle, proxy: Proxy, target: Target, cut: Cut, count: int = 1) -> None:
    """Add users over a line that is cut, see that each is there once, and remove them."""
    names = [f"cut-{n}" for n in range(count)]
    proxy.cut = cut
    async with asyncio.timeout(20):
        ids = await add_in_spite_of_it(target, names)
    assert sorted(ours(router)) == sorted(zip(ids, names, strict=True)), cut
    for one in ids:
        router.ask("remove", menu=USERS, id=one)


def every_byte(
    router: Handle, step: int, *, reset: bool, transport: Transport = Transport.API
) -> None:
    door = {Transport.API: "api", Transport.REST: "www"}[transport]

    async def story() -> None:
        async with proxied(router.host, router.ports[door]) as proxy:
            target = through(proxy, router, transport)
            await cut_once(router, proxy, target, Cut())
            await proxy.ended.wait()
            up, down = proxy.carried
            assert min(up, down) > 150
            for at in range(0, up, step):
                await cut_once(router, proxy, target, Cut(up=at, reset=reset))
            for at in range(0, down, step):
                await cut_once(router, proxy, target, Cut(down=at, reset=reset))

    run(story)


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_somewhere_loses_and_doubles_nothing(router: Handle, reset: bool) -> None:
    every_byte(router, 41, reset=reset)


@pytest.mark.slow
def test_a_cut_at_every_byte_loses_and_doubles_nothing(router: Handle) -> None:
    every_byte(router, 1, reset=False)


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_a_cut_of_rest_loses_and_doubles_nothing(router: Handle) -> None:
    every_byte(router, 37, reset=False, transport=Transport.REST)


@pytest.mark.slow
def test_twenty_additions_survive_60_cuts_anywhere(router: Handle) -> None:
    dice = random.Random(7)

    async def story() -> None:
        async with proxied(router.host, router.port) as proxy:
            target = through(proxy, router)
            for _ in range(60):
                cut = Cut(up=dice.randrange(2200), reset=dice.random() < 0.5)
                if dice.random() < 0.5:
                    cut = Cut(down=dice.randrange(2400), reset=cut.reset)
                await cut_once(router, proxy, target, cut, 20)

    run(story)
