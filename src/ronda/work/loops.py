"""Loops that run for months: named, never silently dead, calm when what they need is away."""

import threading
from collections.abc import Callable

import structlog
from django.db import close_old_connections

log = structlog.get_logger(__name__)

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
