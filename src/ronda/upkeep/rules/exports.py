"""Scripts that `/export` writes: what of them is configuration, and what differs; pure.

The first lines are comments with date, version and serial number, and long commands are wrapped with
a backslash (MikroTik manual, "Configuration Management"; seen on 6.49 and 7.x).
"""

import difflib
import re
from enum import StrEnum
from typing import NamedTuple

_WRAPPED = re.compile(r"\\\r?\n\s*")


class Kind(StrEnum):
    """What became of a line."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"
    CUT = "cut"  # equal lines that are left out


class Change(NamedTuple):
    """A line of a comparison; the text of a cut is the menu that follows, such as `/ip address`."""

    kind: Kind
    text: str


def commands(script: str) -> list[str]:
    """The script's lines without its comments at the top, each command on one line."""
    lines = _WRAPPED.sub("", script).splitlines()
    start = next((n for n, line in enumerate(lines) if line and not line.startswith("#")), None)
    return [] if start is None else [line.rstrip() for line in lines[start:]]


def difference(older: str, newer: str, context: int = 2) -> list[Change]:
    """What changed from one script to another, with a few equal lines around; [] when nothing did.

    A command is shown below its menu, however far above in the script that stands.
    """
    old, new = _under_menus(commands(older)), _under_menus(commands(newer))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    found: list[Change] = []
    for group in matcher.get_grouped_opcodes(context):
        menu = new[group[0][3]][0] if group[0][3] < len(new) else old[group[0][1]][0]
        found.append(Change(Kind.CUT, menu))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                found += [Change(Kind.SAME, line) for _menu, line in new[new_from:new_to]]
                continue
            found += [Change(Kind.GONE, line) for _menu, line in old[old_from:old_to]]
            found += [Change(Kind.NEW, line) for _menu, line in new[new_from:new_to]]
    return found


def _under_menus(lines: list[str]) -> list[tuple[str, str]]:
    menu = ""
    found = []
    for line in lines:
        if line.startswith("/"):
            menu = line
        found.append((menu, line))
    return found
