"""The time of the simulation: one for all routers, running, stretched or moved by hand."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


class Clock:
    """Seconds since the simulation began, and the time of day that goes with them.

    `rate` is how many simulated seconds a real one has: 1 for a demo, 0 for a test that moves time
    by `advance` and gets the same answers every time.
    """

    def __init__(
        self,
        *,
        start: datetime = START,
        rate: float = 0.0,
        base: Callable[[], float] = time.monotonic,
    ) -> None:
        self.start = start
        self._base = base
        self._rate = rate
        self._held = 0.0
        self._since = base()

    @property
    def rate(self) -> float:
        """Simulated seconds for each real one."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._held = self.seconds()
        self._since = self._base()
        self._rate = rate

    def seconds(self) -> float:
        """How long the simulation has run."""
        if not self._rate:
            return self._held
        return self._held + (self._base() - self._since) * self._rate

    def now(self) -> datetime:
        """The true time in the simulated world."""
        return self.start + timedelta(seconds=self.seconds())

    def advance(self, seconds: float) -> None:
        """Move on by so many simulated seconds.

        Raises:
            ValueError: backwards; a router's own clock can jump, the world's cannot.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back by {-seconds} s")
        self._held += seconds
