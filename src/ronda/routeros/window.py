"""How many commands may be under way at once on one connection; pure.

A router works commands off one by one, so beyond (round trip + cost) / cost more of them only wait
in its queue, and small boards lose speed by it. How many wait is seen from the answers: with `w`
under way and `base` the quickest answer, about `w * (1 - base / latency)` do. The window grows
while few wait, shrinks a little when many do, and is cut when most do (as TCP Vegas; measured
in docs/benchmarks/routeros.md).
"""

START = 8
FEWEST = 2

_FEW = 4
_DRIFT = 0.002  # how fast an old best time is forgotten, a part of the difference each answer


class Window:
    """Fed with the time of every small answer; `size` is what may be under way."""

    def __init__(self, cap: int = 32) -> None:
        self.cap = cap
        self._size = float(min(START, cap))
        self._base = 0.0
        self._quick = True  # doubling each round trip until something waits
        self._answers = 0
        self._latest_best = 0.0

    @property
    def size(self) -> int:
        """Commands that may be under way."""
        return int(self._size)

    def answered(self, seconds: float, *, full: bool) -> None:
        """An answer took this long; `full` tells that commands waited for the window to open."""
        if not self._base or seconds < self._base:
            self._base = seconds
        else:
            self._base += (seconds - self._base) * _DRIFT
        if not self._answers or seconds < self._latest_best:
            self._latest_best = seconds
        self._answers += 1
        waiting = self._size * (1.0 - self._base / max(self._latest_best, self._base, 1e-9))
        few = max(_FEW, self._size / 4)
        if self._quick and full and waiting <= few:
            self._size = min(self._size + 1, self.cap)
        elif waiting > few:
            self._quick = False
        if self._answers >= self._size:
            self._answers = 0
            self._after_a_round(waiting, few, full=full)

    def _after_a_round(self, waiting: float, few: float, *, full: bool) -> None:
        """As many answers came as were under way: judge by the best of them, which noise spares."""
        if waiting > self._size * 3 / 4 and self._size > 2 * _FEW:
            self._size = max(FEWEST, self._size * 3 / 4)
        elif waiting > 2 * few:
            self._size = max(FEWEST, self._size - 1)
        elif full and waiting <= few and not self._quick:
            self._size = min(self._size + 1, self.cap)

    def stalled(self) -> None:
        """An answer did not come in time: half as many from now on."""
        self._quick = False
        self._size = max(FEWEST, self._size / 2)
