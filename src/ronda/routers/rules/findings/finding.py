"""One thing that a test found out."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from ronda.routers.rules.commands import Line


class Level(IntEnum):
    """How bad it is; a test passes when nothing is BAD."""

    GOOD = 0
    NOTE = 1
    WARN = 2
    BAD = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` names its texts, `step` where it stands on the page.

    `repair` are the commands for the router's own version, or for both where it is not known: then
    keys 6 and 7. Empty when commands do not help.
    """

    code: str
    step: str
    level: Level
    values: Mapping[str, Any] = field(default_factory=dict)
    repair: Mapping[int, Sequence[Line]] = field(default_factory=dict)


def worst(found: Iterable[Finding]) -> Level:
    """The highest level among them."""
    return max((finding.level for finding in found), default=Level.GOOD)


def good(code: str, step: str, **values: Any) -> Finding:
    """Something that is well."""
    return Finding(code, step, Level.GOOD, values)


def both(*lines: Line) -> dict[int, tuple[Line, ...]]:
    """Commands that are the same on v6 and v7."""
    return {6: lines, 7: lines}


def on(major: int, *lines: Line) -> dict[int, tuple[Line, ...]]:
    """Commands for the version that the router has."""
    return {major: lines}


def nearest(wanted: str, names: Iterable[str]) -> str:
    """The name that was probably meant; "" when none is near. Case and spaces count little."""
    folded = {name.casefold().replace(" ", ""): name for name in names}
    near = difflib.get_close_matches(wanted.casefold().replace(" ", ""), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else ""
