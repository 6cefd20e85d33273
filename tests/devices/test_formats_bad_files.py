"""Bad files are refused whole, with the place and the reason, and raise nothing else."""

import io
import json
import struct
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ronda.devices.formats import FormatError, Limits, read_listing
from ronda.devices.formats.errors import (
    FileDangerous,
    FileEmpty,
    FileTooLarge,
    FileTruncated,
    FileUnreadable,
    WrongEncoding,
)
from tests.devices.test_formats_reading import CSV, OLDER, PLACEMARK, as_json, kml, workbook, zipped

LIST = json.dumps([OLDER, OLDER, OLDER], indent=1).encode()


def refusal(content: bytes, limits: Limits | None = None) -> FormatError:
    with pytest.raises(FormatError) as refused:
        read_listing(content, limits)
    return refused.value


def told(error: FormatError) -> tuple[type, str, Any, Any, dict[str, Any]]:
    return type(error), error.code, error.row, error.column, error.params


@pytest.mark.parametrize("content", [b"", b" \n\t ", b"\xef\xbb\xbf", b"{}"])
def test_an_empty_file_is_called_empty(content: bytes) -> None:
    assert told(refusal(content)) == (FileEmpty, "empty_file", None, None, {})


def test_a_hundred_megabytes_are_refused_by_their_size() -> None:
    error = refusal(b" " * 100_000_001)
    assert told(error) == (
        FileTooLarge,
        "file_too_large",
        None,
        None,
        {"megabytes": 100.0, "limit": 25.0},
    )


def test_a_cut_json_list_tells_where_and_how_many_records_were_whole() -> None:
    cut = LIST[: LIST.rindex(b"Pos") + 2]
    error = refusal(cut)
    assert told(error) == (FileTruncated, "json_cut_off", 24, 13, {"records": 2})
    assert "row 24, column 13, records 2" in str(error)


@pytest.mark.parametrize("keep", range(1, len(LIST) - 1, 7))
def test_a_json_list_cut_anywhere_is_never_half_imported(keep: int) -> None:
    assert isinstance(refusal(LIST[:keep]), FileTruncated)


def test_a_mistake_in_json_is_named_with_line_and_column() -> None:
    error = refusal(b'[\n {"id_ccbs": "WJ1",\n  nama: "Kali", "latitude": -7.7}]')
    assert told(error) == (
        FileUnreadable,
        "json_mistake",
        3,
        3,
        {"near": 'nama: "Kali", "latit'},
    )


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([1], "record_expected"),
        ([OLDER, "x"], "record_expected"),
        ([{"warna": "merah"}], "json_unknown"),
        ([{str(n): 1 for n in range(201)}], "too_many_columns"),
        ({"type": "FeatureCollection"}, "geojson_features"),
        ({"type": "FeatureCollection", "features": [7]}, "record_expected"),
        (
            {"type": "Feature", "properties": {str(n): 1 for n in range(201)}},
            "too_many_columns",
        ),
    ],
)
def test_json_that_is_no_list_of_onts_is_refused(document: Any, code: str) -> None:
    assert refusal(as_json(document)).code == code


def test_endless_nesting_is_refused() -> None:
    assert told(refusal(b"[" * 100_000)) == (FileDangerous, "nested_too_deep", None, None, {})
    deep = "<Folder>" * 100 + "</Folder>" * 100
    assert refusal(kml(deep)).code == "nested_too_deep"
    assert refusal(b"[" * 900_000).code == "too_many_rows"


def test_wrong_bytes_are_named_with_offset_line_and_column() -> None:
    content = b'[{"id_ccbs": "WJ1",\n "name": "Kal\xed"}]'
    assert told(refusal(content)) == (
        WrongEncoding,
        "encoding_wrong",
        2,
        14,
        {"offset": 33, "byte": "0xED"},
    )


def test_a_table_that_mixes_encodings_is_refused_rather_than_read_as_nonsense() -> None:
    mixed = CSV.encode() + "WJ2,Kal\u00ed,,,\n".encode() + b"WJ3,Kal\xed,,,\n"
    assert told(refusal(mixed))[:4] == (WrongEncoding, "encoding_wrong", 4, 8)
    assert refusal(b"\xef\xbb\xbfID,Nama\nWJ1,\xed\n").code == "encoding_wrong"
    assert refusal(CSV.encode() + b"WJ2,\x81\n").params["byte"] == "0x81"


def test_text_cut_inside_a_character_is_cut_off() -> None:
    text = "ID,Nama\nWJ1,Kal\u00ed\nWJ2,\u20ac".encode()
    assert told(refusal(text[:-1]))[:3] == (FileTruncated, "text_cut_off", 3)
    assert refusal("[{}]\ud83d\ude00".encode("utf-16", "surrogatepass")[:-1]).code == "text_cut_off"
    bad = b"\xff\xfe" + "ID".encode("utf-16-le") + b"\x00\xdc" + "x".encode("utf-16-le")
    assert refusal(bad).code == "encoding_wrong"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office_file"),
        (b"\x1f\x8b\x08xxxx", "compressed_file"),
        (b"%PDF-1.7", "no_list"),
        (b"\x89PNG\r\n", "no_list"),
        (b"\x00\x00\x00\x18ftyp", "no_list"),
        (b"\xff\xfe\x00\x00x\x00\x00\x00", "encoding_unknown"),
        (b"ID,Nama\nWJ1,K\x00", "nul_byte"),
        (b"halo dunia", "headings_not_found"),
        (b'"halo"', "headings_not_found"),
        (b"<html><body>404</body></html>", "xml_no_kml"),
        (b"<kml><Document></Folder></kml>", "xml_mistake"),
        (b"<?xml version='1.0' encoding='klingon'?><kml/>", "xml_mistake"),
        (b"PK\x03\x04xxxx", "zip_cut_off"),
        (zipped(readme__txt=b"x"), "zip_unknown"),
        (zipped(**{"xl/workbook__xml": b"<workbook/>"}), "xlsx_broken"),
        (workbook([["halo", "dunia"]]), "headings_not_found"),
        (workbook([]), "empty_file"),
    ],
)
def test_what_is_no_list_is_called_by_its_name(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_a_file_without_headings_shows_what_it_has_instead() -> None:
    error = refusal(b"WJ1;Kali;198.18.1.1\n")
    assert (error.row, error.params) == (1, {"found": "WJ1, Kali, 198.18.1.1"})


def test_a_table_cut_in_its_last_line_is_not_half_imported() -> None:
    error = refusal((CSV + "WJ2,Lor,-7.7").encode())
    assert told(error) == (FileTruncated, "csv_cut_off", 3, "lon", {"records": 1})
    assert refusal((CSV + 'WJ2,"Lor').encode()).code == "quote_not_closed"


def test_broken_quotes_and_endless_cells_are_named_by_line() -> None:
    error = refusal((CSV + 'WJ2,"Lor"x,-7.7,110.36,\n').encode())
    assert (error.code, error.row) == ("csv_mistake", 3)
    error = refusal((CSV + "WJ2," + "x" * 140_000 + ",,,\n").encode())
    assert (error.code, error.row) == ("cell_too_long", 3)
    error = refusal((CSV + "," * 300 + "\n").encode())
    assert (error.code, error.row) == ("too_many_columns", 3)


def test_a_cut_kml_tells_where_and_how_many_placemarks_were_whole() -> None:
    content = kml(PLACEMARK * 2)
    error = refusal(content[: content.rindex(b"<Point>")])
    assert told(error)[:3] == (FileTruncated, "xml_cut_off", 1)
    assert error.params == {"records": 1}


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE kml SYSTEM "http://example.net/x.dtd">',
    ],
)
def test_entities_and_outside_files_are_refused(doctype: str) -> None:
    plain = f"{doctype}<kml><Placemark><name>&a;</name></Placemark></kml>".encode()
    assert told(refusal(plain))[:2] == (FileDangerous, "xml_entities")
    assert refusal(zipped(doc__kml=plain)).code == "xml_entities"


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped(**{"xl/workbook__xml": b"x", "xl/worksheets/sheet1__xml": b" " * 50_000_000})
    assert len(bomb) < 100_000
    error = refusal(bomb)
    assert told(error)[:2] == (FileDangerous, "zip_bomb_ratio")
    assert error.params["member"] == "xl/worksheets/sheet1.xml"
    error = refusal(zipped(a__kml=b"x" * 2000, b__kml=b"y" * 2000), Limits(unpacked_bytes=3000))
    assert error.code == "zip_bomb_size"


def test_a_directory_that_lies_about_sizes_does_not_help() -> None:
    content = bytearray(zipped(doc__kml=kml("<name>" + "a" * 5_000_000 + "</name>")))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.index(signature) + offset
        content[at : at + 4] = struct.pack("<I", 100)
    assert isinstance(refusal(bytes(content)), FileDangerous | FileTruncated)


def test_too_many_members_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(2001):
            archive.writestr(f"{number}.kml", b"")
    assert refusal(out.getvalue()).code == "zip_members"


def test_a_protected_archive_is_called_protected() -> None:
    content = bytearray(zipped(doc__kml=b"<kml/>"))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(content)).code == "protected_file"


def sheet_with(cells: bytes, texts: bytes = b"") -> bytes:
    source = workbook([["ID", "Nama"], ["WJ1", "Kali"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", cells + b"</sheetData>")
            if name == "xl/sharedStrings.xml" and texts:
                content = content.replace(b"</sst>", texts + b"</sst>")
            new.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "too_many_columns"),
        (b'<row r="1048576"><c><v>1</v></c></row>', "too_many_rows"),
        (b'<row r="150000"><c r="CV150000"><v>1</v></c></row>', "too_many_cells_in_sheet"),
        (b"<row r = '300000'><x:c  r = 'A300000' ><v>1</v></x:c></row>", "too_many_rows"),
    ],
)
def test_one_cell_in_the_far_corner_of_a_sheet_takes_no_memory(cells: bytes, code: str) -> None:
    assert refusal(sheet_with(cells)).code == code


def test_one_endless_text_shared_by_many_cells_is_refused() -> None:
    text = b"<si><t>" + bytes(i % 26 + 97 for i in range(2_000_000)) + b"</t></si>"
    assert refusal(sheet_with(b"", text), Limits(ratio=10**6)).code == "cell_texts_too_long"


def test_a_workbook_cut_in_the_middle_is_refused() -> None:
    content = workbook([["ID", "Nama"], ["WJ1", "Kali"]])
    for keep in range(0, len(content) - 1, 97):
        assert isinstance(refusal(content[:keep] or b""), FormatError)


def test_a_workbook_with_a_broken_part_is_refused() -> None:
    content = bytearray(workbook([["ID", "Nama"], ["WJ1", "Kali"]]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    at = info.header_offset + 30 + len(info.filename) + 20
    content[at : at + 8] = b"\xff" * 8
    assert refusal(bytes(content)).code == "zip_broken"


STARTS = [
    b"",
    b"[",
    b"{",
    b"<kml>",
    b"PK\x03\x04",
    b"ID,Nama\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'[{"id":',
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(STARTS), st.binary(max_size=400))
@example(b"", b"1e999")
@example(b"[", b'{"id": 1' + b"0" * 5000 + b', "nama": "x"}]')
def test_random_bytes_raise_only_our_own_errors(start: bytes, rest: bytes) -> None:
    with suppress(FormatError):
        read_listing(start + rest)


GOOD = [
    LIST,
    CSV.encode(),
    kml(PLACEMARK),
    zipped(doc__kml=kml(PLACEMARK)),
    workbook([["ID", "Nama", "IP"], ["WJ1", "Kali", "198.18.1.1"]]),
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(GOOD), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=4))
def test_good_files_with_a_few_wrong_bytes_raise_only_our_own_errors(
    content: bytes, changes: list[tuple[int, int]]
) -> None:
    broken = bytearray(content)
    for at, byte in changes:
        broken[at % len(broken)] = byte
    with suppress(FormatError):
        read_listing(bytes(broken))
