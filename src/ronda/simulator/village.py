"""The kalurahan without faults: hamlets in two clusters, ONTs around them, a tree above each."""

import math
import random  # noqa: TID251 -- seeded simulation
from collections.abc import Sequence

from ronda.simulator import names
from ronda.simulator.ground import Ground, Spot, moved
from ronda.simulator.ont import Ont

# Rice fields between two small towns of Central Java; nobody's network is drawn here.
NORTH = (-7.0312, 111.1874)
SOUTH_OF_NORTH_M = 9_000.0
NORTH_SHARE = 0.71

ONTS_PER_PADUKUHAN = 12.5
PADUKUHAN_PER_ODC = 2
PADUKUHAN_PER_PON = 4
PORTS_PER_ODP = 8
SPREAD_M = 110.0
APART_M = 14.0

CATEGORIES = ("CSR", "APBD", "APBD", "APBD", "general", "general")


def village(generator: random.Random, count: int) -> list[Ont]:
    """`count` ONTs, hamlet by hamlet, numbered, still without addresses."""
    hamlets = names.padukuhan(max(1, round(count / ONTS_PER_PADUKUHAN)))
    in_north = _in_north(len(hamlets))
    centres = _centres(generator, len(hamlets), in_north, max(1.0, math.sqrt(count / 400)))
    ground = Ground(generator, APART_M)
    scribe = names.Scribe(generator)
    drawn: list[Ont] = []
    for place, (hamlet, centre) in enumerate(zip(hamlets, centres, strict=True)):
        size = count * (place + 1) // len(hamlets) - count * place // len(hamlets)
        spots = [ground.spot(centre, SPREAD_M) for _ in range(size)]
        olt, on_olt = ("OLT-1", place) if place < in_north else ("OLT-2", place - in_north)
        for spot, box in zip(spots, _boxes(spots, centre), strict=True):
            label = scribe.label(hamlet)
            odc = place // PADUKUHAN_PER_ODC + 1
            drawn.append(
                Ont(
                    number=len(drawn) + 1,
                    customer_id="",
                    name=label.name,
                    location=label.location,
                    latitude=spot[0],
                    longitude=spot[1],
                    written=spot,
                    address="",
                    category=generator.choice(CATEGORIES),
                    area=hamlet.name,
                    olt=olt,
                    pon=f"{olt} PON {on_olt // PADUKUHAN_PER_PON + 1}",
                    odc=f"ODC-{odc:02}",
                    odp=f"ODP-{odc:02}-{place % PADUKUHAN_PER_ODC * 4 + box + 1}",
                )
            )
    return drawn


def _in_north(hamlets: int) -> int:
    """How many hamlets lie in the north: whole ODCs, because none spans 9 km of rice fields."""
    odcs = round(hamlets * NORTH_SHARE / PADUKUHAN_PER_ODC)
    return min(hamlets, max(1, odcs) * PADUKUHAN_PER_ODC)


def _centres(generator: random.Random, count: int, in_north: int, scale: float) -> list[Spot]:
    """Where the hamlets lie: a large cluster, and a smaller one 9 km to its south."""
    south = moved(NORTH, -SOUTH_OF_NORTH_M * scale, -2_000.0 * scale)
    ground = Ground(generator, 420.0)
    return [
        ground.spot(NORTH, 900.0 * scale) if n < in_north else ground.spot(south, 560.0 * scale)
        for n in range(count)
    ]


def _boxes(spots: Sequence[Spot], centre: Spot) -> list[int]:
    """Which ODP of its hamlet each spot hangs on: slices of the compass, at most eight ports."""
    angle = [math.atan2(lat - centre[0], lon - centre[1]) for lat, lon in spots]
    boxes = math.ceil(len(spots) / PORTS_PER_ODP)
    box = [0] * len(spots)
    for rank, n in enumerate(sorted(range(len(spots)), key=angle.__getitem__)):
        box[n] = rank * boxes // len(spots)
    return box
