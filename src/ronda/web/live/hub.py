"""Who listens to the stream; one encoded frame goes to all, and a slow listener is told to resync."""

import asyncio
from collections import deque
from collections.abc import Callable

QUEUE = 64

Write = Callable[[bytes, bytes], bool]
"""Puts a frame (plain, and as a chunk of HTTP) on the wire at once; False when it cannot."""


class Listener:
    """One open stream. A frame goes straight to the wire; where it cannot, it waits for the coroutine.

    Two thousand browsers are told within a few turns of a loop: each waking of a coroutine would cost
    more than the writing.
    """

    __slots__ = ("caught_up", "frames", "overflowed", "wake", "write")

    def __init__(self, write: Write) -> None:
        """`write` is asked only while nothing waits for the coroutine."""
        self.frames: deque[bytes] = deque()
        self.wake = asyncio.Event()
        self.overflowed = False
        self.caught_up = False
        self.write = write

    def put(self, frame: bytes, chunk: bytes) -> None:
        """Send a frame or queue it; past the bound everything queued is dropped for one resync."""
        if self.caught_up and self.write(frame, chunk):
            return
        self.caught_up = False
        if len(self.frames) >= QUEUE:
            self.frames.clear()
            self.overflowed = True
        if not self.overflowed:
            self.frames.append(frame)
        self.wake.set()

    async def take(self) -> tuple[list[bytes], bool]:
        """What could not be sent at once, and whether something was dropped; waits for it."""
        if not self.frames and not self.overflowed:
            self.caught_up = True
            await self.wake.wait()
        frames, dropped = list(self.frames), self.overflowed
        self.frames.clear()
        self.overflowed = False
        self.wake.clear()
        return frames, dropped


class Hub:
    """All listeners of this process; used from the event loop only."""

    def __init__(self) -> None:
        self.private: set[Listener] = set()
        self.public: set[Listener] = set()
        self.parts: dict[frozenset[int], set[Listener]] = {}

    def publish(
        self, private: bytes, public: bytes, part: Callable[[frozenset[int]], bytes]
    ) -> None:
        """Give every listener its frame; an empty one goes to nobody. `part` makes that of some sites."""
        groups = [(self.private, private), (self.public, public)]
        groups += [(listeners, part(sites)) for sites, listeners in self.parts.items()]
        for listeners, frame in groups:
            chunk = b"%x\r\n%b\r\n" % (len(frame), frame)
            for listener in listeners if frame else ():
                listener.put(frame, chunk)

    def add(self, listener: Listener, *, public: bool, sites: frozenset[int] | None) -> None:
        """Begin to give it the frames of its kind."""
        if public:
            self.public.add(listener)
        elif sites is None:
            self.private.add(listener)
        else:
            self.parts.setdefault(sites, set()).add(listener)

    def discard(self, listener: Listener) -> None:
        """It is gone."""
        self.private.discard(listener)
        self.public.discard(listener)
        for sites in list(self.parts):
            self.parts[sites].discard(listener)
            if not self.parts[sites]:
                del self.parts[sites]

    def __len__(self) -> int:
        return len(self.private) + len(self.public) + sum(map(len, self.parts.values()))
