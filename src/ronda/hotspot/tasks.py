"""What the routers' desk runs for the hotspot: readings, the whole and the quick one, and what people ask."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from ronda.hotspot.models import Outcome, Part
from ronda.hotspot.service import (
    ages,
    asking,
    drifting,
    forgetting,
    hours,
    performing,
    reading,
    storing,
)
from ronda.hotspot.service.performing import (
    REREAD,
    TOUCH_SESSIONS,
    LineCut,
    Result,
    perform,
)
from ronda.hotspot.service.usage import limits
from ronda.routeros.errors import RouterError
from ronda.routeros.port import Link
from ronda.routers.desk.port import Handler, Poll, Progress, Visit
from ronda.routers.models import Router
from ronda.work.loops import in_thread
from ronda.work.schedules import Task

#: Between two quick readings, and between two looks whether one is wanted.
QUICK_S = 5.0
#: Items of an instruction that are on the way to a router at once.
BATCH = 16


async def whole(visit: Visit) -> float | None:
    """Read every list, and the log when something began to differ from what is wanted."""
    try:
        snapshot = await reading.read(visit.link)
    except RouterError as error:
        await in_thread(_note_failure, visit.router, error.text)
        raise
    await in_thread(_store, visit.router, snapshot)
    if await in_thread(drifting.unexplained, visit.router):
        await in_thread(drifting.explain, visit.router, await reading.log_lines(visit.link))
    return None


async def quick(visit: Visit) -> float | None:
    """Read who is online, while somebody looks at it."""
    if await in_thread(ages.looked_at, visit.router):
        snapshot = await reading.read(visit.link, reading.QUICK)
        await in_thread(_store, visit.router, snapshot)
    return QUICK_S


async def keep_hours(visit: Visit) -> float | None:
    """Keep the hours of access; comes again right after the next opening or closing."""
    await _keep(visit.link, visit.router)
    return await in_thread(hours.next_look_s, visit.router, timezone.now())


async def hours_changed(
    link: Link, payload: Mapping[str, Any], progress: Progress
) -> Mapping[str, Any]:
    """Keep the hours that somebody has just changed."""
    return {"kept": await _keep(link, payload["router"])}


async def _keep(link: Link, router: int) -> int:
    found = await in_thread(hours.hours_at, router)
    if found:
        kept = await hours.keep(link, found, timezone.now())
        await in_thread(hours.note, router, kept)
        if any(one.switched for one in kept):
            snapshot = await reading.read(link, (Part.USERS, Part.ACTIVE, Part.COOKIES))
            await in_thread(_store, router, snapshot)
    return len(found)


def _store(router: int, snapshot: reading.Snapshot) -> None:
    found = Router.objects.present().filter(pk=router).first()
    if found is not None and (snapshot.parts or snapshot.troubles):
        storing.store(found, snapshot)


def _note_failure(router: int, trouble: str) -> None:
    found = Router.objects.present().filter(pk=router).first()
    if found is not None:
        storing.note_failure(found, trouble)


POLLS = (
    Poll("hotspot", whole),
    Poll("hotspot.quick", quick),
    Poll("hotspot.hours", keep_hours),
)


async def act(link: Link, payload: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Do an instruction's part on one router, note every item as it ends, and read again what it touched.

    Raises:
        RouterError: the line was cut; what is left waits, and is looked at again before it is repeated.
    """
    router: int = payload["router"]
    todo = await in_thread(asking.tasks_of, _instruction_of(payload), router)
    ended = 0
    for first in range(0, len(todo), BATCH):
        group = todo[first : first + BATCH]
        await in_thread(asking.begin, group)
        done = await asyncio.gather(
            *(perform(link, task) for task in group), return_exceptions=True
        )
        results: dict[int, Result] = {}
        trouble = _sort(group, done, results)
        last = trouble is not None or first + BATCH >= len(todo)
        await in_thread(asking.settle, router, results, look=last)
        ended += len(results)
        await progress(ended, len(todo))
        if trouble is not None:
            raise trouble
    await _reread(link, router, todo)
    return {"ended": ended}


def _instruction_of(payload: Mapping[str, Any]) -> int:
    """The instruction of a job; jobs that wait from before its name changed call it an order."""
    number: int = payload["instruction"] if "instruction" in payload else payload["order"]
    return number


def _sort(
    group: list[performing.Task], done: list[Result | BaseException], results: dict[int, Result]
) -> BaseException | None:
    """Fill in what became of each task; what to raise once that is noted, a fault of ours first."""
    cut: BaseException | None = None
    fault: BaseException | None = None
    for task, end in zip(group, done, strict=True):
        if isinstance(end, LineCut):
            cut = cut or end.cause
            results[task.id] = end.result
        elif isinstance(end, Result):
            results[task.id] = end
        else:
            fault = fault or end
            results[task.id] = Result(Outcome.UNKNOWN, code="internal")
    return fault or cut


async def _reread(link: Link, router: int, todo: list[performing.Task]) -> None:
    parts: set[Part] = set()
    for task in todo:
        if task.verb in TOUCH_SESSIONS:
            parts |= {Part.ACTIVE, Part.COOKIES}
        parts |= set(REREAD.get(task.verb, ()))
    if parts:
        await in_thread(_store, router, await reading.read(link, parts))


def tasks() -> list[Task]:
    """What repeats in the workers: what waits for a job that will not come any more is told so."""
    return [
        Task("hotspot.give-up", timedelta(minutes=1), _give_up),
        Task("hotspot.forget-instructions", timedelta(hours=12), _forget),
    ]


def _give_up() -> None:
    asking.give_up()


def _forget() -> None:
    limits.forget_unused()
    forgetting.forget(timezone.now(), timedelta(days=settings.RONDA.keep_events_days))


HANDLERS = {
    asking.JOB: Handler(act, repeatable=True),
    hours.JOB: Handler(hours_changed, repeatable=True),
}
