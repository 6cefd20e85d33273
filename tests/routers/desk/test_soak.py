"""The desk among routers in which everything goes wrong: what a job says of itself is the truth.

10 seconds, or what a busy machine needs until each end was seen; RONDA_TEST_SOAK_S=600 for longer.
"""

import asyncio
import os
import random  # noqa: TID251 -- seeded
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ronda.routeros.links import open_link
from ronda.routers.desk import rules
from ronda.routers.desk.desk import RouterDesk
from ronda.routers.desk.port import Handler, Work, lock_of
from ronda.routers.desk.running import News, StatusJournal, posts
from ronda.routers.desk.station import Pace
from ronda.routers.models import Router
from ronda.routers.service.credentials import seal
from ronda.simulator.routers.control import SimulatedRouters
from ronda.upkeep.models import Span
from ronda.upkeep.service.connections import ConnectionJournal
from ronda.work import jobs
from ronda.work.jobs import State
from ronda.work.loops import close_threads, in_thread, start_task
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECONDS = float(os.environ.get("RONDA_TEST_SOAK_S", "10"))
USERS = "/ip/hotspot/user"
ENDS = {State.DONE, State.FAILED, State.UNKNOWN}
FAULTS = (
    ("no-reply", {"applied": True, "count": 1}),
    ("no-reply", {"applied": False, "count": 1}),
    ("close", {"at": "before-reply", "count": 1}),
    ("close", {"at": "mid-word", "count": 1, "rst": True}),
    ("cut", {"received": 200, "count": 1}),
    ("garbage", {"count": 1}),
    ("fatal", {"count": 1}),
    ("trap", {"count": 1}),
    ("hang", {"count": 1}),
    ("reset", {"count": 1}),
    ("control-byte", {"count": 1}),
)


async def add_user(link: Any, payload: Mapping[str, Any], say: Any) -> dict[str, Any]:
    return {"id": await link.add(USERS, {"name": payload["name"]})}


@pytest.mark.timeout(SECONDS + 150)
def test_every_job_tells_the_truth_and_nothing_is_left_behind(monkeypatch):
    monkeypatch.setitem(rules.FIRST_PAUSE_S, rules.Trouble.AWAY, 0.05)
    monkeypatch.setitem(rules.LONGEST_PAUSE_S, rules.Trouble.AWAY, 0.5)
    monkeypatch.setitem(rules.FIRST_PAUSE_S, rules.Trouble.SETTINGS, 0.05)
    monkeypatch.setitem(rules.LONGEST_PAUSE_S, rules.Trouble.SETTINGS, 0.5)
    dice = random.Random(7)
    work = Work({"add": Handler(add_user)}, {}, (), (StatusJournal(), ConnectionJournal()))
    with SimulatedRouters("v6.49.10", "v7.16", "v7.24", "v7.8") as simulated:
        routers = [
            make_router(
                f"R{place}",
                host=handle.host,
                port=handle.port,
                prefer="pinned",
                transport="api",
                user=handle.user,
                secret=seal(handle.password),
                timeout_ms=1000,
            ).pk
            for place, handle in enumerate(simulated)
        ]
        made: dict[int, tuple[int, str]] = {}

        def put() -> None:
            place = dice.randrange(len(routers))
            name = f"u{len(made)}"
            job = jobs.enqueue("add", {"name": name}, lock=lock_of(routers[place]))
            made[job] = (place, name)

        def everything_happened() -> bool:
            return {jobs.state(job).state for job in made} >= ENDS

        def settled() -> bool:
            finished = all(jobs.state(job).finished for job in made)
            connected = Router.objects.filter(connection_status="connected").count()
            return finished and connected == len(routers)

        async def story() -> None:
            stop = threading.Event()
            before = len(asyncio.all_tasks())
            desk = RouterDesk(posts, News(), open_link, work, Pace(pulse=0.3, connect=5))
            running = start_task("desk", desk.run(stop, still_ours=lambda: True))
            began = time.monotonic()
            while time.monotonic() < began + SECONDS or not await in_thread(everything_happened):
                assert time.monotonic() < began + SECONDS + 60
                await in_thread(put)
                kind, how = dice.choice(FAULTS)
                simulated[dice.randrange(len(routers))].fault(kind, **how)
                await asyncio.sleep(0.1)
            for handle in simulated:
                handle.clear()
            async with asyncio.timeout(90):
                while not await in_thread(settled):  # noqa: ASYNC110 -- it happens in the database
                    await asyncio.sleep(0.2)
            stop.set()
            await running
            assert len(asyncio.all_tasks()) == before

        sockets = open_sockets()
        try:
            asyncio.run(story())
        finally:
            close_threads()
        assert open_sockets() <= sockets + len(simulated)

        outcomes: Counter[str] = Counter()
        for job, (place, name) in made.items():
            state = jobs.state(job)
            there = sum(row.get("name") == name for row in simulated[place].rows(USERS))
            outcomes[state.state] += 1
            allowed = {State.DONE: {1}, State.FAILED: {0}, State.UNKNOWN: {0, 1}}
            assert there in allowed[state.state], (state, there)
    assert set(outcomes) == ENDS
    assert Span.objects.filter(until=None).count() == 0


def open_sockets() -> int:
    """Sockets of this process, those of the simulated routers included."""
    count = 0
    for file in Path("/proc/self/fd").iterdir():
        try:
            count += str(file.readlink()).startswith("socket:")
        except OSError:
            continue
    return count
