"""ONTs that may be the same one twice: equal ids, addresses, names, places, or closer than 10 m.

Neighbours are found through a grid, so 50,000 ONTs take about as many steps, not 50,000 squared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from math import cos, floor, radians

from ronda.devices.rules.places import METRES_PER_DEGREE, metres_between

NEAR_METRES = 10.0
#: So many near neighbours of one ONT are told; a whole list put on one spot stays readable.
PAIRS_PER_ONT = 16


class Kind(StrEnum):
    """In what two ONTs agree; worst first."""

    CUSTOMER_ID = "customer_id"
    ADDRESS = "address"
    NAME = "name"
    COORDINATES = "coordinates"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Listed:
    """What is compared of one ONT; `ref` is its id, or its row in a file."""

    ref: int
    customer_id: str
    name: str = ""
    location: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    site: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """ONTs that agree in one thing; `value` is that thing, `metres` the distance for `NEAR`."""

    kind: Kind
    value: str
    members: tuple[int, ...]
    metres: float | None = None


def find_duplicates(onts: Iterable[Listed], *, near_metres: float = NEAR_METRES) -> list[Group]:
    """All groups, by kind and then largest first.

    Customer ids count within a site (any case); names count together with the location, since the
    same padukuhan names many ONTs; of those at identical coordinates
    only the first takes part in near pairs.
    """
    listed = list(onts)
    groups = [
        *_equal(
            listed,
            Kind.CUSTOMER_ID,
            lambda o: (o.site, o.customer_id.casefold()) if o.customer_id else "",
        ),
        *_equal(listed, Kind.ADDRESS, lambda o: o.address.casefold()),
        *_equal(
            listed,
            Kind.NAME,
            lambda o: (o.site, o.name.casefold(), o.location.casefold()) if o.name else "",
        ),
        *_equal(listed, Kind.COORDINATES, _place_key),
        *_near(listed, near_metres),
    ]
    order = list(Kind)
    return sorted(groups, key=lambda g: (order.index(g.kind), -len(g.members), g.metres or 0.0))


def _place_key(ont: Listed) -> object:
    if ont.latitude is None or ont.longitude is None:
        return ""
    return ont.latitude, ont.longitude


def _value_of(kind: Kind, ont: Listed) -> str:
    if kind is Kind.CUSTOMER_ID:
        return ont.customer_id
    if kind is Kind.ADDRESS:
        return ont.address
    if kind is Kind.NAME:
        return f"{ont.name} ({ont.location})" if ont.location else ont.name
    return f"{ont.latitude}, {ont.longitude}"


def _equal(onts: Sequence[Listed], kind: Kind, key: Callable[[Listed], object]) -> list[Group]:
    members: dict[object, list[Listed]] = defaultdict(list)
    for ont in onts:
        value = key(ont)
        if value:
            members[value].append(ont)
    return [
        Group(kind, _value_of(kind, found[0]), tuple(o.ref for o in found))
        for found in members.values()
        if len(found) > 1
    ]


def _near(onts: Sequence[Listed], metres: float) -> list[Group]:
    first_at: dict[tuple[float, float], int] = {}
    for ont in onts:
        if ont.latitude is not None and ont.longitude is not None:
            first_at.setdefault((ont.latitude, ont.longitude), ont.ref)
    if not first_at:
        return []
    placed = [(ref, place) for place, ref in first_at.items()]
    # Cells are a little larger than the distance at the latitude where degrees are narrowest.
    widest = min(max(abs(place[0]) for _, place in placed), 89.0)
    high = metres / METRES_PER_DEGREE
    wide = high / cos(radians(widest))
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    groups: list[Group] = []
    for i, (ref, place) in enumerate(placed):
        row, column = floor(place[0] / high), floor(place[1] / wide)
        neighbours = (j for cell in _around(row, column) for j in cells.get(cell, ()))
        pairs = (
            Group(Kind.NEAR, f"{distance:.1f} m", (placed[j][0], ref), round(distance, 2))
            for j in neighbours
            if 0 < (distance := metres_between(place, placed[j][1])) < metres
        )
        groups += islice(pairs, PAIRS_PER_ONT)
        cells[row, column].append(i)
    return groups


def _around(row: int, column: int) -> Iterable[tuple[int, int]]:
    return ((row + r, column + c) for r in (-1, 0, 1) for c in (-1, 0, 1))
