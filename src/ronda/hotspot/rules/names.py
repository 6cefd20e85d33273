"""Names of hotspot users and profiles: what may be one, and which known one was probably meant."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from enum import StrEnum

#: Longer ones no login page takes; RouterOS itself has no small limit.
LONGEST = 64


class NameProblem(StrEnum):
    """Why a text cannot be the name of a user or profile."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    SPACE_AT_END = "space_at_end"
    CONTROL_CHARACTER = "control_character"


def problem_of(name: str) -> NameProblem | None:
    """Why it cannot be a name, None when it can: letters of any alphabet, digits, signs, inner spaces."""
    if not name:
        return NameProblem.EMPTY
    if len(name) > LONGEST:
        return NameProblem.TOO_LONG
    if name != name.strip():
        return NameProblem.SPACE_AT_END
    if not name.replace(" ", "x").isprintable():
        return NameProblem.CONTROL_CHARACTER
    return None


def close_to(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Known names that were probably meant, the likeliest first: other case, spaces, a slip or two."""
    wanted = _folded(name)
    scored = []
    for other in known:
        if other == name:
            continue
        folded = _folded(other)
        likeness = 1.0 if folded == wanted else SequenceMatcher(None, wanted, folded).ratio()
        if likeness >= 0.7:
            scored.append((-likeness, other))
    return [other for _likeness, other in sorted(scored)[:most]]


def _folded(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
