"""The audit trail as a file: CSV, a workbook, or a JSON object a line. Written while it is read."""

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.kernel.cells import guard

Kind = Literal["csv", "xlsx", "jsonl"]
CONTENT_TYPES: dict[Kind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
COLUMNS = (
    "position", "at", "actor", "action", "subject", "before", "after", "source", "door", "fingerprint",
)  # fmt: skip
#: Rows that are read at a time.
STEP = 1000
#: What a sheet holds beside its heading.
SHEET_ROWS = 1_048_575


def written(rows: QuerySet[AuditRow], kind: Kind) -> Iterator[bytes]:
    """The file in parts, in the order of `rows` (newest first); memory does not grow with the rows.

    A workbook is made whole in a temporary file first, and ends where a sheet is full.
    """
    return {"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl}[kind](_values(rows))


def _values(rows: QuerySet[AuditRow]) -> Iterator[tuple[Any, ...]]:
    """Values of `COLUMNS`, `STEP` rows a question: no cursor stays open while somebody reads slowly."""
    last: int | None = None
    while True:
        part = rows if last is None else rows.filter(id__lt=last)
        found = list(part.order_by("-id").values_list("id", *COLUMNS)[:STEP])
        for identity, *values in found:
            last = identity
            yield tuple(values)
        if len(found) < STEP:
            return


def _texts(values: tuple[Any, ...]) -> list[str | int]:
    cells: list[str | int] = []
    for name, value in zip(COLUMNS, values, strict=True):
        if name == "at":
            cells.append(timezone.localtime(value).isoformat(timespec="seconds"))
        elif name in ("before", "after"):
            cells.append("" if value is None else json.dumps(value, ensure_ascii=False))
        else:
            cells.append("" if value is None else value)
    return cells


def _csv(rows: Iterator[tuple[Any, ...]]) -> Iterator[bytes]:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    yield b"\xef\xbb\xbf"  # by which Excel knows UTF-8
    for values in rows:
        writer.writerow([guard(c) if isinstance(c, str) else c for c in _texts(values)])
        if out.tell() > 32_768:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _jsonl(rows: Iterator[tuple[Any, ...]]) -> Iterator[bytes]:
    for values in rows:
        told = dict(zip(COLUMNS, values, strict=True))
        told["at"] = told["at"].isoformat()
        yield (json.dumps(told, ensure_ascii=False) + "\n").encode()


def _xlsx(rows: Iterator[tuple[Any, ...]]) -> Iterator[bytes]:
    """Every text is a text cell: never a formula, a link or a number."""
    import xlsxwriter  # slow to import, seldom needed

    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        page = book.add_worksheet("Audit")
        bold = book.add_format({"bold": True})
        page.freeze_panes(1, 0)
        page.set_column(1, len(COLUMNS) - 1, 20)
        for place, name in enumerate(COLUMNS):
            page.write_string(0, place, name, bold)
        for number, values in enumerate(rows, 1):
            if number > SHEET_ROWS:
                break
            for place, cell in enumerate(_texts(values)):
                write = page.write_string if isinstance(cell, str) else page.write_number
                write(number, place, cell[:32_767] if isinstance(cell, str) else cell)
        book.close()
        file.seek(0)
        while part := file.read(65_536):
            yield part
