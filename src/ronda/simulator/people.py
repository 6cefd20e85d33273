"""Who hangs on the fibre, seen from below: an index, a spot and the boxes of the tree above it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ronda.simulator.ground import Spot, metres
from ronda.simulator.neighbourhood import Neighbourhood


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One address that is somebody's ONT."""

    index: int
    name: str
    spot: Spot
    odp: str
    pon: str


@dataclass(frozen=True)
class People:
    """All subscribers, and the ways a scenario picks victims among them."""

    subscribers: tuple[Subscriber, ...]

    @cached_property
    def by_odp(self) -> Mapping[str, tuple[Subscriber, ...]]:
        """The subscribers of each ODP."""
        return _grouped((one.odp, one) for one in self.subscribers)

    @cached_property
    def by_pon(self) -> Mapping[str, tuple[Subscriber, ...]]:
        """The subscribers of each PON port."""
        return _grouped((one.pon, one) for one in self.subscribers)

    def nearest(self, spot: Spot, count: int) -> tuple[Subscriber, ...]:
        """The `count` subscribers nearest to a spot, nearest first."""
        return tuple(sorted(self.subscribers, key=lambda one: metres(spot, one.spot))[:count])


def people_of(neighbourhood: Neighbourhood) -> People:
    """Everyone with an address; an address that stands in two rows is one box, the first row's."""
    found: dict[int, Subscriber] = {}
    for ont in neighbourhood.everyone():
        index = neighbourhood.layout.index(ont.address) if ont.address else None
        if index is not None and index not in found:
            name = f"{ont.name} ({ont.location})"
            found[index] = Subscriber(index, name, ont.spot, ont.odp, ont.pon)
    return People(tuple(found[index] for index in sorted(found)))


def _grouped(pairs: Iterable[tuple[str, Subscriber]]) -> dict[str, tuple[Subscriber, ...]]:
    groups: defaultdict[str, list[Subscriber]] = defaultdict(list)
    for key, one in pairs:
        groups[key].append(one)
    return {key: tuple(members) for key, members in groups.items()}
