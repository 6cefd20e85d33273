"""Through which door a change comes in, so that the audit trail can say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Door = Literal["page", "api", "older", "callback", "terminal", "work"]

_door: ContextVar[Door | None] = ContextVar("door", default=None)
# What a process does that nobody asks it through a door: schedules, consumers, jobs.
_default: list[Door] = ["work"]


def current() -> Door:
    """The door of what runs now."""
    return _door.get() or _default[0]


def process_is(door: Door) -> None:
    """Say what everything in this process comes through, unless `through` says otherwise."""
    _default[0] = door


@contextmanager
def through(door: Door) -> Iterator[None]:
    """What runs inside comes through this door."""
    token = _door.set(door)
    try:
        yield
    finally:
        _door.reset(token)


def of_path(path: str) -> Door:
    """The door that an address of the web server is."""
    if path.startswith("/api/v1/"):
        return "api"
    if path.startswith("/api/"):
        return "older"
    if path.startswith("/pay/") and path.endswith("/callback"):
        return "callback"
    return "page"
