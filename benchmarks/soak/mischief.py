"""What goes wrong with simulated routers, again and again, by seeded dice."""

import asyncio
import random  # noqa: TID251 -- seeded mischief
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ronda.simulator.routers.control import Handle

USERS = "/ip/hotspot/user/*"
FAULTS: list[dict[str, Any]] = [
    {"kind": "hang", "count": 1},
    {"kind": "reset", "count": 1},
    {"kind": "garbage", "count": 1},
    {"kind": "http", "count": 1},
    {"kind": "wrong-password", "count": 1},
    {"kind": "latency", "ms": 30.0, "jitter_ms": 20.0},
    {"kind": "cost", "command": USERS, "ms": 3.0},
    {"kind": "bandwidth", "bytes_per_s": 200_000.0, "count": 20},
    {"kind": "fragment", "by": "word", "count": 3},
    {"kind": "interleave", "count": 5},
    {"kind": "duplicate", "command": USERS, "count": 1},
    {"kind": "trap", "command": USERS, "count": 2},
    {"kind": "fatal", "command": USERS, "count": 1},
    {"kind": "control-byte", "command": USERS, "count": 1},
    {"kind": "oversize", "command": USERS, "count": 1},
    {"kind": "strange-word", "command": USERS, "count": 2},
    *(
        {"kind": "no-reply", "command": USERS, "count": 1, "applied": done}
        for done in (True, False)
    ),
    *(
        {"kind": "close", "command": USERS, "count": 1, "at": at, "rst": rst}
        for at in ("before", "before-reply", "mid-word", "mid-sentence", "after-re")
        for rst in (True, False)
    ),
    *({"kind": "cut", "count": 1, "sent": sent, "rst": True} for sent in (3, 40, 400, 4_000)),
    *({"kind": "cut", "count": 1, "received": got} for got in (5, 60, 600)),
]
LASTS_S = 0.4


async def mischief(
    routers: Sequence[Handle], until: Callable[[], bool], seed: int, done: Counter[str]
) -> None:
    """Set one thing wrong after the other until the time is over; at the end nothing is wrong."""
    dice = random.Random(seed)
    pause = LASTS_S / len(routers)
    while not until():
        router = dice.choice(routers)
        deed = dice.random()
        if deed < 0.05:
            await asyncio.to_thread(router.reboot, seconds=0.2, ntp_after=0.1)
            done["reboot"] += 1
        elif deed < 0.1:
            await asyncio.to_thread(router.ask, "disconnect", reset=dice.random() < 0.5)
            done["disconnect"] += 1
        elif deed < 0.14:
            await asyncio.to_thread(router.set_port, dice.choice(["refuse", "drop"]))
            await asyncio.sleep(LASTS_S)
            await asyncio.to_thread(router.set_port, "open")
            done["port"] += 1
        else:
            fault = dice.choice(FAULTS)
            await asyncio.to_thread(lambda r=router, f=fault: r.fault(**f))
            done[fault["kind"]] += 1
        if dice.random() < 0.2:
            await asyncio.to_thread(dice.choice(routers).clear)
        await asyncio.sleep(pause)
    for router in routers:
        await asyncio.to_thread(router.clear)
        await asyncio.to_thread(router.set_port, "open")
