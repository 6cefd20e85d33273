"""From a table's cells to records: finding the heading line among title lines and blanks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ronda.devices.formats.errors import FileUnreadable
from ronda.devices.rules.columns import recognised
from ronda.devices.rules.rows import RawRow
from ronda.devices.rules.text import tidy

_LOOK_AT = 30
_ENOUGH = 2
Cells = Sequence[object]


def heading_line(lines: Sequence[tuple[int, Cells]]) -> int:
    """The position in `lines` of the headings: the line that names most of our fields.

    Raises:
        FileUnreadable: no line names at least two of them.
    """
    best, best_count = -1, _ENOUGH - 1
    for position, (_, cells) in enumerate(lines[:_LOOK_AT]):
        count = recognised(str(c) for c in cells if c is not None)
        if count > best_count:
            best, best_count = position, count
    if best < 0:
        first = lines[0] if lines else (1, ())
        found = ", ".join(str(c) for c in first[1] if c not in (None, ""))[:200]
        raise FileUnreadable("headings_not_found", row=first[0], found=found)
    return best


def headings_of(cells: Cells) -> list[str]:
    """Column names without doubles and blanks; a nameless column is called by its number."""
    names: list[str] = []
    for position, cell in enumerate(cells, 1):
        name = tidy(str(cell)) if cell is not None else ""
        name = name or f"#{position}"
        names.append(name if name not in names else f"{name} #{position}")
    return names


def records_of(
    lines: Sequence[tuple[int, Cells]],
    problems: Callable[[int, list[str]], tuple[tuple[str, str, str], ...]] | None = None,
) -> list[RawRow]:
    """The rows below the headings; wholly blank ones are left out, short ones are refused rows."""
    at = heading_line(lines)
    names = headings_of(lines[at][1])
    rows = []
    for number, cells in lines[at + 1 :]:
        if all(c is None or c == "" or (isinstance(c, str) and not c.strip()) for c in cells):
            continue
        trouble = problems(number, names) if problems else ()
        extra = [c for c in cells[len(names) :] if c not in (None, "")]
        if extra:
            trouble = (*trouble, ("too_many_cells", f"#{len(names) + 1}", str(extra[0])[:80]))
        elif len(cells) < len(names):
            trouble = (*trouble, ("too_few_cells", names[len(cells)], ""))
        rows.append(RawRow(number, dict(zip(names, cells, strict=False)), trouble))
    return rows
