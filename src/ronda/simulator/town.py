"""The second list: a small town, kept by other hands in another dialect, with faults of its own."""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Sequence
from dataclasses import replace

from ronda.simulator import names, places
from ronda.simulator.ground import Ground, Spot
from ronda.simulator.network import BLOCK, Layout
from ronda.simulator.ont import Ont

CENTRE = (-7.2185, 111.0432)
SPREAD_M = 700.0
ONTS_PER_ODP = 6
BLOCKS = 4

# Three generations of customer ids: two contracts of the town, one copied from the kalurahan's.
PREFIXES = ("LR", "LR", "LR", "JS", "JS", "WK")

EMPTY_COORDINATES = 5
DOUBLE_SPACES = 8
DOUBLED_NAMES = 4
FAULTS_FROM = 40


def town(generator: random.Random, count: int) -> list[Ont]:
    """`count` ONTs of the town with customer ids, still without addresses."""
    ground = Ground(generator, 14.0)
    scribe = names.Scribe(generator)
    used: set[str] = set()
    drawn = []
    for n in range(count):
        spot = ground.spot(CENTRE, SPREAD_M)
        kampung = places.KAMPUNG[n // ONTS_PER_ODP % len(places.KAMPUNG)]
        label = scribe.townsman(_fresh(generator, kampung, used))
        drawn.append(
            Ont(
                number=n + 1,
                customer_id=f"{generator.choice(PREFIXES)}{n * 7 + 11:06}",
                name=label.name,
                location=label.location,
                latitude=spot[0],
                longitude=spot[1],
                written=spot,
                address="",
                category="general",
                area=kampung,
                olt="OLT-3",
                pon=f"OLT-3 PON {n // (ONTS_PER_ODP * 6) + 1}",
                odc=f"ODC-T{n // (ONTS_PER_ODP * 3) + 1}",
                odp=f"ODP-T{n // ONTS_PER_ODP + 1}",
            )
        )
    return drawn


def _fresh(generator: random.Random, kampung: str, used: set[str]) -> str:
    while True:
        name = f"Kampung {kampung} RW {generator.randint(1, 8)} RT {generator.randint(1, 9)}"
        if name not in used:
            used.add(name)
            return name


def with_town_addresses(
    generator: random.Random, drawn: Sequence[Ont], layout: Layout, village: Sequence[Ont]
) -> list[Ont]:
    """An address for each in four /24s near the end of the prefix; one is the kalurahan's too."""
    first = layout.blocks - 1 - BLOCKS
    hosts = [
        layout.address(block * BLOCK + host)
        for block in range(first, first + BLOCKS)
        for host in range(1, 255)
    ]
    onts = [
        replace(ont, address=address)
        for ont, address in zip(drawn, generator.sample(hosts, len(drawn)), strict=True)
    ]
    shared = next((ont.address for ont in village if ont.address), None)
    if onts and shared:
        onts[0] = replace(onts[0], address=shared)
    return onts


def with_town_faults(generator: random.Random, drawn: Sequence[Ont]) -> list[Ont]:
    """The faults of the list, one kind to a row; a list under 40 ONTs is spared them."""
    onts = list(drawn)
    if len(onts) < FAULTS_FROM:
        return onts
    rows = iter(generator.sample(range(1, len(onts)), len(onts) - 1))
    for _ in range(EMPTY_COORDINATES):
        n = next(rows)
        onts[n] = replace(onts[n], written=("", ""))
    for write in (_with_degree_signs, _without_its_minus):
        n = next(rows)
        onts[n] = replace(onts[n], written=write(onts[n].spot))
    first, second = next(rows), next(rows)
    onts[second] = replace(
        onts[second],
        latitude=onts[first].latitude,
        longitude=onts[first].longitude,
        written=onts[first].written,
    )
    for _ in range(DOUBLE_SPACES):
        n = next(rows)
        onts[n] = replace(onts[n], name=names.with_double_space(onts[n].name))
    for _ in range(DOUBLED_NAMES):
        first, second = next(rows), next(rows)
        onts[second] = replace(onts[second], name=onts[first].name)
    return onts


def _with_degree_signs(spot: Spot) -> tuple[float | str, float | str]:
    return (f"{-spot[0]}°S", f"{spot[1]}°E")


def _without_its_minus(spot: Spot) -> tuple[float | str, float | str]:
    return (-spot[0], spot[1])
