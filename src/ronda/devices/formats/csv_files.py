"""CSV with any usual delimiter: comma, semicolon (Indonesian Excel), tab, bar."""

from __future__ import annotations

import csv
import io
import re

from ronda.devices.formats.errors import (
    FileEmpty,
    FileTooLarge,
    FileTruncated,
    FileUnreadable,
)
from ronda.devices.formats.listing import Kind, Limits, Listing
from ronda.devices.formats.tables import Cells, records_of
from ronda.devices.rules.columns import recognised
from ronda.devices.rules.text import unguard

_DELIMITERS = (",", ";", "\t", "|")
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # Excel's own way of naming the delimiter


def _delimiter_of(lines: list[str]) -> str:
    """The delimiter by which the most headings make sense."""
    best, best_score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        for line in lines:
            cells = [c.strip('" ') for c in line.split(delimiter)]
            score = (recognised(cells), len(cells))
            if score > best_score:
                best, best_score = delimiter, score
    return best


def read_csv(text: str, limits: Limits, encoding: str = "utf-8") -> Listing:
    """Read a table; `number` is the line in the file, so that people find it again.

    Raises:
        FormatError: no headings, a broken quote, too many rows or columns, or a last line that
            ends in the middle.
    """
    if not text.strip():
        raise FileEmpty("empty_file")
    named = _SEP_LINE.match(text)
    skipped = 1 if named else 0
    body = text[named.end() :] if named else text
    delimiter = named[1] if named else _delimiter_of(body.splitlines()[:30])
    lines: list[tuple[int, Cells]] = []
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    start = 1 + skipped
    try:
        for cells in reader:
            if len(cells) > limits.columns:
                raise FileTooLarge("too_many_columns", row=start, limit=limits.columns)
            lines.append((start, [unguard(c) for c in cells]))
            if len(lines) > limits.rows + 1:
                raise FileTooLarge("too_many_rows", row=start, limit=limits.rows)
            start = reader.line_num + 1 + skipped
    except csv.Error as wrong:
        if "unexpected end of data" in str(wrong):
            raise FileTruncated("quote_not_closed", row=start) from None
        code = "cell_too_long" if "field larger" in str(wrong) else "csv_mistake"
        raise FileUnreadable(code, row=reader.line_num + skipped, detail=str(wrong)) from None
    rows = records_of(lines)
    if rows and not body.endswith(("\n", "\r")) and _is_short(rows[-1].problems):
        raise FileTruncated(
            "csv_cut_off",
            row=rows[-1].number,
            column=rows[-1].problems[-1][1],
            records=len(rows) - 1,
        )
    remarks = (("encoding_guessed", "Windows-1252"),) if encoding == "cp1252" else ()
    return Listing(Kind.ONTS if rows else Kind.EMPTY, "csv", rows, remarks)


def _is_short(problems: tuple[tuple[str, str, str], ...]) -> bool:
    return any(code == "too_few_cells" for code, _, _ in problems)
