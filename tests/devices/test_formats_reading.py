"""Reading lists: every dialect, every format, told from the content."""

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter

from ronda.devices.formats import Kind, Limits, Listing, read_listing
from ronda.devices.rules.reading import read_rows
from ronda.devices.rules.rows import RawRow

OLDER = {
    "id": 1,
    "id_ccbs": "WJ000001",
    "name": "Kali RW 21",
    "lokasi": "Pos Ronda",
    "latitude": -7.7,
    "longitude": 110.36,
    "ip": "198.18.1.1",
}
CSV = "id_pelanggan,nama,lat,lon,ip\nWJ1,Kali,-7.7,110.36,198.18.1.1\n"


def as_json(document: Any, **options: Any) -> bytes:
    return json.dumps(document, **options).encode()


def workbook(
    rows: Sequence[Sequence[object]], sheet: str = "ONT", before: Sequence[str] = ()
) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name in before:
        book.add_worksheet(name).write(0, 0, "Petunjuk pengisian")
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write(number, column, cell)
    book.close()
    return out.getvalue()


def kml(body: str, head: str = '<kml xmlns="http://www.opengis.net/kml/2.2">') -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<Document>{body}</Document></kml>'.encode()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


PLACEMARK = (
    '<Placemark><name>Kali</name><ExtendedData><Data name="id_ccbs"><value>WJ1</value></Data>'
    '<Data name="ip"><value>198.18.1.1</value></Data></ExtendedData>'
    "<Point><coordinates> 110.36,-7.7,0 </coordinates></Point></Placemark>"
)


def customer_ids(listing: Listing) -> list[str]:
    return [r.customer_id for r in read_rows(listing.rows)]


@pytest.mark.parametrize(
    "content",
    [
        as_json([OLDER]),
        as_json({"onts": [OLDER]}),
        as_json({"1": OLDER}),
        as_json(OLDER),
        b"\xef\xbb\xbf" + as_json([OLDER]),
        json.dumps([OLDER]).encode("utf-16"),
        json.dumps([OLDER]).encode("utf-16-le"),
        json.dumps([OLDER]).encode("utf-16-be"),
    ],
)
def test_json_lists_are_read_however_they_are_wrapped_and_encoded(content: bytes) -> None:
    listing = read_listing(content)
    assert (listing.kind, listing.format) == (Kind.ONTS, "json")
    assert customer_ids(listing) == ["WJ000001"]


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ([{"id": 1, "ip": "198.18.1.1", "status": "ON"}], Kind.STATUS_CACHE),
        ({"1": "ON", "2": "OFF(RTO)"}, Kind.STATUS_CACHE),
        (
            [{"id": 1, "message": "x", "type": "success", "timestamp": "2025-09-03T09:54:31.407Z"}],
            Kind.NOTIFICATIONS,
        ),
        ([{"ont_id": 1, "ont_name": "x", "start_time": "x", "end_time": None}], Kind.OUTAGES),
        ([{"timestamp": "x", "users": 7}], Kind.HISTORY),
        ([{"timestamp": "x", "users": [{"ip": "198.18.1.1"}]}], Kind.USER_LOG),
        ([], Kind.EMPTY),
        ({"data": []}, Kind.EMPTY),
    ],
)
def test_the_older_systems_other_files_are_recognised(document: Any, kind: Kind) -> None:
    assert read_listing(as_json(document)).kind is kind


def test_a_dict_of_states_becomes_records() -> None:
    listing = read_listing(as_json({"198.18.1.1": "ON"}))
    assert listing.rows == [RawRow(1, {"id": "198.18.1.1", "status": "ON"})]


def test_numbers_that_are_none_are_empty() -> None:
    listing = read_listing(b'[{"id_ccbs": "WJ1", "latitude": NaN, "longitude": -Infinity}]')
    assert listing.rows[0].values == {"id_ccbs": "WJ1", "latitude": None, "longitude": None}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter_is_found(delimiter: str) -> None:
    listing = read_listing(CSV.replace(",", delimiter).encode())
    assert listing.format == "csv"
    assert listing.rows == [
        RawRow(
            2,
            {
                "id_pelanggan": "WJ1",
                "nama": "Kali",
                "lat": "-7.7",
                "lon": "110.36",
                "ip": "198.18.1.1",
            },
        )
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_table_may_come_in_any_usual_encoding(encoding: str) -> None:
    listing = read_listing(CSV.replace("Kali", "Kal\u00ed").encode(encoding))
    assert listing.rows[0].values["nama"] == "Kal\u00ed"
    assert listing.remarks == ()


def test_windows_text_is_guessed_and_said_so() -> None:
    listing = read_listing(CSV.replace("Kali", "Kal\u00ed \u20ac").encode("cp1252"))
    assert listing.rows[0].values["nama"] == "Kal\u00ed \u20ac"
    assert listing.remarks == (("encoding_guessed", "Windows-1252"),)


def test_the_delimiter_that_excel_names_itself_is_believed() -> None:
    listing = read_listing(b"sep=;\r\nid;nama\r\nWJ1;a,b\r\n")
    assert listing.rows == [RawRow(3, {"id": "WJ1", "nama": "a,b"})]


def test_title_lines_blank_lines_and_line_breaks_in_cells_keep_the_line_numbers() -> None:
    text = 'Daftar ONT 2025,,\n\nno,ID,Nama\n1,WJ1,"Kali\nWetan"\n,,\n2,WJ2,Lor\n'
    listing = read_listing(text.encode())
    assert [(r.number, r.values["ID"]) for r in listing.rows] == [(4, "WJ1"), (7, "WJ2")]


def test_a_nameless_and_a_doubled_column_get_names_of_their_own() -> None:
    listing = read_listing(b"ID,,Nama,Nama\nWJ1,a,b,c\n")
    assert listing.headings == ["ID", "#2", "Nama", "Nama #4"]


def test_a_row_with_too_many_or_too_few_cells_says_so() -> None:
    listing = read_listing(b"ID,Nama,IP\nWJ1,Kali\nWJ2,Kali,198.18.1.2,extra\nWJ3,a,\n")
    assert [r.problems for r in listing.rows] == [
        (("too_few_cells", "IP", ""),),
        (("too_many_cells", "#4", "extra"),),
        (),
    ]


def test_a_workbook_is_read_with_the_row_numbers_that_excel_shows() -> None:
    content = workbook([["Daftar ONT"], [], ["ID", "Nama", "Latitude"], ["WJ1", "Kali", -7.7]])
    listing = read_listing(content)
    assert listing.format == "xlsx"
    assert listing.rows == [RawRow(4, {"ID": "WJ1", "Nama": "Kali", "Latitude": -7.7})]


def test_the_sheet_with_our_headings_is_taken_and_the_others_are_told() -> None:
    content = workbook([["ID", "Nama"], ["WJ1", "Kali"]], before=["Petunjuk"])
    listing = read_listing(content)
    assert customer_ids(listing) == ["WJ1"]
    assert listing.remarks == (("other_sheets", "Petunjuk"),)


def test_formula_cells_of_a_workbook_are_named() -> None:
    content = workbook([["ID", "Nama"], ["WJ1", "=1+1"]], before=["Petunjuk"])
    listing = read_listing(content)
    assert listing.rows[0].problems == (("formula_cell", "Nama", ""),)


@pytest.mark.parametrize(
    "head",
    [
        '<kml xmlns="http://www.opengis.net/kml/2.2">',
        '<kml xmlns="http://earth.google.com/kml/2.1">',
        "<kml>",
    ],
)
def test_placemarks_are_read_in_any_namespace(head: str) -> None:
    listing = read_listing(kml(PLACEMARK, head))
    assert (listing.kind, listing.format) == (Kind.ONTS, "kml")
    assert listing.rows == [
        RawRow(
            1,
            {
                "id_ccbs": "WJ1",
                "ip": "198.18.1.1",
                "name": "Kali",
                "longitude": "110.36",
                "latitude": "-7.7",
            },
        )
    ]


def test_placemarks_without_extended_data_give_their_name_description_and_id() -> None:
    body = (
        '<Folder><Placemark id="WJ1"><name>Kali</name><description>tiang 3</description></Placemark>'
        "<Placemark><name>Jalur</name><LineString/></Placemark><Placemark><ExtendedData><SchemaData>"
        '<SimpleData name="ID">WJ3</SimpleData></SchemaData></ExtendedData>'
        "<Point><coordinates>x</coordinates></Point></Placemark>"
        "<Placemark><Point><coordinates/></Point></Placemark></Folder>"
    )
    assert read_listing(kml(body)).rows == [
        RawRow(1, {"name": "Kali", "description": "tiang 3", "id": "WJ1"}),
        RawRow(2, {"name": "Jalur"}, (("not_a_point", "Point", "LineString"),)),
        RawRow(3, {"ID": "WJ3"}, (("not_a_point", "coordinates", "x"),)),
        RawRow(4, {}),
    ]


def test_a_kmz_is_a_zipped_kml() -> None:
    other = kml("")
    listing = read_listing(zipped(a__kml=other, doc__kml=kml(PLACEMARK)))
    assert (listing.format, customer_ids(listing)) == ("kmz", ["WJ1"])
    assert read_listing(zipped(jalur__kml=kml(PLACEMARK))).format == "kmz"


def test_features_are_read_with_their_point_and_their_id() -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"id_ccbs": "WJ1", "lat": 0},
            "geometry": {"type": "Point", "coordinates": [110.36, -7.7, 12]},
        },
        {"type": "Feature", "id": "WJ2", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {"id": "WJ3"}, "geometry": {"type": "LineString"}},
        {"type": "Feature", "properties": {"id": "WJ4"}, "geometry": 7},
    ]
    listing = read_listing(as_json({"type": "FeatureCollection", "features": features}))
    assert listing.format == "geojson"
    assert listing.rows == [
        RawRow(1, {"id_ccbs": "WJ1", "longitude": 110.36, "latitude": -7.7}),
        RawRow(2, {"id": "WJ2"}),
        RawRow(3, {"id": "WJ3"}, (("not_a_point", "geometry", "LineString"),)),
        RawRow(4, {"id": "WJ4"}, (("not_a_point", "geometry", "7"),)),
    ]
    assert read_listing(as_json(features[0])).rows[0].number == 1


def test_limits_are_counted_in_rows_whatever_the_format() -> None:
    limits = Limits(rows=1)
    from ronda.devices.formats.errors import FileTooLarge

    two = [OLDER, {**OLDER, "id_ccbs": "WJ2"}]
    point = {"type": "Point", "coordinates": [110.36, -7.7]}
    feature = {"type": "Feature", "properties": {}, "geometry": point}
    for content in (
        as_json(two),
        as_json({"type": "FeatureCollection", "features": [feature, feature]}),
        (CSV + "WJ2,a,1,1,198.18.1.2\n").encode(),
        kml(PLACEMARK * 2),
        workbook([["ID", "Nama"], *[[f"WJ{n}", "Kali"] for n in range(200)]]),
    ):
        with pytest.raises(FileTooLarge) as refused:
            read_listing(content, limits)
        assert refused.value.code == "too_many_rows"
