"""Who listens to the stream; one encoded frame goes to all, and a slow listener is told to resync."""

import asyncio
from collections import deque
from collections.abc import Callable

QUEUE = 64


class Listener:
    """One open stream: frames wait here until its coroutine sends them."""

    __slots__ = ("frames", "overflowed", "wake")

    def __init__(self) -> None:
        self.frames: deque[bytes] = deque()
        self.wake = asyncio.Event()
        self.overflowed = False

    def put(self, frame: bytes) -> None:
        """Queue a frame; past the bound everything queued is dropped for one resync."""
        if len(self.frames) >= QUEUE:
            self.frames.clear()
            self.overflowed = True
        if not self.overflowed:
            self.frames.append(frame)
        self.wake.set()

    def take(self) -> tuple[list[bytes], bool]:
        """Everything queued, and whether something was dropped."""
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
            for listener in listeners if frame else ():
                listener.put(frame)

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
