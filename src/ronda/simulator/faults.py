"""What is wrong with a real list, done to an invented one in the numbers that were counted.

Each function takes a list and gives a new one; shares are of 400 ONTs, kept in proportion for
shorter and longer lists.
"""

import random  # noqa: TID251 -- seeded simulation
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ronda.simulator import names
from ronda.simulator.ground import Ground, metres
from ronda.simulator.network import BLOCK, Layout
from ronda.simulator.ont import Ont, share

NEAR_PAIRS = 11
EMPTY_ADDRESSES = 12
DOUBLED_ADDRESSES = 3
SPACES_FOR_SLASHES = 8
OTHER_CASES = 6
RT_FIRST = 3
REPLACED_RT = 5
TWINS = 2

# Shorter lists are spared the single faults: they would be most of the list.
SINGLE_FAULTS_FROM = 100


def with_near_pairs(generator: random.Random, drawn: Sequence[Ont]) -> list[Ont]:
    """Pairs closer than 10 m: two rooms of one house, each with its ONT."""
    onts = list(drawn)
    ground = Ground(generator, 1.0)
    for first, second in _couples(generator, onts, share(NEAR_PAIRS, len(onts))):
        spot = ground.beside(onts[first].spot)
        onts[second] = replace(onts[second], latitude=spot[0], longitude=spot[1], written=spot)
    return onts


def _couples(
    generator: random.Random, onts: Sequence[Ont], wanted: int
) -> Iterator[tuple[int, int]]:
    """Couples of one ODP whose first has nobody else within 30 m; one couple in an ODP."""
    by_area: defaultdict[str, list[int]] = defaultdict(list)
    by_odp: defaultdict[str, list[int]] = defaultdict(list)
    for n in generator.sample(range(len(onts)), len(onts)):
        by_area[onts[n].area].append(n)
        by_odp[onts[n].odp].append(n)
    for members in by_odp.values():
        for first, second in pairwise(members):
            others = (n for n in by_area[onts[first].area] if n not in (first, second))
            if wanted and all(metres(onts[first].spot, onts[n].spot) > 30 for n in others):
                wanted -= 1
                yield first, second
                break


def with_customer_ids(generator: random.Random, drawn: Sequence[Ont], prefix: str) -> list[Ont]:
    """Numbers without gaps, customer ids with: roughly in the order people were connected."""
    order = sorted(range(len(drawn)), key=lambda n: n + generator.uniform(0, 60))
    customer = 2_000
    numbered = []
    for number, n in enumerate(order, start=1):
        customer += generator.choice((1, 1, 1, 2, 2, 5, 11))
        numbered.append(replace(drawn[n], number=number, customer_id=f"{prefix}{customer:06}"))
    return numbered


def with_addresses(
    generator: random.Random, drawn: Sequence[Ont], layout: Layout, blocks: range
) -> list[Ont]:
    """An address out of these /24s for each, but some empty, some doubled and one far away."""
    hosts = [layout.address(block * BLOCK + host) for block in blocks for host in range(1, 255)]
    onts = [
        replace(ont, address=address)
        for ont, address in zip(drawn, generator.sample(hosts, len(drawn)), strict=True)
    ]
    empty, doubled = share(EMPTY_ADDRESSES, len(onts)), share(DOUBLED_ADDRESSES, len(onts))
    chosen = iter(generator.sample(range(len(onts)), empty + 2 * doubled + 1))
    for _ in range(empty):
        n = next(chosen)
        onts[n] = replace(onts[n], address="")
    for _ in range(doubled):
        first, second = next(chosen), next(chosen)
        onts[second] = replace(onts[second], address=onts[first].address)
    if len(onts) >= SINGLE_FAULTS_FROM:
        far = next(chosen)
        address = layout.address((layout.blocks - 1) * BLOCK + 80)
        onts[far] = replace(onts[far], address=address)
    return onts


def with_text_damage(generator: random.Random, drawn: Sequence[Ont]) -> list[Ont]:
    """Names and locations as careless hands leave them; no ONT is damaged twice."""
    onts = list(drawn)
    free = generator.sample(range(len(onts)), len(onts))

    def pick(wanted: int, suits: str = "") -> list[int]:
        found = [n for n in free if suits in onts[n].name][: share(wanted, len(onts))]
        free[:] = [n for n in free if n not in found]
        return found

    for n in pick(SPACES_FOR_SLASHES, "/"):
        onts[n] = replace(onts[n], name=names.with_space_for_slash(onts[n].name))
    for n in pick(OTHER_CASES, " RW "):
        onts[n] = replace(onts[n], name=names.in_other_case(onts[n].name))
    for n in pick(RT_FIRST, " RT "):
        onts[n] = replace(onts[n], name=names.with_rt_first(onts[n].name))
    for k, n in enumerate(pick(REPLACED_RT), start=1):
        text = f"Ruang Pertemuan RT {k:02}" if k > 1 else "Pos Pertigaan Lumbung"
        onts[n] = replace(onts[n], location=names.with_replaced_rt(text))
    for first in pick(TWINS):
        second = next(n for n in free if onts[n].area == onts[first].area)
        free.remove(second)
        onts[second] = replace(onts[second], name=onts[first].name, location=onts[first].location)
    return onts


def with_damaged_latitude(drawn: Sequence[Ont]) -> list[Ont]:
    """One latitude, near the end of the list, is text with a space inside."""
    onts = list(drawn)
    if len(onts) >= SINGLE_FAULTS_FROM:
        latitude, longitude = onts[-3].written
        onts[-3] = replace(onts[-3], written=(str(latitude).replace(".", ". ", 1), longitude))
    return onts
