"""The same far end without an interface: a question and its answer inside the process."""

import random  # noqa: TID251 -- seeded simulation

from ronda.simulator.controls import Controls
from ronda.simulator.farend import FarEnd
from ronda.simulator.line import World
from ronda.simulator.network import Layout


class Answers:
    """What each address of a layout would answer; times are seconds on any steady clock."""

    def __init__(self, world: World, layout: Layout, *, started: float, seed: int = 1) -> None:
        self.layout = layout
        self.started = started
        self._far_end = FarEnd(world, random.Random(seed))  # noqa: S311 -- seeded simulation

    @property
    def controls(self) -> Controls:
        """What is set by hand, by index."""
        return self._far_end.controls

    def answer(self, address: str, at: float) -> int | None:
        """RTT in microseconds of a probe sent at that moment; None when no reply will come."""
        index = self.layout.index(address)
        if index is None:
            return None
        delay = self._far_end.answer(index, at - self.started)
        return None if delay is None else max(1, round(delay * 1e6))
