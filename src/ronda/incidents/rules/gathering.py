"""Which losses are one incident: pure.

What is lost near each other in time and place has one cause. How much of a place must be lost
together is a share of the place, because in a large place ONTs are switched off by chance all the
time: two of forty houses within two minutes are no chance, two of ten thousand are.

* fleet: half of all ONTs, in at least two sites;
* site: a quarter of its ONTs and at least five, in at least two areas;
* area: at least two of its ONTs and a fiftieth;
* else each ONT by itself.

An incident that is open already and lost its last ONT near in time takes part: it grows. Where one
turns out to be a part of a larger one, the oldest of the widest takes the others in.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

NEAR = timedelta(seconds=120)
"""Two losses at most this far apart may have one cause: two rounds of 30 s and the time to be sure."""

LONGEST = timedelta(minutes=10)
"""A chain of losses longer than this is no single event."""

SITE_LEAST, SITE_SHARE = 5, 0.25
FLEET_LEAST, FLEET_SHARE = 10, 0.5
AREA_LEAST, AREA_SHARE = 2, 0.02


class Reach(IntEnum):
    """How far an incident reaches; a wider one is higher."""

    ONT = 0
    AREA = 1
    SITE = 2
    FLEET = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """One ONT that was lost at `at`; `area` None: in no area of its site."""

    ont: int
    site: int
    area: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """An open incident: its place, its first and last loss, and how many ONTs are out now."""

    incident: int
    reach: Reach
    site: int | None
    area: int | None
    first: datetime
    last: datetime
    out: int
    onts: frozenset[int] = frozenset()
    """Its ONTs, where the caller knows that one of them was lost again."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many ONTs are watched: by (site, area), by site, in all."""

    areas: Mapping[tuple[int, int | None], int]

    @property
    def fleet(self) -> int:
        """All of them."""
        return sum(self.areas.values())

    def site(self, site: int) -> int:
        """Those of one site."""
        return sum(count for (of, _area), count in self.areas.items() if of == site)

    def area(self, site: int, area: int | None) -> int:
        """Those of one area."""
        return self.areas.get((site, area), 0)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Losses that are one incident: a new one, or `incident` that grows and takes in `absorbs`."""

    reach: Reach
    site: int | None
    area: int | None
    onts: tuple[int, ...]
    incident: int | None = None
    absorbs: tuple[int, ...] = ()


@dataclass(slots=True)
class _Cluster:
    """Losses and open incidents near each other in time."""

    lost: list[Lost] = field(default_factory=list)
    open: list[Open] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many ONTs are out by it."""
        return len(self.lost) + sum(one.out for one in self.open)


def gather(
    lost: Iterable[Lost], open_ones: Iterable[Open], sizes: Sizes, near: timedelta = NEAR
) -> list[Gathered]:
    """Which incidents the losses are; each loss is in exactly one. Oldest first."""
    incidents = list(open_ones)
    fresh: list[Lost] = []
    again = {ont: one for one in incidents for ont in one.onts}
    returned: defaultdict[int, list[int]] = defaultdict(list)
    for one in lost:
        if (known := again.get(one.ont)) is not None:
            returned[known.incident].append(one.ont)
        else:
            fresh.append(one)
    found = [_grown(one, returned[one.incident]) for one in incidents if one.incident in returned]
    taken: set[int] = set()
    for losses in _chains(fresh, near):
        begin, end = losses[0].at - near, losses[-1].at + near
        nearby = [
            one
            for one in incidents
            if one.incident not in taken and one.first <= end and one.last >= begin
        ]
        for gathered in _placed(_Cluster(losses, nearby), sizes):
            taken.update(gathered.absorbs)
            found.append(gathered)
    return found


def _grown(one: Open, onts: Sequence[int]) -> Gathered:
    return Gathered(one.reach, one.site, one.area, tuple(onts), one.incident)


def _chains(lost: Sequence[Lost], near: timedelta) -> list[list[Lost]]:
    """The losses in order of time, cut where a pause is longer than `near` or a chain too long."""
    chains: list[list[Lost]] = []
    for one in sorted(lost, key=lambda item: (item.at, item.ont)):
        chain = chains[-1] if chains else None
        if chain and one.at - chain[-1].at <= near and one.at - chain[0].at <= LONGEST:
            chain.append(one)
        else:
            chains.append([one])
    return chains


def _placed(cluster: _Cluster, sizes: Sizes) -> list[Gathered]:
    """The incidents of one cluster, from the widest place down."""
    sites = {one.site for one in cluster.lost} | {
        one.site for one in cluster.open if one.site is not None
    }
    everywhere = any(one.reach is Reach.FLEET for one in cluster.open)
    enough = cluster.count >= max(FLEET_LEAST, math.ceil(FLEET_SHARE * sizes.fleet))
    if everywhere or (len(sites) > 1 and enough):
        return [_joined(cluster, Reach.FLEET, None, None)]
    found: list[Gathered] = []
    for site in sorted({one.site for one in cluster.lost}):
        found += _of_site(
            site,
            _Cluster(
                [one for one in cluster.lost if one.site == site],
                [one for one in cluster.open if one.site == site],
            ),
            sizes,
        )
    return found


def _of_site(site: int, cluster: _Cluster, sizes: Sizes) -> list[Gathered]:
    areas = {one.area for one in cluster.lost} | {
        one.area for one in cluster.open if one.reach is not Reach.SITE
    }
    whole = any(one.reach is Reach.SITE for one in cluster.open)
    enough = cluster.count >= max(SITE_LEAST, math.ceil(SITE_SHARE * sizes.site(site)))
    if whole or (len(areas) > 1 and enough):
        return [_joined(cluster, Reach.SITE, site, None)]
    found: list[Gathered] = []
    by_area: defaultdict[int | None, list[Lost]] = defaultdict(list)
    for one in cluster.lost:
        by_area[one.area].append(one)
    for area, losses in by_area.items():
        nearby = [one for one in cluster.open if one.area == area]
        found += _of_area(site, area, _Cluster(losses, nearby), sizes)
    return found


def _of_area(site: int, area: int | None, cluster: _Cluster, sizes: Sizes) -> list[Gathered]:
    whole = any(one.reach is Reach.AREA for one in cluster.open)
    enough = max(AREA_LEAST, math.ceil(AREA_SHARE * sizes.area(site, area)))
    if whole or cluster.count >= enough:
        return [_joined(cluster, Reach.AREA, site, area)]
    return [Gathered(Reach.ONT, site, area, (one.ont,)) for one in cluster.lost]


def _joined(cluster: _Cluster, reach: Reach, site: int | None, area: int | None) -> Gathered:
    onts = tuple(one.ont for one in cluster.lost)
    ranked = sorted(cluster.open, key=lambda one: (-one.reach, one.first, one.incident))
    if not ranked:
        return Gathered(reach, site, area, onts)
    absorbs = tuple(one.incident for one in ranked[1:])
    return Gathered(reach, site, area, onts, ranked[0].incident, absorbs)
