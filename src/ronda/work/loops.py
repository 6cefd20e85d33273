"""Loops that run for months: named, never silently dead, calm when what they need is away."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from django.db import close_old_connections, connection

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

LONGEST_PAUSE_S = 30.0


def run_forever(
    name: str, step: Callable[[], float | None], *, every: float, stop: threading.Event
) -> None:
    """Call `step` until `stop` is set, `every` seconds apart; `step` may return its own pause.

    An exception is logged and the pause doubles up to 30 s, so that a database that is restarting
    is asked again gently; the first success restores the pace.
    """
    failures = 0
    while not stop.is_set():
        close_old_connections()
        try:
            pause = step()
        except Exception:
            failures += 1
            log.exception("loop.failed", loop=name, failures=failures)
            stop.wait(min(every * 2**failures, LONGEST_PAUSE_S))
            continue
        if failures:
            log.info("loop.recovered", loop=name, failures=failures)
            failures = 0
        stop.wait(every if pause is None else pause)


def start_thread(name: str, target: Callable[[], None]) -> threading.Thread:
    """A named daemon thread, already started."""
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread


async def in_thread(function: Callable[..., Result], *args: Any, **named: Any) -> Result:
    """What a blocking function gives, from a thread, so that the event loop goes on; may use the database.

    A task that is cancelled meanwhile leaves the thread to finish by itself.
    """

    def work() -> Result:
        close_old_connections()
        return function(*args, **named)

    return await asyncio.get_running_loop().run_in_executor(_threads, work)


def start_task(name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A named task, already started; keep it. An exception that ends it is logged when it happens."""
    task = asyncio.create_task(work, name=name)  # noqa: TID251 -- the one place
    task.add_done_callback(_log_end)
    return task


def _log_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task.failed", task=task.get_name(), exc_info=error)


def close_threads(within: float = 1.0) -> None:
    """Close the database connections of `in_thread`'s threads; a thread that is busy keeps its own."""
    met = threading.Barrier(THREADS)

    def close() -> None:
        # Each thread takes one of these, because none is done before all have begun.
        with suppress(threading.BrokenBarrierError):
            met.wait(within)
        connection.close()

    wait([_threads.submit(close) for _ in range(THREADS)], timeout=2 * within)


# Few: SQLite has one writer anyway, and each thread keeps a connection to the database open.
THREADS = 6
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="loop")
