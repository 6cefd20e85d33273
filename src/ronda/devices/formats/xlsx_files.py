"""Excel workbooks, read by calamine after the package itself was looked through.

Calamine lays a sheet out as one block from its first to its last used cell, so a single cell in
the last corner of a sheet would ask for gigabytes, and one long shared text used by many cells is
copied for each. Both are measured here before it sees the file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from python_calamine import CalamineError, CalamineWorkbook

from ronda.devices.formats.archives import open_archive, unpack
from ronda.devices.formats.errors import (
    FileDangerous,
    FileEmpty,
    FileTooLarge,
    FileTruncated,
    FileUnreadable,
    FormatError,
)
from ronda.devices.formats.listing import Kind, Limits, Listing
from ronda.devices.formats.tables import Cells, heading_line, records_of

_PARTS = re.compile(r"(?:xl/.*|\[Content_Types\])\.(?:xml|rels)|_rels/\.rels")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_CELL = re.compile(
    rb"""<(?:\w+:)?c\b[^>]*?\sr\s*=\s*["']\s*([A-Za-z]{1,3})(\d{1,8})[^>]*>(\s*<(?:\w+:)?f\b)?"""
)
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\sr\s*=\s*["']\s*(\d{1,10})""")
_TEXT_CELL = re.compile(rb"""\st\s*=\s*["']s["']""")
_TEXT_ITEM = re.compile(rb"<(?:\w+:)?si\b")
_MOST_CELLS = 6_000_000
_MOST_TEXT = 400_000_000
_CELL_TEXT = 32_767  # Excel's own limit for the text of one cell


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _look_through(parts: Mapping[str, bytes], limits: Limits) -> dict[str, set[tuple[int, int]]]:
    """Refuse sheets that would not fit; gives the formula cells (row, column) of each sheet."""
    formulas: dict[str, set[tuple[int, int]]] = {}
    text_cells = 0
    for name, content in parts.items():
        if not _SHEET.fullmatch(name):
            continue
        rows = max((int(m[1]) for m in _ROW.finditer(content)), default=0)
        columns = 0
        found = formulas.setdefault(name, set())
        for match in _CELL.finditer(content):
            column, row = _column_number(match[1]), int(match[2])
            rows, columns = max(rows, row), max(columns, column)
            if match[3]:
                found.add((row, column))
        if columns > limits.columns:
            raise FileTooLarge("too_many_columns", limit=limits.columns, found=columns)
        if rows > limits.rows + 100:
            raise FileTooLarge("too_many_rows", row=rows, limit=limits.rows)
        if rows * columns > _MOST_CELLS:
            raise FileTooLarge("too_many_cells_in_sheet", limit=_MOST_CELLS)
        text_cells += len(_TEXT_CELL.findall(content))
    _check_texts(parts, text_cells)
    return formulas


def _check_texts(parts: Mapping[str, bytes], text_cells: int) -> None:
    for name, content in parts.items():
        if name.lower().endswith("sharedstrings.xml"):
            starts = [m.start() for m in _TEXT_ITEM.finditer(content)]
            ends = [*starts[1:], len(content)]
            longest = max((b - a for a, b in zip(starts, ends, strict=False)), default=0)
            usual = min(longest, 6 * _CELL_TEXT)
            if longest > 40 * _CELL_TEXT or usual * text_cells > 50 * _MOST_TEXT:
                raise FileDangerous("cell_texts_too_long")


def read_xlsx(content: bytes, limits: Limits) -> Listing:
    """Read the sheet that has our headings; `number` is the row as Excel shows it.

    Cells that hold a formula give their last computed value and are flagged.

    Raises:
        FormatError: a bomb, a broken or protected file, no sheet with headings.
    """
    parts = unpack(open_archive(content), _PARTS, limits)
    formulas = _look_through(parts, limits)
    lines_by_sheet = _lines(content)
    if not any(lines for _, lines in lines_by_sheet):
        raise FileEmpty("empty_file")
    name, lines = _best_sheet(lines_by_sheet)
    # calamine does not tell a sheet's member name; cells flagged in any sheet count for the first.
    flagged = _formulas_of(formulas, [n for n, _ in lines_by_sheet].index(name))

    def problems(row: int, names: list[str]) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            ("formula_cell", heading, "")
            for column, heading in enumerate(names, 1)
            if (row, column) in flagged
        )

    rows = records_of(lines, problems if flagged else None)
    others = [n for n, sheet in lines_by_sheet if sheet and n != name]
    remarks = (("other_sheets", ", ".join(others)[:200]),) if others else ()
    return Listing(Kind.ONTS if rows else Kind.EMPTY, "xlsx", rows, remarks)


def _formulas_of(
    formulas: Mapping[str, set[tuple[int, int]]], position: int
) -> set[tuple[int, int]]:
    def order(name: str) -> tuple[int, str]:
        digits = re.sub(r"\D", "", name)
        return (int(digits[:9]) if digits else 0, name)

    names = sorted(formulas, key=order)
    return formulas[names[position]] if position < len(names) else set()


def _lines(content: bytes) -> list[tuple[str, list[tuple[int, Cells]]]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            (
                name,
                [
                    (number, cells)
                    for number, cells in enumerate(
                        workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), 1
                    )
                    if any(c not in ("", None) for c in cells)
                ],
            )
            for name in workbook.sheet_names
        ]
    except (CalamineError, ValueError, OSError, KeyError, IndexError) as wrong:
        raise FileUnreadable("xlsx_broken", detail=str(wrong)[:120]) from None
    except BaseException as wrong:  # a Rust panic is no Exception; all else goes on
        if type(wrong).__name__ != "PanicException":
            raise
        raise FileTruncated("zip_broken", member="xl") from None


def _best_sheet(
    sheets: list[tuple[str, list[tuple[int, Cells]]]],
) -> tuple[str, list[tuple[int, Cells]]]:
    first_error: FormatError | None = None
    for name, lines in sheets:
        if not lines:
            continue
        try:
            heading_line(lines)
        except FormatError as wrong:
            first_error = first_error or wrong
        else:
            return name, lines
    raise first_error or FileEmpty("empty_file")
