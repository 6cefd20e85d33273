"""What the desk needs from the slices around it, and what it gives to their polls and jobs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ronda.routeros.errors import RouterError
from ronda.routeros.port import Facts, Link, Target
from ronda.routers.desk.rules import CallTimes


@dataclass(frozen=True, slots=True)
class Post:
    """A router that is to be connected; two that are equal need no new connection.

    `aim` blocks and gives where it is now, password and pinned certificate included; it raises
    `RouterError` where that cannot be said. `settings` stands for everything that was set about the
    connection, in any shape that can be compared; no secret in clear.
    """

    router: int
    settings: str
    poll_s: float
    aim: Callable[[], Target] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """One turn of a poll: the open link, whose it is, and how quickly it answered since the last one."""

    router: int
    link: Link
    calls: CallTimes


@dataclass(frozen=True, slots=True)
class Poll:
    """Reads something of every router again and again; polls of one router never overlap.

    `run` gives the seconds to its next turn, None for the router's own interval. It raises
    `RouterError`; another exception is logged and costs this turn only. Database work belongs into
    `ronda.work.loops.in_thread`.
    """

    name: str
    run: Callable[[Visit], Awaitable[float | None]]


class Progress(Protocol):
    """Says how far a job is; cheap to call often."""

    async def __call__(self, done: int, total: int = 0, text: str = "") -> None:
        """`total` 0 means that the amount is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Handler:
    """Does the durable jobs of one kind on the link of the router that their lock names.

    `run` gives the result that the job keeps (JSON, no secret) and raises `RouterError`.
    `repeatable` says that a second run after a first that was cut off half-way is harmless: then it is
    run again after a crash or a lost line, else such a job ends with an unknown outcome. `within` is
    how many seconds it may take.
    """

    run: Callable[[Link, Mapping[str, Any], Progress], Awaitable[Mapping[str, Any] | None]]
    repeatable: bool = False
    within: float = 600.0


@dataclass(frozen=True, slots=True)
class LooseHandler:
    """Does jobs that open what they need themselves, such as the test of a router's settings.

    They run whether or not the router is connected, a few at once, still one per lock.
    """

    run: Callable[[Mapping[str, Any], Progress], Awaitable[Mapping[str, Any] | None]]
    repeatable: bool = True
    within: float = 180.0


class Journal(Protocol):
    """Is told what becomes of the connections; called in threads, one call at a time per router."""

    def opened(self, router: int, facts: Facts) -> None:
        """A connection was made."""
        ...

    def failed(self, router: int, error: RouterError) -> None:
        """An attempt to connect failed."""
        ...

    def lost(self, router: int, error: RouterError) -> None:
        """The connection ended by itself."""
        ...

    def ended(self, router: int) -> None:
        """The connection was ended by us: disabled, changed, or the desk stops."""
        ...

    def seen(self, router: int, calls: CallTimes) -> None:
        """The connection lives; every half minute."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """Everything the desk does with routers, and whom it tells."""

    jobs: Mapping[str, Handler]
    loose_jobs: Mapping[str, LooseHandler]
    polls: tuple[Poll, ...]
    journals: tuple[Journal, ...]


def lock_of(router: int) -> str:
    """The lock of the durable jobs of one router."""
    return f"router:{router}"


def router_of(lock: str) -> int | None:
    """The router whose lock this is; None for another one."""
    head, _, number = lock.partition(":")
    return int(number) if head == "router" and number.isdecimal() else None
