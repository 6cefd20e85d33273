"""The synthetic fleet whose history is stored: the same one for every peer.

Base round trips are lognormal (median 6 ms), with 0.18 ms of noise, 1 % spikes, 0.3 % random loss
and about two outages per ONT and month of 40 minutes on average.
"""

import math
import random  # noqa: TID251 -- seeded simulation
from array import array
from collections.abc import Iterator

SWEEPS_A_DAY = 2880
INTERVAL_S = 30
POOL = 1 << 16


class Fleet:
    """`onts` ONTs in slots 1 to `onts`; slot 0 is never probed, as ONT ids begin at 1."""

    def __init__(self, onts: int, seed: int = 1) -> None:
        self.random = random.Random(seed)
        draw = self.random
        self.onts = onts
        self.base = [draw.lognormvariate(math.log(6000), 0.6) for _ in range(onts)]
        # Noise with the spikes in it; every sweep reads it from another place.
        self.noise = [
            draw.gauss(0, 180) + (draw.expovariate(1 / 20_000) if draw.random() < 0.01 else 0)
            for _ in range(POOL + onts)
        ]

    def sweeps(self, number: int) -> Iterator["array[int]"]:
        """`number` sweeps as the prober gives them: by slot, 0 not probed, 1 silent, else us."""
        draw, onts = self.random, self.onts
        outages = self._outages(number)
        for sweep in range(number):
            begin = draw.randrange(POOL)
            noise = self.noise[begin : begin + onts]
            column = array("I", [0])
            column.extend(
                [int(b + n) if b + n > 50 else 50 for b, n in zip(self.base, noise, strict=True)]
            )
            for _ in range(int(onts * 0.003 + draw.random())):
                column[1 + draw.randrange(onts)] = 1
            for slot in outages.get(sweep, ()):
                column[slot] = 1
            yield column

    def _outages(self, number: int) -> dict[int, list[int]]:
        """Slots that are down, by sweep."""
        down: dict[int, list[int]] = {}
        expected = 2 * self.onts * number / (30 * SWEEPS_A_DAY)
        for _ in range(int(expected + self.random.random())):
            slot, start = 1 + self.random.randrange(self.onts), self.random.randrange(number)
            length = 1 + int(self.random.expovariate(1 / 80))
            for sweep in range(start, min(number, start + length)):
                down.setdefault(sweep, []).append(slot)
        return down
