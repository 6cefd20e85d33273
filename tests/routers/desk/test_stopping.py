"""The desk stops, or loses a router to new settings, in the middle of a job: the job says what it knows."""

import asyncio
from typing import Any

import pytest

from ronda.routers.desk.port import Handler, LooseHandler
from ronda.work import jobs, running
from ronda.work.jobs import State
from ronda.work.loops import in_thread
from tests.routers.desk.test_desk import World, put, short_pauses, until

__all__ = ["short_pauses"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_a_job_that_was_under_way_when_the_desk_stops_is_unknown_or_waits_again():
    begun: list[str] = []

    async def endless(link: Any, payload: Any, say: Any) -> None:
        begun.append("on a link")
        await asyncio.Event().wait()

    async def endless_alone(payload: Any, say: Any) -> None:
        begun.append("alone")
        await asyncio.Event().wait()

    world = World(
        2,
        jobs={"careful": Handler(endless), "harmless": Handler(endless, repeatable=True)},
        loose_jobs={"alone": LooseHandler(endless_alone)},
    )
    made: list[int] = []

    async def story() -> None:
        made.extend(
            await in_thread(lambda: [put("careful", 1), put("harmless", 2), put("alone", 3)])
        )
        await until(lambda: len(begun) == 3)

    world.play(story)

    states = [jobs.state(job) for job in made]
    assert [state.state for state in states] == [State.UNKNOWN, State.WAITING, State.WAITING]
    assert states[0].code == jobs.ABANDONED
    again = running.claim("next", {"harmless"})
    assert (again.id, again.again) == (made[1], True)
