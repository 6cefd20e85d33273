"""Jobs of the desk that a command in a terminal does itself where no desk runs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from ronda.routeros.errors import RouterError
from ronda.routers.desk.port import Progress
from ronda.work import jobs
from ronda.work.jobs import JobState

#: How long a command waits for the desk before it does the work itself.
PATIENCE_S = 2.0

Run = Callable[[Mapping[str, Any], Progress], Awaitable[Mapping[str, Any] | None]]


def finish(job: int, run: Run, payload: Mapping[str, Any], seconds: float) -> JobState | None:
    """How a job ended: done by the desk, or by ourselves where no desk takes it up.

    Blocks, at most about `seconds` and, doing it ourselves, as long as it takes; unfinished when the
    desk takes longer.
    """
    state = jobs.wait(job, min(seconds, PATIENCE_S))
    if state is None or state.finished:
        return state
    if state.started_at is not None or not jobs.cancel(job):
        return jobs.wait(job, seconds)
    try:
        result = asyncio.run(_run(run, payload))
    except RouterError as error:
        return replace(state, state=jobs.State.FAILED, error=error.text, code=type(error).__name__)
    return replace(state, state=jobs.State.DONE, result=result)


async def _run(run: Run, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return await run(payload, _silent)


async def _silent(done: int, total: int = 0, text: str = "") -> None:
    """Nobody watches."""
