"""Who listens to the stream; one encoded frame goes to all, and a slow listener is told to resync."""

import asyncio
from collections import deque

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

    def publish(self, private: bytes, public: bytes) -> None:
        """Give every listener its frame; an empty one goes to nobody."""
        for listeners, frame in ((self.private, private), (self.public, public)):
            for listener in listeners if frame else ():
                listener.put(frame)

    def __len__(self) -> int:
        return len(self.private) + len(self.public)
