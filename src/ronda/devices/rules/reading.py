"""What the rows of a foreign list mean, and what is odd about them.

Reads every dialect of the older systems and the headings people write by hand. Nothing is repaired
silently: what can be read without doubt is read and noted, the rest is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable

from ronda.devices.rules.cells import read_cells
from ronda.devices.rules.columns import Columns, columns_of
from ronda.devices.rules.findings import Severity
from ronda.devices.rules.places import Place
from ronda.devices.rules.rows import Candidate, RawRow, Row, RowReading
from ronda.devices.rules.together import judge_lone_addresses, judge_places, judge_repeats


def read_rows(
    rows: Iterable[RawRow], *, near: Iterable[Place] = (), known_areas: Iterable[str] = ()
) -> list[RowReading]:
    """Understand all rows of a file.

    `near` are the coordinates the site's ONTs have now: together with the file's own they show
    which place is wrong. Order and number of rows are kept. `known_areas` are not proposed here
    but a row's area takes their spelling,
    or that of the first row that names it.
    """
    spelling = {name.casefold(): name for name in known_areas}
    seen_columns: dict[tuple[str, ...], Columns] = {}
    works = []
    for raw in rows:
        headings = tuple(raw.values)
        columns = seen_columns.get(headings)
        if columns is None:
            columns = seen_columns[headings] = columns_of(headings)
        works.append(read_cells(raw, columns, spelling))
    judge_places(works, near)
    judge_repeats(works)
    judge_lone_addresses(works)
    return [_finished(work) for work in works]


def _finished(work: Row) -> RowReading:
    findings = tuple(work.findings)
    customer_id = str(work.fields.get("customer_id", ""))
    if work.refused:
        telling = tuple(f for f in findings if f.severity is not Severity.NOTE)
        return RowReading(work.raw.number, None, telling, customer_id)
    given = frozenset(work.fields) - {"customer_id", "source_number"}
    values: dict[str, object] = dict(work.fields)
    candidate = Candidate(row=work.raw.number, given=given, **values)  # type: ignore[arg-type]
    return RowReading(work.raw.number, candidate, findings, customer_id)
