"""The files of the neighbourhood, dialect by dialect."""

import csv
import json
from collections import Counter

from ronda.devices.formats.reading import read_listing
from ronda.devices.rules.areas import propose_areas
from ronda.devices.rules.compare import compare
from ronda.devices.rules.reading import read_rows
from ronda.simulator.lists import write_lists
from ronda.simulator.neighbourhood import build


def test_every_dialect_is_written_with_its_own_keys(tmp_path):
    drawn = build()
    written = write_lists(drawn, tmp_path / "lists")
    assert [path.name for path in written] == [
        "wifi_wringinjalu.json",
        "onts.json",
        "csvjson.json",
        "sekolah.json",
        "wringinjalu.csv",
    ]
    main, fallback, town, schools = (
        json.loads(path.read_text(encoding="utf-8")) for path in written[:4]
    )
    first = drawn.onts[0]
    assert main[0] == {
        "id": 1,
        "id_ccbs": first.customer_id,
        "name": first.name,
        "lokasi": first.location,
        "latitude": first.latitude,
        "longitude": first.longitude,
        "ip": first.address,
    }
    assert fallback == [{**row, "status": "ON", "rto_count": 0, "last_on": None} for row in main]
    assert list(town[0]) == ["no", "ID", "Nama", "Lokasi", "Latitude", "Longitude", "IP", "Status"]
    assert (len(main), len(town)) == (400, 96)
    assert {"id_pelanggan", "Icon", "last_on"} <= schools[0].keys()


def test_the_spreadsheet_has_decimal_commas_and_a_byte_order_mark(tmp_path):
    drawn = build()
    path = write_lists(drawn, tmp_path)[-1]
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid_pelanggan;nama;lokasi")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert rows[0]["latitude"] == str(drawn.onts[0].latitude).replace(".", ",")
    assert rows[397]["latitude"].startswith("-7, ")
    assert {row["kategori"] for row in rows} == {"CSR", "APBD", "general"}


def test_the_import_reads_every_dialect_and_finds_the_faults_that_were_put_in(tmp_path):
    found = {}
    for path in write_lists(build(), tmp_path):
        listing = read_listing(path.read_bytes())
        comparison = compare(list(read_rows(listing.rows)), [])
        codes = Counter(f.code for line in comparison.lines for f in line.findings)
        assert comparison.counts["new"] == len(listing.rows)
        found[path.name] = (listing.format, len(listing.rows), dict(codes))
    village = {
        "address_alone": 1,
        "address_missing": 12,
        "address_repeated": 3,
        "damaged_text": 5,
        "name_repeated": 2,
        "angle_with_spaces": 1,
    }
    assert found == {
        "wifi_wringinjalu.json": ("json", 400, village),
        "onts.json": ("json", 400, village),
        "csvjson.json": ("json", 96, {"address_alone": 1, "angle_read_as": 2, "sign_missing": 1}),
        "sekolah.json": ("json", 8, {"name_repeated": 1}),
        "wringinjalu.csv": ("csv", 400, {**village, "angle_read_as": 799}),
    }


def test_the_import_recovers_the_hamlets_from_the_names():
    drawn = build()
    areas = propose_areas({ont.number: ont.name for ont in drawn.onts})
    hamlets = {ont.number: ont.area for ont in drawn.onts}
    assert len(areas) == len(set(hamlets.values())) == 32
    assert {len({hamlets[row] for row in area.rows}) for area in areas} == {1}
    assert len(propose_areas({ont.number: ont.name for ont in drawn.town})) == 12
