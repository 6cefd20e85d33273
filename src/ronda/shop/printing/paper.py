"""Papers: A4 in any grid, label sheets, and thermal rolls. All lengths are millimetres."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

A4_MM = (210.0, 297.0)
#: A cell below this shows no code that anybody can read.
SMALLEST_MM = (24.0, 14.0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with a grid of equal cells; `height_mm` 0 is a roll, which is as long as its one ticket."""

    width_mm: float
    height_mm: float
    columns: int
    rows: int
    cell_mm: tuple[float, float]
    start_mm: tuple[float, float]
    pitch_mm: tuple[float, float]

    @property
    def per_page(self) -> int:
        """How many tickets a page holds."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """The left upper corner of a cell, counted along the rows from 0."""
        row, column = divmod(place, self.columns)
        return (
            self.start_mm[0] + column * self.pitch_mm[0],
            self.start_mm[1] + row * self.pitch_mm[1],
        )

    def cut_marks(self, length_mm: float = 3.0) -> Iterator[tuple[float, float, float, float]]:
        """Short strokes at every cell's corners: x1, y1, x2, y2, none twice."""
        half = length_mm / 2
        xs, ys = self._edges(0, self.columns), self._edges(1, self.rows)
        for x in xs:
            for y in ys:
                yield x - half, y, x + half, y
                yield x, y - half, x, y + half

    def _edges(self, axis: int, count: int) -> list[float]:
        starts = [self.start_mm[axis] + place * self.pitch_mm[axis] for place in range(count)]
        return sorted(
            {round(edge + part, 3) for edge in starts for part in (0, self.cell_mm[axis])}
        )


class TooSmall(ValueError):
    """So many cells, or so much margin, that a ticket has no room; `args` are width and height in mm."""


def grid(columns: int, rows: int, *, margin_mm: float, gap_mm: float) -> Sheet:
    """A4 in `columns` times `rows` cells, as large as margin and gap leave them.

    Raises:
        TooSmall: with the size that a cell would have.
    """
    width = (A4_MM[0] - 2 * margin_mm - (columns - 1) * gap_mm) / columns
    height = (A4_MM[1] - 2 * margin_mm - (rows - 1) * gap_mm) / rows
    if width < SMALLEST_MM[0] or height < SMALLEST_MM[1]:
        raise TooSmall(round(width, 1), round(height, 1))
    return Sheet(
        *A4_MM,
        columns,
        rows,
        (width, height),
        (margin_mm, margin_mm),
        (width + gap_mm, height + gap_mm),
    )


@dataclass(frozen=True, slots=True)
class Label:
    """A sheet of self-adhesive labels, centred on A4, as their makers print on the box."""

    name: str
    columns: int
    rows: int
    width_mm: float
    height_mm: float
    gap_mm: float = 0.0

    def sheet(self) -> Sheet:
        """The cells of the sheet."""
        used = (
            self.columns * self.width_mm + (self.columns - 1) * self.gap_mm,
            self.rows * self.height_mm,
        )
        return Sheet(
            *A4_MM,
            self.columns,
            self.rows,
            (self.width_mm, self.height_mm),
            ((A4_MM[0] - used[0]) / 2, (A4_MM[1] - used[1]) / 2),
            (self.width_mm + self.gap_mm, self.height_mm),
        )


#: The common A4 sizes; makers other than Avery sell the same ones under their own numbers.
LABELS: Mapping[str, Label] = MappingProxyType(
    {
        "L7160": Label("63.5 x 38.1 mm (Avery L7160)", 3, 7, 63.5, 38.1, 2.5),
        "L7159": Label("63.5 x 33.9 mm (Avery L7159)", 3, 8, 63.5, 33.9, 2.5),
        "L7163": Label("99.1 x 38.1 mm (Avery L7163)", 2, 7, 99.1, 38.1, 2.5),
        "L7162": Label("99.1 x 33.9 mm (Avery L7162)", 2, 8, 99.1, 33.9, 2.5),
        "L7165": Label("99.1 x 67.7 mm (Avery L7165)", 2, 4, 99.1, 67.7, 2.5),
        "L7651": Label("38.1 x 21.2 mm (Avery L7651)", 5, 13, 38.1, 21.2, 2.5),
        "3474": Label("70 x 37 mm (Avery 3474)", 3, 8, 70.0, 37.0),
        "3475": Label("70 x 36 mm (Avery 3475)", 3, 8, 70.0, 36.0),
        "3424": Label("105 x 48 mm (Avery 3424)", 2, 6, 105.0, 48.0),
    }
)

#: Width of the roll -> width that its print head reaches.
ROLLS: Mapping[int, float] = MappingProxyType({58: 48.0, 80: 72.0})


def roll(width_mm: int) -> Sheet:
    """A thermal roll: one ticket a page, as long as it has to be."""
    printed = ROLLS[width_mm]
    side = (width_mm - printed) / 2
    return Sheet(width_mm, 0.0, 1, 1, (printed, 0.0), (side, 2.0), (printed, 0.0))
