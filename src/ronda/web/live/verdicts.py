"""Who asks for live data: asked of the database in a thread, and remembered for a few seconds."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Headers = Mapping[str, str]

# A signed-out person is turned away after at most this long.
VERDICT_S = 3.0
VERDICTS = 5000
# A verdict in use is renewed beside the traffic from this age on, so that no frame waits for it.
RENEW_S = 1.5


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: someone signed in, or a stranger where the public map is on.

    `sites` are those that somebody is narrowed to; None is everything.
    """

    public: bool
    sites: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody: too many wrong tokens came from this address, which may try again after `seconds`."""

    seconds: int


Verdict = Caller | Wait | None
Identify = Callable[[Headers, str], Verdict]


class Asker:
    """What somebody brings to be known by, and from where: a token may be bound to addresses."""

    __slots__ = ("headers", "key", "peer")

    def __init__(self, headers: Headers, peer: str) -> None:
        """`peer` is the address that the connection came from."""
        self.headers, self.peer = headers, peer
        names = ("cookie", "authorization", "x-api-key", "x-forwarded-for")
        proof = "\n".join([peer, *(headers.get(name, "") for name in names)])
        self.key = hashlib.blake2b(proof.encode("latin-1"), digest_size=16).digest()


class Verdicts:
    """The verdicts of one process; for the event loop only."""

    def __init__(self, identify: Identify) -> None:
        """`identify` (headers, peer address) may block: it runs in threads."""
        self._identify = identify
        self._kept: dict[bytes, tuple[float, Verdict]] = {}
        self._judging: dict[bytes, asyncio.Task[Verdict]] = {}
        self._rechecks = 0

    async def of(self, asker: Asker) -> Verdict:
        """The verdict on this cookie or token, at most some seconds old."""
        kept = self._kept.get(asker.key)
        if kept is not None and self.stands(asker, kept[1], time.monotonic()):
            return kept[1]
        return await asyncio.shield(self._judge(asker))

    def stands(self, asker: Asker, verdict: Verdict, moment: float) -> bool:
        """Whether this is known to be the verdict at that moment (monotonic); it is renewed in time."""
        kept = self._kept.get(asker.key)
        if kept is None or kept[0] <= moment:
            return False
        if kept[0] - moment < VERDICT_S - RENEW_S:
            _renewal = self._judge(asker)
        return kept[1] == verdict

    def until(self, asker: Asker) -> float:
        """Until when (monotonic) the verdict stands; a moment long past when there is none."""
        return self._kept.get(asker.key, (0.0, None))[0]

    def forget(self) -> None:
        """Ask again who everybody is: somebody's access has ended."""
        self._rechecks += 1
        self._kept.clear()

    def _judge(self, asker: Asker) -> "asyncio.Task[Verdict]":
        """Ask once, however many streams of one person want to know."""
        task = self._judging.get(asker.key)
        if task is None:
            task = asyncio.create_task(self._judged(asker))  # noqa: TID251 -- kept below
            self._judging[asker.key] = task
            task.add_done_callback(lambda _: self._judging.pop(asker.key, None))
        return task

    async def _judged(self, asker: Asker) -> Verdict:
        while True:
            asked, rechecks = time.monotonic(), self._rechecks
            verdict = await asyncio.to_thread(self._identify, asker.headers, asker.peer)
            if rechecks == self._rechecks:  # else the verdict may rest on what was true before
                break
        if len(self._kept) >= VERDICTS:
            self._kept.clear()
        self._kept[asker.key] = (asked + VERDICT_S, verdict)
        return verdict
