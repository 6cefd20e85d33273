"""An invented kalurahan with its ONTs, as the list of a real one would have it, faults included.

The people are invented, the trouble is not: every fault counted in lists that operators really keep
(empty and doubled addresses, names that are no key, a latitude with a space inside, the damage of a
careless search and replace) is here in about the same number, so that import, map and search meet
in the demo what they will meet in a village.

Pure and deterministic: the same seed, size and prefix give the same neighbourhood on every machine.
"""

import math
import random  # noqa: TID251 -- seeded simulation
from collections.abc import Iterator
from dataclasses import dataclass

from ronda.simulator import faults, town, village
from ronda.simulator.network import FIRST_BLOCK, Layout
from ronda.simulator.ont import Ont

LARGEST = 40_000
LARGEST_TOWN = 400
ONTS_PER_BLOCK = 170
SMALLEST_LIST_BLOCKS = 3
CUSTOMER_PREFIX = "WJ"


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The kalurahan's list (`onts`), and a second, small list of the town nearby (`town`).

    Customer ids of the two are apart, but one address stands in both: lists of different towns
    come from different hands.
    """

    seed: int
    layout: Layout
    onts: tuple[Ont, ...]
    town: tuple[Ont, ...]

    def everyone(self) -> Iterator[Ont]:
        """Every ONT of both lists."""
        yield from self.onts
        yield from self.town


def build(
    *, seed: int = 1, onts: int = 400, town_onts: int = 96, prefix: str | None = None
) -> Neighbourhood:
    """Invent a neighbourhood of `onts` ONTs and a second list of `town_onts` more.

    Raises:
        ValueError: fewer than 1 or more than 40,000 ONTs, or a prefix too small for them.
    """
    layout = Layout(prefix) if prefix else Layout()
    if not 1 <= onts <= LARGEST:
        raise ValueError(f"{onts} ONTs: between 1 and {LARGEST:,} are possible")
    if not 0 <= town_onts <= LARGEST_TOWN:
        raise ValueError(f"{town_onts} ONTs in town: between 0 and {LARGEST_TOWN} are possible")
    blocks = range(
        FIRST_BLOCK, FIRST_BLOCK + max(SMALLEST_LIST_BLOCKS, math.ceil(onts / ONTS_PER_BLOCK))
    )
    if blocks.stop + town.BLOCKS + 1 > layout.blocks:
        raise ValueError(f"{layout.prefix} has no room for {onts} ONTs")
    generator = random.Random(seed)  # noqa: S311 -- seeded simulation
    people = village.village(generator, onts)
    people = faults.with_near_pairs(generator, people)
    people = faults.with_customer_ids(generator, people, CUSTOMER_PREFIX)
    people = faults.with_addresses(generator, people, layout, blocks)
    people = faults.with_text_damage(generator, people)
    people = faults.with_damaged_latitude(people)
    townspeople = town.town(generator, town_onts)
    townspeople = town.with_town_addresses(generator, townspeople, layout, people)
    townspeople = town.with_town_faults(generator, townspeople)
    return Neighbourhood(seed, layout, tuple(people), tuple(townspeople))
