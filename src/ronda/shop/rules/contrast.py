"""Whether text can be read on a colour, by WCAG 2.2 (success criterion 1.4.3, "contrast ratio")."""

import re

_HEX = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)
#: The least ratio of text of ordinary size (WCAG level AA).
LEAST = 4.5


def read_colour(text: str) -> str:
    """`#rrggbb` in small letters of `#RRGGBB` or `rrggbb`.

    Raises:
        ValueError: it is no colour.
    """
    found = _HEX.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return f"#{found.group(1).lower()}"


def ratio(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), whichever of both is the text."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_readable(one: str, other: str) -> bool:
    """Whether text of one colour can be read on the other."""
    return ratio(one, other) >= LEAST


def better_ink(colour: str) -> str:
    """White or black, whichever is read better on a colour; one of them always is readable."""
    return max(("#ffffff", "#000000"), key=lambda ink: ratio(colour, ink))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
