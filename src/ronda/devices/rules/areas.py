"""The area an ONT's name speaks of: `Padukuhan[/Alias] [RW n] [RT n]`.

The same padukuhan is written in many ways (`Atas/Bawah`, `Bawah Atas`, `atas bawah RT 05 RW 15`).
Spellings are gathered by their words, so that 41 spellings become the 30 places they are; the
result is a proposal that a person accepts.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ronda.devices.rules.text import LIMITS

_UNIT = re.compile(r"[\s,/.-]*\b(RW|RT)[\s.]*0*(\d{1,3})\b", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:padukuhan|dusun|dsn\.?|kampung|kp\.?)\s+(?=\S)", re.IGNORECASE)
_CUT = re.compile(r"[\s/]+")


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart; `place` keeps the file's spelling."""

    place: str
    rw: int | None = None
    rt: int | None = None


def take_apart(name: str) -> NameParts:
    """Split a name into its place and its RW and RT numbers (either order, any case)."""
    units: dict[str, int] = {}
    for kind, number in _UNIT.findall(name):
        units.setdefault(kind.upper(), int(number))
    place = _PREFIX.sub("", _UNIT.sub(" ", name).strip(" ,/.-"))
    return NameParts(" ".join(place.split()), units.get("RW"), units.get("RT"))


def words_of(place: str) -> frozenset[str]:
    """The words of a place, whatever their order and case."""
    return frozenset(w for w in _CUT.split(place.casefold()) if w)


@dataclass(frozen=True, slots=True)
class AreaProposal:
    """One area that the names speak of: its rows and the spellings that were gathered."""

    name: str
    rows: tuple[int, ...]
    spellings: tuple[str, ...]
    known: bool


def _aliases(spelling: str) -> list[frozenset[str]]:
    return [words_of(part) for part in spelling.split("/")] if "/" in spelling else []


def _merged(spellings: Iterable[str]) -> Mapping[frozenset[str], frozenset[str]]:
    """Which set of words is only another spelling of a larger one.

    `Atas` and `Atas Muka` both mean `Atas/Muka Barat`: they hold one whole alias of it and no
    foreign word. `Muka` alone does not: half an alias may be another place.
    """
    aliases: dict[frozenset[str], list[frozenset[str]]] = {}
    for spelling in spellings:
        parts = _aliases(spelling)
        if parts:
            aliases.setdefault(words_of(spelling), parts)
    by_word: dict[str, list[frozenset[str]]] = defaultdict(list)
    for whole in aliases:
        for word in whole:
            by_word[word].append(whole)
    merged: dict[frozenset[str], frozenset[str]] = {}
    for words in {words_of(s) for s in spellings}:
        near = {w for word in words for w in by_word.get(word, ()) if words < w}
        fitting = [w for w in near if any(alias <= words for alias in aliases[w])]
        if len(fitting) == 1:
            merged[words] = fitting[0]
    return merged


def _preference(spelling: tuple[str, int]) -> tuple[bool, int, int, str]:
    text, times = spelling
    return "/" in text, sum(w[:1].isupper() for w in _CUT.split(text)), times, text


def propose_areas(names: Mapping[int, str], known: Iterable[str] = ()) -> list[AreaProposal]:
    """The areas that these names (by row) speak of, largest first.

    A name without RW or RT counts only when the same place comes up again or exists already:
    a lone name such as `Balai Desa` is no area. An existing area keeps its spelling; else the
    commonest spelling that shows both aliases wins.
    """
    known_by_words = {words_of(name): name for name in known}
    parts = {row: take_apart(name) for row, name in names.items()}
    spelt = [p.place for p in parts.values() if p.place]
    merged = _merged({*spelt, *known_by_words.values()})

    rows: dict[frozenset[str], list[int]] = defaultdict(list)
    numbered: set[frozenset[str]] = set()
    spellings: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
    for row, part in parts.items():
        words = words_of(part.place)
        if not words:
            continue
        words = merged.get(words, words)
        rows[words].append(row)
        spellings[words][part.place] += 1
        if part.rw is not None or part.rt is not None:
            numbered.add(words)

    proposals = []
    for words, members in rows.items():
        name = known_by_words.get(words)
        if name is None:
            if words not in numbered and len(members) < 2:
                continue
            if min(map(len, spellings[words])) > LIMITS["area"]:
                continue
            name = max(spellings[words].items(), key=_preference)[0][: LIMITS["area"]]
        proposals.append(
            AreaProposal(
                name, tuple(members), tuple(sorted(spellings[words])), words in known_by_words
            )
        )
    return sorted(proposals, key=lambda p: (-len(p.rows), p.name))
