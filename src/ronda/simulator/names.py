"""What people write into a list: names, location texts, and the damage done to both.

Names follow "Padukuhan[/Alias] [RW n] [RT n]". They repeat on purpose: a name is no key.
"""

import random  # noqa: TID251 -- seeded simulation
from dataclasses import dataclass

from ronda.simulator import places

LONGEST_NAME = 32
LONGEST_LOCATION = 50


@dataclass(frozen=True, slots=True)
class Padukuhan:
    """One hamlet: its name, what older people call it, and its RWs."""

    name: str
    alias: str
    rws: tuple[int, ...]

    @property
    def title(self) -> str:
        """The name as most lists have it."""
        return f"{self.name}/{self.alias}" if self.alias else self.name


def padukuhan(count: int) -> list[Padukuhan]:
    """`count` different hamlets; beyond the named ones, by quarter and then by number."""
    bare = [name for name, _ in places.PADUKUHAN]
    more = [f"{name} {quarter}" for quarter in places.QUARTERS for name in bare]
    titles = [*places.PADUKUHAN, *((name, "") for name in more)]
    rounds = count // len(titles) + 1
    numbered = [
        (name if n == 0 else f"{name} {n + 1}", alias if n == 0 else "")
        for n in range(rounds)
        for name, alias in titles
    ]
    return [
        Padukuhan(name, alias, (2 * n + 1, 2 * n + 2))
        for n, (name, alias) in enumerate(numbered[:count])
    ]


@dataclass(frozen=True, slots=True)
class Label:
    """Name and location text of one ONT."""

    name: str
    location: str


class Scribe:
    """Writes names and locations; the pair never repeats unless it is copied on purpose."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator
        self._written: set[tuple[str, str]] = set()

    def label(self, hamlet: Padukuhan) -> Label:
        """A new pair for an ONT of this hamlet."""
        rw = self._generator.choice(hamlet.rws)
        rt = self._generator.randint(1, 6)
        draw = self._generator.random()
        if draw < 0.29:
            name = hamlet.title
        elif draw < 0.45:
            name = f"{hamlet.title} RW {rw}"
        else:
            name = f"{hamlet.title} RW {rw} RT {rt}"
        name = name if len(name) <= LONGEST_NAME else f"{hamlet.name} RW {rw} RT {rt}"
        return self._unused(name[:LONGEST_NAME].rstrip(), hamlet.name, rw, rt)

    def townsman(self, name: str) -> Label:
        """A new pair for an ONT of the town."""
        return self._unused(name, places.TOWN, 1, self._generator.randint(1, 9))

    def _unused(self, name: str, place: str, rw: int, rt: int) -> Label:
        attempt = 0
        while True:
            location = self._location(place, rw, rt)
            if attempt > 20:
                location = f"{location[: LONGEST_LOCATION - 6]} {attempt}"
            attempt += 1
            if (name, location) not in self._written:
                self._written.add((name, location))
                return Label(name, location)

    def _location(self, place: str, rw: int, rt: int) -> str:
        choose = self._generator.choice
        template = choose(
            places.PUBLIC_ROOMS if self._generator.random() < 0.38 else places.LANDMARKS
        )
        text = template.format(
            place=place,
            PLACE=place.upper(),
            rt=f"{rt:02}",
            rw=f"{rw:02}",
            mosque=choose(places.MOSQUES),
            flower=choose(places.FLOWERS),
        )
        return text[:LONGEST_LOCATION]


def with_space_for_slash(name: str) -> str:
    """Some write "Dukuh Alias" where the others write "Dukuh/Alias"."""
    return name.replace("/", " ", 1)


def in_other_case(name: str) -> str:
    """The hamlet in another case: "Wanagiri lor RW 3", or "BULAKJATI RW 3"."""
    head, separator, rest = name.partition(" RW ")
    first, _, second = head.partition(" ")
    return (f"{first} {second.lower()}" if second else head.upper()) + separator + rest


def with_rt_first(name: str) -> str:
    """RT before RW, in the case of whoever typed it: "Bulakjati Rt 05 Rw 15"."""
    head, _, rt = name.rpartition(" RT ")
    hamlet, _, rw = head.rpartition(" RW ")
    return f"{hamlet.partition('/')[0]} Rt {int(rt):02} Rw {int(rw):02}"


def with_replaced_rt(text: str) -> str:
    """What a careless search and replace of "rt" by "RT" did to the whole file."""
    return text.replace("rt", "RT")


def with_double_space(name: str) -> str:
    """Two spaces where one belongs, or one too many at the end."""
    return name.replace(" ", "  ", 1) if " " in name else f"{name}  "
