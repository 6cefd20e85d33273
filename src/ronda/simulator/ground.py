"""Where invented ONTs stand: spots in a village, none on top of another unless it is meant."""

import math
import random  # noqa: TID251 -- seeded simulation
from collections import defaultdict

METRES_PER_DEGREE = 111_195.0

Spot = tuple[float, float]

# Coordinates come from phones and from maps clicked by hand: mostly 5 to 7 decimals, 3 to 9 seen.
DECIMALS = (5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 7, 4, 8, 9)


def metres(a: Spot, b: Spot) -> float:
    """Distance on the ground between two (latitude, longitude) pairs, flat within a few km."""
    north = (a[0] - b[0]) * METRES_PER_DEGREE
    east = (a[1] - b[1]) * METRES_PER_DEGREE * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(north, east)


def moved(spot: Spot, north: float, east: float) -> Spot:
    """The spot so many metres north and east of this one."""
    return (
        spot[0] + north / METRES_PER_DEGREE,
        spot[1] + east / METRES_PER_DEGREE / math.cos(math.radians(spot[0])),
    )


def rounded(spot: Spot, decimals: int) -> Spot:
    """The spot as a list would write it, with so many decimals."""
    return (round(spot[0], decimals), round(spot[1], decimals))


class Ground:
    """Hands out spots at least `apart` metres from every spot handed out before.

    Neighbours are looked up on a grid of cells of that size, so that 40,000 take about a second.
    """

    def __init__(self, generator: random.Random, apart: float) -> None:
        self._generator = generator
        self._apart = apart
        self._cells: defaultdict[tuple[int, int], list[Spot]] = defaultdict(list)

    def spot(self, centre: Spot, spread: float) -> Spot:
        """A free spot about `spread` metres around `centre`."""
        while True:
            north, east = (self._generator.gauss(0, spread) for _ in range(2))
            spot = rounded(moved(centre, north, east), self._generator.choice(DECIMALS))
            if self.is_free(spot):
                self._take(spot)
                return spot
            spread *= 1.02  # A full village grows at its edge.

    def beside(self, spot: Spot) -> Spot:
        """A spot 3 to 8 m from this one: the next room of the same house."""
        angle = self._generator.uniform(0, 2 * math.pi)
        distance = self._generator.uniform(3, 8)
        near = moved(spot, distance * math.sin(angle), distance * math.cos(angle))
        return rounded(near, 7)

    def is_free(self, spot: Spot) -> bool:
        """Whether no spot handed out stands nearer than `apart`."""
        row, column = self._cell(spot)
        return all(
            metres(spot, other) >= self._apart
            for r in (row - 1, row, row + 1)
            for c in (column - 1, column, column + 1)
            for other in self._cells.get((r, c), ())
        )

    def _take(self, spot: Spot) -> None:
        self._cells[self._cell(spot)].append(spot)

    def _cell(self, spot: Spot) -> tuple[int, int]:
        side = self._apart / METRES_PER_DEGREE
        return (math.floor(spot[0] / side), math.floor(spot[1] / side))
