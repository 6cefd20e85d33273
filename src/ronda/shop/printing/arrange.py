"""Where the lines of a ticket lie in its cell: sizes, wrapping, and the QR code beside or between.

Lengths are millimetres from the cell's left upper corner. What a ticket says is set as large as fits,
never larger than is pleasant; what does not fit even at the smallest size is left out from the end, the
small lines first, and counted, so that the editor can say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ronda.shop.printing.measure import Font, width, wrap
from ronda.shop.printing.template import Kind, Line

LARGEST_MM, SMALLEST_MM = 3.9, 1.5
PAD_MM = 2.0
LEADING = 1.24
_STEP = 0.94
#: Wider than this many heights: the QR code stands beside the words.
_BESIDE = 1.25

_SIZES = {Kind.TEXT: 1.0, Kind.BIG: 1.3, Kind.CODE: 1.7, Kind.SMALL: 0.8}
_FONTS = {
    Kind.TEXT: Font.REGULAR,
    Kind.BIG: Font.BOLD,
    Kind.CODE: Font.MONO,
    Kind.SMALL: Font.REGULAR,
}
_LOGO_LINES, _RULE_LINES = 2.6, 0.6


class Words(NamedTuple):
    """A line of words; `x` is its left end or its middle, `y` its base line. `size` is the em."""

    x: float
    y: float
    size: float
    text: str
    font: Font
    centred: bool
    tone: Kind
    width: float


class Square(NamedTuple):
    """Where the QR code lies, its quiet zone included."""

    x: float
    y: float
    side: float


class Picture(NamedTuple):
    """Where the logo lies."""

    x: float
    y: float
    width: float
    height: float


class Stroke(NamedTuple):
    """A thin line."""

    x1: float
    y1: float
    x2: float
    y2: float


Item = Words | Square | Picture | Stroke


@dataclass(frozen=True, slots=True)
class Arranged:
    """One ticket's items, how high it became, and how many of its lines found no room."""

    items: tuple[Item, ...]
    height_mm: float
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """One line as it will be set: words of at most the column's width, or a thing of a height."""

    kind: Kind
    text: str
    size: float
    height: float


def arrange(
    lines: Sequence[Line], width_mm: float, height_mm: float, *, logo_ratio: float = 1.0
) -> Arranged:
    """The items of a ticket in a cell of this size; `height_mm` 0 is a roll, as long as needed.

    `logo_ratio` is the width of the logo over its height.
    """
    if not height_mm:
        return _on_roll(lines, width_mm, logo_ratio)
    room = (width_mm - 2 * PAD_MM, height_mm - 2 * PAD_MM)
    has_code = any(line.kind is Kind.QR for line in lines)
    if not has_code or width_mm < _BESIDE * height_mm:
        side = min(room[0], room[1] * 0.46)
        rows, left_out = _fit(lines, room[0], room[1], side)
        start = PAD_MM + (room[1] - sum(row.height for row in rows)) / 2
        items = _stack(rows, PAD_MM, start, room[0], logo_ratio, centred=True)
        return Arranged(tuple(items), height_mm, left_out)
    side = min(room[1], room[0] * 0.42)
    column = room[0] - side - PAD_MM
    rows, left_out = _fit([line for line in lines if line.kind is not Kind.QR], column, room[1], 0)
    start = PAD_MM + (room[1] - sum(row.height for row in rows)) / 2
    items = _stack(rows, PAD_MM, start, column, logo_ratio, centred=False)
    items.append(Square(width_mm - PAD_MM - side, (height_mm - side) / 2, side))
    return Arranged(tuple(items), height_mm, left_out)


def _on_roll(lines: Sequence[Line], width_mm: float, logo_ratio: float) -> Arranged:
    base = 3.4 if width_mm < 60 else LARGEST_MM
    rows = _rows(lines, width_mm, base, min(width_mm * 0.66, 36.0))
    items = _stack(rows, 0.0, 0.0, width_mm, logo_ratio, centred=True)
    return Arranged(tuple(items), sum(row.height for row in rows))


def _fit(
    lines: Sequence[Line], column: float, height: float, side: float
) -> tuple[list[_Row], int]:
    base = LARGEST_MM
    while True:
        rows = _rows(lines, column, base, side)
        if sum(row.height for row in rows) <= height:
            return rows, 0
        if base * _STEP < SMALLEST_MM:
            break
        base *= _STEP
    kept = list(lines)
    while len(kept) > 1 and sum(row.height for row in rows) > height:
        kept.pop(_least(kept))
        rows = _rows(kept, column, base, side)
    return rows, len(lines) - len(kept)


def _least(lines: Sequence[Line]) -> int:
    """Which line to leave out: the last of the least important kind that is there."""
    for kinds in ((Kind.SMALL, Kind.RULE), (Kind.TEXT, Kind.LOGO), (Kind.BIG, Kind.QR)):
        for place in range(len(lines) - 1, -1, -1):
            if lines[place].kind in kinds:
                return place
    return len(lines) - 1


def _rows(lines: Sequence[Line], column: float, base: float, side: float) -> list[_Row]:
    rows: list[_Row] = []
    for line in lines:
        if line.kind is Kind.QR:
            rows.append(_Row(Kind.QR, "", side, side + base * 0.4))
        elif line.kind is Kind.LOGO:
            rows.append(_Row(Kind.LOGO, "", base * _LOGO_LINES, base * (_LOGO_LINES + 0.4)))
        elif line.kind is Kind.RULE:
            rows.append(_Row(Kind.RULE, "", 0.0, base * _RULE_LINES))
        else:
            rows.extend(_words(line, column, base))
    return rows


def _words(line: Line, column: float, base: float) -> list[_Row]:
    font, size = _FONTS[line.kind], base * _SIZES[line.kind]
    texts = [line.text] if line.kind is Kind.CODE else wrap(line.text, font, column / size)
    found = []
    for text in texts:
        shrunk = min(size, column / max(width(text, font), 0.001))
        found.append(_Row(line.kind, text, shrunk, shrunk * LEADING))
    return found


def _stack(
    rows: Sequence[_Row],
    left: float,
    top: float,
    column: float,
    logo_ratio: float,
    *,
    centred: bool,
) -> list[Item]:
    items: list[Item] = []
    y = top
    for row in rows:
        if row.kind is Kind.QR:
            items.append(
                Square(left + (column - row.size) / 2, y + (row.height - row.size) / 2, row.size)
            )
        elif row.kind is Kind.LOGO:
            wide = min(column, row.size * logo_ratio)
            high = wide / logo_ratio
            start = left + (column - wide) / 2 if centred else left
            items.append(Picture(start, y + (row.size - high) / 2, wide, high))
        elif row.kind is Kind.RULE:
            middle = y + row.height / 2
            items.append(Stroke(left, middle, left + column, middle))
        else:
            font = _FONTS[row.kind]
            x = left + column / 2 if centred else left
            # The base line lies where capitals stand in the middle of their line.
            base_line = y + row.height / 2 + row.size * 0.355
            wide = width(row.text, font) * row.size
            items.append(Words(x, base_line, row.size, row.text, font, centred, row.kind, wide))
        y += row.height
    return items
