"""The desk over simulated routers and real connections: reboots, silence, and jobs that wait."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from ronda.app import wiring
from ronda.routeros.links import open_link
from ronda.routers.desk import rules
from ronda.routers.desk.desk import RouterDesk
from ronda.routers.desk.port import Handler, Work
from ronda.routers.desk.running import News, StatusJournal, posts
from ronda.routers.desk.station import Pace
from ronda.routers.models import Router
from ronda.routers.service.credentials import seal
from ronda.simulator.routers.control import SimulatedRouters
from ronda.simulator.routers.furnish import complete
from ronda.upkeep.models import Reading, Span
from ronda.upkeep.service.connections import ConnectionJournal
from ronda.work import jobs
from ronda.work.loops import close_threads, in_thread, start_task
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

VERSIONS = ("v6.49.10", "v7.8", "v7.24")


@pytest.fixture
def simulated() -> Iterator[SimulatedRouters]:
    with SimulatedRouters(*VERSIONS, furnish=(complete,)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setitem(rules.FIRST_PAUSE_S, rules.Trouble.AWAY, 0.1)
    monkeypatch.setitem(rules.LONGEST_PAUSE_S, rules.Trouble.AWAY, 0.2)


def play(story: Callable[[], Any], work: Work) -> None:
    async def both() -> None:
        stop = threading.Event()
        desk = RouterDesk(posts, News(), open_link, work, Pace(pulse=0.2))
        running = start_task("desk", desk.run(stop, still_ours=lambda: True))
        try:
            await asyncio.wait_for(story(), 60)
        finally:
            stop.set()
            await asyncio.wait_for(running, 30)

    try:
        asyncio.run(both())
    finally:
        close_threads()


async def until(true: Callable[[], Any]) -> None:
    while not await in_thread(true):  # noqa: ASYNC110 -- it happens in the database
        await asyncio.sleep(0.05)


async def name_of(link: Any, payload: Mapping[str, Any], say: Any) -> dict[str, Any]:
    (row,) = await link.print("/system/identity", properties=("name",))
    return row


def test_routers_of_every_kind_are_read_and_a_rebooted_one_comes_back_to_its_jobs(simulated):
    for handle, version in zip(simulated, VERSIONS, strict=True):
        make_router(
            version,
            host=handle.host,
            port=handle.port,
            prefer="pinned",
            transport="api",
            user=handle.user,
            secret=seal(handle.password),
            timeout_ms=1000,
            poll_s=30,
        )
    work = Work(
        jobs={"name": Handler(name_of, repeatable=True)},
        loose_jobs={},
        polls=wiring.routers_work().polls[:1],
        journals=(StatusJournal(), ConnectionJournal()),
    )
    rebooted = Router.objects.get(name=VERSIONS[2])

    async def story() -> None:
        await until(lambda: Reading.objects.values("router").distinct().count() == 3)
        simulated[2].reboot(seconds=3.0)
        await until(
            lambda: Span.objects.filter(router=rebooted, connected=False, attempts__gt=1).exists()
        )
        job = await in_thread(lambda: jobs.enqueue("name", {}, lock=f"router:{rebooted.pk}"))
        await until(lambda: jobs.state(job).finished)
        assert (await in_thread(jobs.state, job)).state == jobs.State.DONE

    play(story, work)

    spans = [(s.connected, s.until is None) for s in Span.objects.filter(router=rebooted)]
    assert spans[0] == (True, False)
    assert spans[-1] == (True, False)
    assert Span.objects.exclude(router=rebooted).count() == 2
    assert "password" not in str(list(Span.objects.values_list("text", flat=True)))
