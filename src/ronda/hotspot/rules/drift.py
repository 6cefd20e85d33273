"""What a router holds against what is wanted there: what differs, and who probably changed it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ronda.hotspot.rules.properties import TABLES, differing

#: A name and, for users, the hotspot server it is for ("all" unless it is said).
Key = tuple[str, str]


class Standing(StrEnum):
    """How an item of a router stands to what is wanted."""

    OURS = "ours"  # wanted, and held as wanted
    DIFFERS = "differs"
    MISSING = "missing"
    FOREIGN = "foreign"  # held, and nobody here asked for it


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that is not as wanted; `fields` is property -> (wanted, held), empty when missing."""

    key: Key
    standing: Standing
    fields: Mapping[str, tuple[str, str]]


def compare(
    kind: str, wanted: Mapping[Key, Mapping[str, str]], held: Mapping[Key, Mapping[str, str]]
) -> tuple[list[Difference], set[Key]]:
    """What is missing or differs, in the order of names, and the keys nobody here asked for.

    Args:
        kind: "user" or "profile".
        wanted: texts by key, as they would be sent to the router.
        held: texts by key, as the router sent them.
    """
    table = TABLES[kind]
    found = []
    for key in sorted(wanted):
        row = held.get(key)
        if row is None:
            found.append(Difference(key, Standing.MISSING, {}))
        elif fields := differing(table, wanted[key], row):
            found.append(Difference(key, Standing.DIFFERS, fields))
    return found, held.keys() - wanted.keys()


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a router's log: its time as printed, its words."""

    time: str
    message: str


# v6: `hotspot user <budi> changed by admin`; v7 adds the way:
# `hotspot user budi changed by winbox-3.41/tcp-msg(winbox):admin@10.0.0.5 (…)`.
_BY = re.compile(r"\b(added|changed|removed|moved|enabled|disabled) by (\S+)")
_WAY = re.compile(r"(?:.*:)?(?P<who>[^:@/]+)@(?P<where>[^/\s]+)")


def likely_who(lines: Iterable[LogLine], kind: str, name: str) -> str:
    """Who probably changed the item: name, place where told, and the log's time; "" when nothing says.

    A line that names the item counts more than one that only says that some item of the kind was
    changed; of equal ones the last counts.
    """
    best, worth = "", 0
    for line in lines:
        found = _BY.search(line.message)
        if found is None or "hotspot" not in line.message:
            continue
        about = line.message[: found.start()]
        if ("profile" in about) != (kind == "profile"):
            continue
        named = 2 if name and name in re.split(r"[\s<>]+", about) else 1
        if named == 1 and _names_another(about):
            continue
        if named >= worth:
            best, worth = f"{_person(found.group(2))}, {line.time}", named
    return best


def _names_another(about: str) -> bool:
    return bool(re.search(r"(user|profile) <?[^\s<>]+>? $", about)) and not about.rstrip().endswith(
        ("user", "profile")
    )


def _person(word: str) -> str:
    found = _WAY.fullmatch(word.rstrip(",."))
    return f"{found['who']} ({found['where']})" if found else word.rstrip(",.")
