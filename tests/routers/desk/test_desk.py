"""One connection per router, jobs and polls on it, and a bad router that hurts nobody else."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.routeros.errors import (
    NoSuchItem,
    Outcome,
    RouterError,
    RouterUnreachable,
    WrongCredentials,
)
from ronda.routers.desk import rules
from ronda.routers.desk.desk import RouterDesk
from ronda.routers.desk.port import Handler, LooseHandler, Poll, Post, Visit, Work, lock_of
from ronda.routers.desk.station import Pace
from ronda.work import jobs, running
from ronda.work.jobs import State
from ronda.work.loops import close_threads, in_thread, start_task
from tests.routers.desk.fakes import FakeRouter, target

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setitem(rules.FIRST_PAUSE_S, rules.Trouble.AWAY, 0.05)


QUICK = Pace(pulse=0.05, connect=0.3, poll=5.0, settle=0.5)


class Heard:
    """A journal that remembers, in the words of a story."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []

    def opened(self, router, facts):
        self.lines.append((router, "opened"))

    def failed(self, router, error):
        self.lines.append((router, f"failed: {error.text}"))

    def lost(self, router, error):
        self.lines.append((router, f"lost: {error.text}"))

    def ended(self, router):
        self.lines.append((router, "ended"))

    def seen(self, router, calls):
        self.lines.append((router, "seen"))

    def of(self, router: int) -> list[str]:
        return [line for number, line in self.lines if number == router and line != "seen"]


class World:
    """A desk over fake routers, run inside one event loop."""

    def __init__(self, count: int = 1, **work: Any) -> None:
        self.routers = {number: FakeRouter() for number in range(1, count + 1)}
        self.settings = dict.fromkeys(self.routers, "first")
        self.changed: set[int] = set()
        self.heard = Heard()
        self.work = Work(
            jobs=work.get("jobs", {}),
            loose_jobs=work.get("loose_jobs", {}),
            polls=work.get("polls", ()),
            journals=(self.heard,),
        )
        self.stop = threading.Event()

    def posts(self) -> dict[int, Post]:
        return {
            number: Post(number, settings, 0.02, lambda number=number: target(number))
            for number, settings in self.settings.items()
        }

    def news(self) -> set[int]:
        changed, self.changed = self.changed, set()
        return changed

    async def open_link(self, target: Any) -> Any:
        return await self.routers[int(target.host.removeprefix("router"))].open()

    def play(self, story: Callable[[], Any]) -> None:
        """Run the desk while the story goes on; then it must stop by itself."""

        async def both() -> None:
            desk = RouterDesk(self.posts, self.news, self.open_link, self.work, QUICK)
            running = start_task("desk", desk.run(self.stop, still_ours=lambda: True))
            try:
                await asyncio.wait_for(story(), 60)
            finally:
                self.stop.set()
                await asyncio.wait_for(running, 30)

        try:
            asyncio.run(both())
        finally:
            close_threads()
        assert [number for number, r in self.routers.items() if r.open_links] == []


async def until(true: Callable[[], Any]) -> None:
    while not true():  # noqa: ASYNC110 -- what is waited for happens in other threads too
        await asyncio.sleep(0.01)


async def state_of(job: int) -> jobs.JobState:
    while True:
        found = await in_thread(jobs.state, job)
        if found.finished:
            return found
        await asyncio.sleep(0.02)


def put(kind: str, router: int = 1, **options: Any) -> int:
    return jobs.enqueue(kind, {"router": router}, lock=lock_of(router), **options)


async def count_users(link: Any, payload: Mapping[str, Any], say: Any) -> dict[str, Any]:
    await say(1, 1, "counted")
    return {"router": payload["router"], "users": await link.count("/ip/hotspot/user")}


def test_a_router_has_one_connection_which_polls_and_jobs_share():
    turns: list[Visit] = []

    async def look(visit: Visit) -> None:
        await visit.link.print("/ip/hotspot/active")
        turns.append(visit)

    world = World(2, jobs={"count": Handler(count_users)}, polls=(Poll("active", look),))

    async def story() -> None:
        first, second = await in_thread(lambda: (put("count", 1), put("count", 2)))
        assert (await state_of(first)).result == {"router": 1, "users": 0}
        assert (await state_of(second)).result == {"router": 2, "users": 0}
        await until(lambda: {visit.router for visit in turns[4:]} == {1, 2})

    world.play(story)

    assert [router.opened for router in world.routers.values()] == [1, 1]
    assert world.heard.of(1) == ["opened", "ended"]
    assert any(visit.calls.count and visit.calls.p50_ms is not None for visit in turns)


def test_a_new_job_is_noticed_before_the_next_look_is_due(monkeypatch):
    monkeypatch.setattr("ronda.routers.desk.desk.LOOK_EVERY_S", 3600)
    world = World(jobs={"count": Handler(count_users)})

    async def story() -> None:
        await until(lambda: world.heard.of(1) == ["opened"])
        assert (await state_of(await in_thread(put, "count"))).result == {"router": 1, "users": 0}

    world.play(story)


def test_hanging_and_refusing_routers_delay_only_themselves():
    turns: list[int] = []

    async def look(visit: Visit) -> None:
        turns.append(visit.router)

    world = World(4, jobs={"count": Handler(count_users)}, polls=(Poll("look", look),))
    world.routers[1].hang_on_connect = True
    world.routers[2].refuse = RouterUnreachable("connection refused")
    world.routers[3].silent = True

    async def story() -> None:
        await until(lambda: turns.count(4) > 20)
        job = await in_thread(put, "count", 4)
        assert (await state_of(job)).state == State.DONE
        await until(lambda: "lost: no answer" in world.heard.of(3))
        await until(lambda: world.heard.of(1))

    world.play(story)

    assert world.heard.of(1)[0].startswith("failed: no connection within")
    assert world.heard.of(2)[0] == "failed: connection refused"


@pytest.mark.slow
def test_each_poll_hears_of_every_call_since_its_own_last_turn():
    heard: dict[str, list[int]] = {"often": [], "seldom": []}

    async def often(visit: Visit) -> float:
        heard["often"].append(visit.calls.count)
        await visit.link.print("/ip/hotspot/active")
        return 0.02

    async def seldom(visit: Visit) -> float:
        heard["seldom"].append(visit.calls.count)
        return 0.2

    world = World(1, polls=(Poll("often", often), Poll("seldom", seldom)))

    async def story() -> None:
        await until(lambda: len(heard["seldom"]) > 2)

    world.play(story)

    assert max(heard["seldom"]) > 1
    assert sum(heard["seldom"]) <= len(heard["often"]) + world.routers[1].calls.count(
        "/system/identity/print"
    )


def test_what_waits_for_a_router_runs_when_it_comes_back():
    world = World(1, jobs={"count": Handler(count_users)})
    world.routers[1].refuse = RouterUnreachable("no route to host")

    async def story() -> None:
        await until(lambda: world.heard.of(1))
        patient = await in_thread(put, "count")
        hurried = await in_thread(
            lambda: put("count", start_by=timezone.now() + timedelta(seconds=30))
        )
        refused = await state_of(hurried)
        assert (refused.state, refused.error, refused.code) == (
            State.FAILED,
            "no route to host",
            "RouterUnreachable",
        )
        world.routers[1].refuse = None
        assert (await state_of(patient)).state == State.DONE

    world.play(story)


def test_a_cut_line_is_noticed_and_made_again_and_the_job_on_it_says_what_it_knows():
    begun = []

    async def slow(link: Any, payload: Any, say: Any) -> dict[str, Any]:
        begun.append(1)
        if len(begun) < 3:
            await link._link._gone.wait()
            raise RouterUnreachable("cut", outcome=Outcome.UNKNOWN)
        return {"tries": len(begun)}

    world = World(1, jobs={"careful": Handler(slow), "harmless": Handler(slow, repeatable=True)})

    async def story() -> None:
        careful = await in_thread(put, "careful")
        await until(lambda: len(begun) == 1)
        world.routers[1].cut()
        ended = await state_of(careful)
        assert (ended.state, ended.error) == (State.UNKNOWN, "cut")

        harmless = await in_thread(put, "harmless")
        await until(lambda: len(begun) == 2)
        world.routers[1].cut()
        assert (await state_of(harmless)).result == {"tries": 3}

    world.play(story)
    assert world.routers[1].opened == 3


def test_errors_of_handlers_become_outcomes_of_jobs():
    async def refused(link: Any, payload: Any, say: Any) -> None:
        raise NoSuchItem("no such item")

    async def broken(link: Any, payload: Any, say: Any) -> None:
        raise KeyError("a-secret-value")

    async def endless(link: Any, payload: Any, say: Any) -> None:
        await asyncio.Event().wait()

    tries = []

    async def often(link: Any, payload: Any, say: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            await asyncio.Event().wait()

    world = World(
        1,
        jobs={
            "refused": Handler(refused),
            "broken": Handler(broken),
            "endless": Handler(endless, within=0.05),
            "often": Handler(often, within=0.05, repeatable=True),
        },
    )
    found: list[tuple[str, str, str]] = []

    async def story() -> None:
        made = await in_thread(
            lambda: [put("refused"), put("broken"), put("endless"), put("often")]
        )
        for job in made:
            state = await state_of(job)
            found.append((state.state, state.code, state.error))

    world.play(story)

    assert found == [
        (State.FAILED, "NoSuchItem", "no such item"),
        (State.UNKNOWN, "internal", "KeyError"),
        (State.UNKNOWN, "RouterTimedOut", "it took longer than 0 seconds"),
        (State.DONE, "", "it took longer than 0 seconds"),
    ]


def test_changed_settings_are_followed_and_a_wrong_password_waits_for_them():
    world = World(2)
    world.routers[1].refuse = WrongCredentials("invalid user name or password (6)")

    async def story() -> None:
        await until(lambda: world.heard.of(1) and world.heard.of(2))
        world.routers[1].refuse = None
        # What changed may be something that the settings do not show, such as a forgotten pin.
        world.changed = {1}
        await until(lambda: "opened" in world.heard.of(1))
        world.settings[2] = "another address"
        world.changed = {2}
        await until(lambda: world.heard.of(2) == ["opened", "ended", "opened"])
        del world.settings[1]
        world.changed = {1}
        await until(lambda: world.heard.of(1)[-1] == "ended")
        assert world.routers[1].open_links == 0

    world.play(story)


def test_settings_that_change_twice_at_once_never_make_two_connections():
    world = World(1)
    router = world.routers[1]
    most = []

    async def story() -> None:
        await until(lambda: world.heard.of(1) == ["opened"])
        link = router.links[0]
        closing, closed = asyncio.Event(), asyncio.Event()

        async def slowly() -> None:
            closing.set()
            await closed.wait()
            link.die()

        link.close = slowly
        world.settings[1] = "second"
        world.changed = {1}
        await closing.wait()
        for settings in ("third", "fourth"):
            world.settings[1] = settings
            world.changed = {1}
            await until(lambda: not world.changed)
            for _ in range(20):
                await asyncio.sleep(0.01)
                most.append(router.open_links)
        closed.set()
        await until(lambda: router.opened == 2)

    world.play(story)
    assert max(most) == 1


def test_a_job_for_a_router_that_is_not_in_use_fails_at_once_and_is_not_done_later():
    world = World(1, jobs={"count": Handler(count_users)})

    async def story() -> None:
        refused = await state_of(await in_thread(put, "count", 2))
        assert (refused.state, refused.code) == (State.FAILED, "RouterNotInUse")
        # Taken into use together with its first job: the news comes only afterwards.
        world.routers[3], world.settings[3] = FakeRouter(), "new"
        assert (await state_of(await in_thread(put, "count", 3))).state == State.DONE

    world.play(story)


def test_a_job_that_opens_its_own_connection_needs_no_station():
    async def test_router(payload: Mapping[str, Any], say: Any) -> dict[str, Any]:
        await say(1, 2, "name resolved")
        return {"tested": payload["router"]}

    world = World(1, loose_jobs={"test": LooseHandler(test_router)})

    async def story() -> None:
        job = await in_thread(put, "test", 99)
        assert (await state_of(job)).result == {"tested": 99}

    world.play(story)


def test_the_desk_lives_through_a_database_that_is_locked(monkeypatch):
    from django.db import OperationalError

    world = World(1, jobs={"count": Handler(count_users)})
    real = running.succeed
    failures = [3]

    def locked(*args: Any) -> bool:
        if failures[0]:
            failures[0] -= 1
            raise OperationalError("database is locked")
        return real(*args)

    monkeypatch.setattr(running, "succeed", locked)
    monkeypatch.setattr("ronda.routers.desk.doing.LONGEST_WAIT_S", 0.05)

    async def story() -> None:
        job = await in_thread(put, "count")
        assert (await state_of(job)).state == State.DONE

    world.play(story)
    assert failures == [0]


@pytest.mark.slow
def test_a_poll_that_breaks_costs_its_turn_only():
    turns: list[str] = []

    async def broken(visit: Visit) -> None:
        turns.append("broken")
        raise ZeroDivisionError

    async def refused(visit: Visit) -> None:
        turns.append("refused")
        raise RouterError("odd")

    async def well(visit: Visit) -> float:
        turns.append("well")
        return 0.01

    world = World(1, polls=(Poll("a", broken), Poll("b", refused), Poll("c", well)))

    async def story() -> None:
        await until(lambda: min(turns.count(word) for word in ("broken", "refused", "well")) > 2)

    world.play(story)
    assert world.routers[1].opened == 1
