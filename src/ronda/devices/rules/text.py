"""Text from other people's files: what is tidied, what is flagged, what is refused."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

from ronda.kernel.cells import guard, looks_like_formula, unguard

__all__ = [
    "LIMITS",
    "control_character",
    "guard",
    "looks_like_formula",
    "looks_like_markup",
    "mended",
    "tidy",
    "tidy_lines",
    "unguard",
]

#: The longest text each field takes; the same numbers stand in the models.
LIMITS = MappingProxyType(
    {
        "customer_id": 40,
        "name": 120,
        "location": 160,
        "address": 253,
        "area": 80,
        "notes": 2000,
    }
)

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(
    r"<\s*[/!?a-zA-Z]|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});|javascript:", re.IGNORECASE
)
_DAMAGE = re.compile(r"(?<=[a-z])R([TW])(?=[a-z])")


def tidy(text: str) -> str:
    """One line, single spaces, no invisible characters, composed letters (NFC).

    Two texts that look the same to a person compare equal after this. Stored names, locations
    and customer ids are always tidy.
    """
    if text.isascii():
        return " ".join(text.split())
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def tidy_lines(text: str) -> str:
    """As `tidy`, but keeps line breaks; for notes."""
    return "\n".join(tidy(line) for line in text.strip().splitlines()).strip()


def control_character(text: str) -> str | None:
    """The first character that no text of ours may hold, as `U+0007`; None when there is none.

    Line breaks and tabs are spaces to us, not control characters.
    """
    if text.isprintable():
        return None
    found = _CONTROL.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def looks_like_markup(text: str) -> bool:
    """Does this text hold HTML or an HTML entity?"""
    return bool(_MARKUP.search(text))


def mended(text: str) -> str:
    """The text without the marks of a careless replace-all of "rt" by "RT" ("peRTemuan")."""
    return _DAMAGE.sub(lambda m: f"r{m[1].lower()}", text)
