"""The soak itself: customers and mischief at the same time, and what is left of them afterwards."""

import asyncio
import gc
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak.customer import Customer
from benchmarks.soak.mischief import mischief
from ronda.simulator.routers.remote import RoutersProcess
from ronda.simulator.routers.schema import PROFILES


@dataclass(frozen=True)
class Seen:
    """What a process holds at one moment."""

    tasks: int
    files: int
    memory_kib: int

    @classmethod
    def now(cls) -> "Seen":
        gc.collect()
        files = len(list(Path("/proc/self/fd").iterdir()))
        lines = Path("/proc/self/status").read_text().splitlines()
        memory = next(line for line in lines if line.startswith("VmRSS")).split()[1]
        return cls(len(asyncio.all_tasks()), files, int(memory))


@dataclass(frozen=True)
class Outcome:
    """What happened and what is left."""

    seconds: float
    routers: int
    done: Counter[str]
    wrong: Counter[str]
    users: int
    before: Seen
    settled: Seen  # after a fifth of the time
    after: Seen


async def soak(count: int, seconds: float, seed: int = 1) -> Outcome:
    """Work on so many routers of every version for so long while everything goes wrong.

    Raises:
        ExceptionGroup: a router holds anything else than what it was asked for.
    """
    with RoutersProcess(*PROFILES, seed=seed, options=(f"--count={count}",)) as routers:
        done: Counter[str] = Counter()
        wrong: Counter[str] = Counter()
        await asyncio.to_thread(lambda: None)  # The pool of threads opens its files once.
        before = Seen.now()
        began = time.monotonic()
        settled = before

        def over() -> bool:
            return time.monotonic() - began >= seconds

        async def watch() -> None:
            nonlocal settled
            await asyncio.sleep(seconds / 5)
            settled = Seen.now()

        customers = [Customer(router, seed * 1_000 + n, done) for n, router in enumerate(routers)]
        async with asyncio.TaskGroup() as group:
            group.create_task(mischief(list(routers), over, seed, wrong))
            group.create_task(watch())
            for customer in customers:
                group.create_task(customer.work(over))
        for customer in customers:
            await customer.settle_up()
        await asyncio.sleep(0)
        took, users = time.monotonic() - began, sum(len(one.truth) for one in customers)
        return Outcome(took, count, done, wrong, users, before, settled, Seen.now())
