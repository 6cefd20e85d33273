"""Degrees as people write them: `-7.7`, `-7,7`, `7.7°S`, `7.7 LS`, `7°46'12"S`, `-7. 7`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite


class Axis(StrEnum):
    """Which of the two a number is."""

    LATITUDE = "latitude"
    LONGITUDE = "longitude"

    @property
    def limit(self) -> float:
        """The largest number of degrees there is on this axis."""
        return 90.0 if self is Axis.LATITUDE else 180.0


class How(StrEnum):
    """What had to be done to read a number."""

    EMPTY = "empty"
    PLAIN = "plain"
    COMMA = "comma"
    WORDS = "words"
    SPACES = "spaces"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Angle:
    """A number of degrees and how it was read; `value` is None when empty or unreadable.

    `axis` is set when the text itself says which axis it is on (S, LU, BT, ...).
    """

    value: float | None
    how: How
    axis: Axis | None = None


EMPTY = Angle(None, How.EMPTY)
UNREADABLE = Angle(None, How.UNREADABLE)

_WORDS: dict[str, tuple[Axis, int]] = {
    **dict.fromkeys(("s", "ls", "selatan", "lintangselatan", "south"), (Axis.LATITUDE, -1)),
    **dict.fromkeys(("n", "lu", "u", "utara", "lintangutara", "north"), (Axis.LATITUDE, 1)),
    **dict.fromkeys(("e", "bt", "t", "timur", "bujurtimur", "east"), (Axis.LONGITUDE, 1)),
    **dict.fromkeys(("w", "bb", "b", "barat", "bujurbarat", "west"), (Axis.LONGITUDE, -1)),
}
_BLANK = {"", "-", "\u2013", "\u2014", "null", "none", "nan", "n/a", "na", "kosong"}
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{0,30})?(?:e[+-]?\d{1,3})?")
_PARTS = re.compile(
    r"(?P<before>[a-z ]{0,20})"
    r"(?P<sign>[+-]?) ?(?P<degrees>\d{1,3}(?:[.,]\d{1,30})?) ?[°º]?"
    r"(?: ?(?P<minutes>\d{1,2}(?:[.,]\d{1,30})?) ?['\u2032\u2019])?"
    r"(?: ?(?P<seconds>\d{1,2}(?:[.,]\d{1,30})?) ?(?:[\"\u2033\u201d]|''))?"
    r"(?P<after>[a-z ]{0,20})"
)
_LONGEST = 80


def read_angle(raw: object) -> Angle:
    """Read one cell as degrees, without judging whether the place makes sense.

    Never raises: what cannot be read comes back as `UNREADABLE`.
    """
    if raw is None:
        return EMPTY
    if isinstance(raw, bool):
        return UNREADABLE
    if isinstance(raw, int | float):
        value = float(raw) if abs(raw) < 1e15 else float("inf")
        return Angle(value, How.PLAIN) if isfinite(value) else UNREADABLE
    if not isinstance(raw, str) or len(raw) > _LONGEST:
        return UNREADABLE
    text = " ".join(raw.replace("\u2212", "-").replace("\ufeff", "").casefold().split())
    if text in _BLANK:
        return EMPTY
    if _NUMBER.fullmatch(text):
        how = How.COMMA if "," in text else How.PLAIN
        value = float(text.replace(",", "."))
        return Angle(value, how) if isfinite(value) else UNREADABLE
    squeezed = text.replace(" ", "")
    if _NUMBER.fullmatch(squeezed):
        value = float(squeezed.replace(",", "."))
        return Angle(value, How.SPACES) if isfinite(value) else UNREADABLE
    return _read_words(text)


def _read_words(text: str) -> Angle:
    match = _PARTS.fullmatch(text)
    if match is None:
        return UNREADABLE
    words = [w for w in ((match[g] or "").replace(" ", "") for g in ("before", "after")) if w]
    if len(words) > 1 or any(w not in _WORDS for w in words):
        return UNREADABLE
    minutes, seconds = _decimal(match["minutes"]), _decimal(match["seconds"])
    if minutes >= 60 or seconds >= 60:
        return UNREADABLE
    value = _decimal(match["degrees"]) + minutes / 60 + seconds / 3600
    sign = -1 if match["sign"] == "-" else 1
    axis: Axis | None = None
    if words:
        axis, side = _WORDS[words[0]]
        sign = min(sign, side)  # "-7.79 S" is written by people who mean the south once
    return Angle(sign * value, How.WORDS, axis)


def _decimal(text: str | None) -> float:
    return float(text.replace(",", ".")) if text else 0.0


_PAIR = re.compile(r"\s*[;/|\s]\s*|,\s+")


def split_pair(raw: object) -> tuple[str, str] | None:
    """One cell with both numbers (`-7.79, 110.37`) as latitude and longitude; None if it is not.

    Decimal commas are understood where the cut is still certain (`-7,79; 110,37`).
    """
    if not isinstance(raw, str) or len(raw) > 2 * _LONGEST:
        return None
    text = raw.strip().strip("()[]")
    if ";" in text:
        parts = text.split(";")
    elif text.count(",") == 1:
        parts = text.split(",")
    elif text.count(",") == 3:
        a, b, c, d = text.split(",")
        parts = [f"{a},{b}", f"{c},{d}"]
    else:
        parts = [p for p in _PAIR.split(text) if p]
    if len(parts) != 2:
        return None
    return parts[0].strip(), parts[1].strip()
