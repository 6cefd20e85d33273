"""Text from other people's files: what is tidied, what is flagged, what is refused."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

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
_FORMULA = re.compile(r"[=+@\t\r]|-(?![\d.,\s]*\d[\d.,\s]*$)(?!$)")
_GUARDED = re.compile(r"'+[=+@\t\r-]")


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


def looks_like_formula(text: str) -> bool:
    """Would a spreadsheet run this cell?

    By the first character, as OWASP's page on CSV injection lists them: `=`, `+`, `-`, `@`, tab,
    carriage return. A plain negative number or a lone dash is no formula.
    """
    return bool(_FORMULA.match(text))


def looks_like_markup(text: str) -> bool:
    """Does this text hold HTML or an HTML entity?"""
    return bool(_MARKUP.search(text))


def mended(text: str) -> str:
    """The text without the marks of a careless replace-all of "rt" by "RT" ("peRTemuan")."""
    return _DAMAGE.sub(lambda m: f"r{m[1].lower()}", text)


def guard(text: str) -> str:
    """The text as a CSV cell that no spreadsheet runs; `unguard` gives it back unchanged."""
    if text and (looks_like_formula(text) or _GUARDED.match(text)):
        return "'" + text
    return text


def unguard(text: str) -> str:
    """The text that `guard` was given."""
    return text[1:] if _GUARDED.match(text) else text
