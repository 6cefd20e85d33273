"""Does a place make sense among its neighbours, and which slip of the pen would explain it?

A latitude that lost its minus sign is a perfectly good number 1,700 km away. Only the other rows
and the site's own ONTs show that it is wrong, so this looks at all rows together. It proposes;
it never changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from statistics import median

METRES_PER_DEGREE = 111_195.0
ENOUGH_NEIGHBOURS = 3
#: A site is a town: nothing nearer than this to its middle is called far, whatever the spread.
TOWN_METRES = 40_000.0
Place = tuple[float, float]


def metres_between(a: Place, b: Place) -> float:
    """The distance on a flat map, good to 0.1 % within a town (longitude shrinks by cosine)."""
    dlon = abs(a[1] - b[1])
    if dlon > 180:
        dlon = 360 - dlon
    return METRES_PER_DEGREE * hypot(a[0] - b[0], dlon * cos(radians((a[0] + b[0]) / 2)))


def in_range(place: Place) -> bool:
    """Is this a place on Earth?"""
    return -90 <= place[0] <= 90 and -180 <= place[1] <= 180


def pair_text(place: Place) -> str:
    """A place as people read it, to about 10 cm."""
    return f"{place[0]:.7g}, {place[1]:.8g}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the site is: its middle, and how far from it a place is still believable."""

    middle: Place
    reach: float

    def believes(self, place: Place) -> bool:
        """Is this place within reach of the others?"""
        return in_range(place) and metres_between(self.middle, place) <= self.reach


def surroundings_of(places: Iterable[Place]) -> Surroundings | None:
    """The neighbourhood that most of these places share; None when they are too few to tell.

    Medians, so that a few wrong places do not move the middle.
    """
    good = [p for p in places if in_range(p) and p != (0.0, 0.0)]
    if len(good) < ENOUGH_NEIGHBOURS:
        return None
    middle = (median(p[0] for p in good), median(p[1] for p in good))
    distances = sorted(metres_between(middle, p) for p in good)
    usual = distances[(len(distances) - 1) * 3 // 4]
    return Surroundings(middle, max(TOWN_METRES, 3 * usual))


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip of the pen that would explain a wrong place, and where the ONT then stands."""

    code: str
    place: Place


def _slips(latitude: float, longitude: float) -> Sequence[Slip]:
    slips = [
        Slip("sign_missing", (-latitude, longitude)),
        Slip("sign_missing", (latitude, -longitude)),
        Slip("sign_missing", (-latitude, -longitude)),
        Slip("swapped", (longitude, latitude)),
        Slip("swapped", (-longitude, latitude)),
        Slip("swapped", (longitude, -latitude)),
    ]
    powers = [10.0**n for n in range(1, 16)]
    for sign in (1, -1):
        slips += [Slip("point_missing", (sign * latitude / p, longitude)) for p in powers]
        slips += [Slip("point_missing", (sign * latitude, longitude / p)) for p in powers]
        slips += [
            Slip("point_missing", (sign * latitude / p, longitude / q))
            for p in powers
            for q in powers
        ]
    return slips


def explain(place: Place, around: Surroundings) -> Slip | None:
    """The most likely slip that brings this place back among its neighbours, if any does."""
    return next((s for s in _slips(*place) if around.believes(s.place)), None)
