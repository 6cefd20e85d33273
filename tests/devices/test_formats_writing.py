"""What is written reads back as the same list, and no spreadsheet runs any of it."""

import csv
import io
import json
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from ronda.devices.formats import read_listing
from ronda.devices.formats.writing import (
    COLUMNS,
    WRITERS,
    ExportRow,
    fallback_record,
    write_csv,
    write_fallback_json,
    write_json,
    write_xlsx,
)
from ronda.devices.rules.compare import KnownOnt, Outcome, compare
from ronda.devices.rules.reading import read_rows
from ronda.devices.rules.text import control_character, looks_like_formula, tidy, tidy_lines

ROW = ExportRow(
    7, "WJ1", "Kali RW 1", "Pos Ronda", -7.7, 110.36, "198.18.1.1", "csr", "Kali", "tiang 3"
)
texts = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="'=+-@\"<>&;,\n\t| aR_x0041", max_size=12),
).filter(lambda t: control_character(t) is None)
lines = texts.map(tidy)
numbers = st.floats(-90, 90, allow_nan=False).map(lambda v: round(v, 7))
rows = st.lists(
    st.builds(
        ExportRow,
        id=st.integers(1, 10**9),
        customer_id=lines.filter(bool).map(lambda t: t[:40].strip()).filter(bool),
        name=lines,
        location=lines,
        latitude=numbers,
        longitude=st.floats(-180, 180, allow_nan=False),
        address=st.one_of(
            st.just(""),
            st.just("pos-1.example.net"),
            st.ip_addresses(v=4, network="10.0.0.0/8").map(str),
            st.ip_addresses(v=6, network="2001:db8::/32").map(str),
        ),
        category=st.sampled_from(["general", "csr", "apbd"]),
        area=lines,
        notes=texts.map(tidy_lines),
        monitored=st.booleans(),
        site=lines,
    ),
    max_size=5,
    unique_by=lambda r: r.customer_id,
)


def known(row: ExportRow) -> KnownOnt:
    return KnownOnt(**{f.name: getattr(row, f.name) for f in fields(KnownOnt)})


@pytest.mark.parametrize("format_", list(WRITERS))
@settings(max_examples=25, deadline=None)
@given(rows)
def test_what_goes_out_comes_back_as_the_same_list(format_: str, listed: list[ExportRow]) -> None:
    listing = read_listing(WRITERS[format_].write(listed))
    onts = [known(row) for row in listed]
    comparison = compare(read_rows(listing.rows), onts)
    assert [line.outcome for line in comparison.lines] == [Outcome.SAME] * len(listed)
    assert comparison.missing == ()


def test_the_older_shape_has_exactly_the_older_keys() -> None:
    assert json.loads(write_json([ROW])) == [
        {
            "id": 7,
            "id_ccbs": "WJ1",
            "name": "Kali RW 1",
            "lokasi": "Pos Ronda",
            "latitude": -7.7,
            "longitude": 110.36,
            "ip": "198.18.1.1",
        }
    ]
    [record] = json.loads(write_fallback_json([ROW]))
    assert record == fallback_record(ROW)
    assert list(record)[-3:] == ["status", "rto_count", "last_on"]


@settings(max_examples=40)
@given(rows)
def test_no_cell_of_a_csv_is_run_by_a_spreadsheet(listed: list[ExportRow]) -> None:
    text = write_csv(listed).decode("utf-8-sig")
    [head, *body] = csv.reader(io.StringIO(text, newline=""))
    assert tuple(head) == COLUMNS
    for cells in body:
        texts_only = [cell for name, cell in zip(COLUMNS, cells, strict=True) if "tude" not in name]
        assert not any(looks_like_formula(cell) for cell in texts_only)


def test_a_workbook_holds_texts_as_texts() -> None:
    row = ExportRow(7, "00123", "=1+1", "http://example.net", notes="_x0041_")
    content = write_xlsx([row])
    [_, cells] = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    assert cells[:5] == ["00123", "=1+1", "http://example.net", "", ""]
    assert read_listing(content).rows[0].problems == ()


def test_a_damaged_but_kept_text_does_not_make_a_row_differ() -> None:
    row = ExportRow(7, "WJ1", "<b>peRTemuan</b>")
    for writer in WRITERS.values():
        [line] = compare(read_rows(read_listing(writer.write([row])).rows), [known(row)]).lines
        assert line.outcome is Outcome.SAME
