"""Users added over a line that is cut: how many are lost or there twice."""

import random  # noqa: TID251 -- seeded cuts

from ronda.simulator.routers.control import SimulatedRouters
from tests.routeros.proxy import Cut, proxied
from tests.routeros.test_cuts import USERS, add_in_spite_of_it, ours, through

BATCH = 20


async def cut_at_random(cuts: int, *, seed: int = 1) -> int:
    """Add a batch for each cut; the number of users that are wrong at the end of their batch."""
    dice = random.Random(seed)
    wrong = 0
    with SimulatedRouters("v7.16") as routers:
        router = routers[0]
        async with proxied(router.host, router.port) as proxy:
            for _ in range(cuts):
                where = dice.randrange(2300)
                proxy.cut = Cut(up=where) if dice.random() < 0.5 else Cut(down=where)
                names = [f"cut-{n}" for n in range(BATCH)]
                ids = await add_in_spite_of_it(through(proxy, router), names)
                held = ours(router)
                wrong += abs(len(held) - BATCH) + len(set(zip(ids, names, strict=True)) - set(held))
                for item, _ in held:
                    router.ask("remove", menu=USERS, id=item)
    return wrong
