"""How wide words are, in the metrics of Helvetica, which Arial and Liberation Sans share.

Widths in thousandths of the size, from Adobe's font metrics for the 14 fonts every PDF reader has. What is
not listed counts as its base letter or as an ordinary wide character, so a surprise shrinks and never spills.
"""

import unicodedata
from enum import StrEnum
from functools import lru_cache

from ronda.shop.printing.codes import GAP


class Font(StrEnum):
    """The three faces of a ticket."""

    REGULAR = "regular"
    BOLD = "bold"
    MONO = "mono"


# From the space to the tilde.
_REGULAR = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 "
    "278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 "
    "611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 "
    "556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)
_BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 "
    "333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 "
    "611 722 667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 "
    "611 611 611 611 389 556 333 611 556 778 556 556 500 389 280 389 584"
)
_WIDTHS = {
    font: {chr(32 + place): int(width) for place, width in enumerate(table.split())}
    for font, table in ((Font.REGULAR, _REGULAR), (Font.BOLD, _BOLD))
}
_MONO, _WIDE, _GAP = 600, 1000, 280


@lru_cache(maxsize=8192)
def width(text: str, font: Font) -> float:
    """How wide a text is at size 1."""
    return sum(_of(character, font) for character in text) / 1000


def _of(character: str, font: Font) -> int:
    if character == GAP:
        return _GAP
    if font is Font.MONO:
        return _MONO
    widths = _WIDTHS[font]
    known = widths.get(character)
    if known is not None:
        return known
    return widths.get(unicodedata.normalize("NFD", character)[0], _WIDE)


def wrap(text: str, font: Font, room: float) -> list[str]:
    """The text in lines that are at most `room` wide at size 1; a word alone may be wider."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, font) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
