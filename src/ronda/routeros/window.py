"""How many commands may be under way at once on one connection; pure.

A router works commands off one by one, so beyond (round trip + cost) / cost more of them only wait
in its queue, and small boards lose speed by it. How many wait is seen from the answers: with `w`
under way and `base` the quickest answer, about `w * (1 - base / latency)` do: the window grows
while few wait and shrinks to the others when many do, as TCP Vegas does. Measured in
docs/benchmarks/routeros.md.
"""

from collections import deque

START = 8
FEWEST = 2

_FEW = 4
_TICK = 1e-6  # seconds; what a coarse clock calls nothing
_DRIFT = 0.002  # how fast an old best time is forgotten, a part of the difference each answer


class Window:
    """Fed with the time of every small answer; `size` is what may be under way."""

    def __init__(self, cap: int = 32) -> None:
        self.cap = cap
        self._size = float(min(START, cap))
        self._base = 0.0  # seconds, the quickest answer
        self._latest: deque[float] = deque()
        self._growing = True  # by one each answer, doubling each round trip, until some wait
        self._answers = 0  # of this round, which is as many as were under way
        self._best = 0.0  # seconds, the quickest answer of this round

    @property
    def size(self) -> int:
        """Commands that may be under way."""
        return int(self._size)

    def answered(self, seconds: float, *, full: bool) -> None:
        """An answer took this long; `full` tells that commands waited for the window to open."""
        seconds = max(seconds, _TICK)
        if not self._base or seconds < self._base:
            self._base = seconds
        else:
            self._base += (seconds - self._base) * _DRIFT
        self._latest.append(seconds)
        self._best = min(self._best, seconds) if self._answers else seconds
        self._answers += 1
        # The best of half a window is judged: what left in one burst waits for itself.
        while len(self._latest) > max(_FEW, self._size / 2):
            self._latest.popleft()
        if self._growing and self._waiting(min(self._latest)) > self._few:
            self._growing = False
        if self._growing and full:
            self._size = min(self._size + 1, self.cap)
        if self._answers >= self._size:
            self._answers = 0
            self._end_round(self._waiting(self._best), full=full)

    @property
    def _few(self) -> float:
        return max(_FEW, self._size / 4)

    def _waiting(self, seconds: float) -> float:
        """How many of those under way only wait, when an answer takes so long."""
        return self._size * (1.0 - self._base / max(seconds, self._base))

    def _end_round(self, waiting: float, *, full: bool) -> None:
        if waiting > 2 * self._few:
            # Down to what keeps the router busy, and by half at most.
            self._size = max(FEWEST, self._size / 2, self._size - waiting + _FEW)
        elif full and waiting <= self._few and not self._growing:
            self._size = min(self._size + 1, self.cap)

    def stalled(self) -> None:
        """An answer did not come in time: half as many from now on."""
        self._growing = False
        self._size = max(FEWEST, self._size / 2)
