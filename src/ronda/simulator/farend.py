"""The far end of every line: for one probe, how long its reply takes, or that none comes."""

import random  # noqa: TID251 -- seeded simulation

from ronda.simulator.controls import Controls
from ronda.simulator.line import World


class FarEnd:
    """Answers probe by probe; jitter and loss come from the generator, in the order of asking."""

    def __init__(self, world: World, generator: random.Random) -> None:
        self.controls = Controls()
        self._world = world
        self._random = generator.random

    def answer(self, index: int, since: float) -> float | None:
        """Seconds until the reply to a probe of this index, `since` seconds after the start."""
        line = self.controls.on(index, self._world.line(index, since))
        if line.dead or (line.loss and self._random() < line.loss):
            return None
        jitter = self._random() * line.jitter_ms if line.jitter_ms else 0.0
        return (line.delay_ms + jitter) / 1000
