"""Which heading holds which field."""

from ronda.devices.rules.columns import columns_of, recognised


def test_the_older_list_has_a_running_id_beside_the_customer_id() -> None:
    columns = columns_of(["id", "id_ccbs", "name", "lokasi", "latitude", "longitude", "ip"])
    assert columns.headings == {
        "customer_id": "id_ccbs",
        "name": "name",
        "location": "lokasi",
        "latitude": "latitude",
        "longitude": "longitude",
        "address": "ip",
    }
    assert columns.number == "id"


def test_the_converters_list_has_no_and_id() -> None:
    columns = columns_of(["no", "ID", "Nama", "Lokasi", "Latitude", "Longitude", "IP", "Status"])
    assert columns.headings["customer_id"] == "ID"
    assert columns.number == "no"
    assert columns.ignored == ()


def test_headings_written_by_hand_are_found() -> None:
    columns = columns_of(["ID Pelanggan", "NAMA", "Koordinat", "Alamat IP", "Kategori", "Warna"])
    assert columns.headings == {
        "customer_id": "ID Pelanggan",
        "name": "NAMA",
        "coordinates": "Koordinat",
        "address": "Alamat IP",
        "category": "Kategori",
    }
    assert columns.ignored == ("Warna",)


def test_a_field_named_twice_is_read_once() -> None:
    columns = columns_of(["id", "Id", "nama", "name"])
    assert columns.headings == {"customer_id": "id", "name": "nama"}
    assert columns.doubled == ("name",)
    assert columns.ignored == ("Id",)


def test_a_second_running_number_is_left_alone() -> None:
    columns = columns_of(["no", "nomor"])
    assert columns.number == "no"
    assert not columns.has_customer_id


def test_a_heading_line_is_known_by_its_words() -> None:
    assert recognised(["ID", "Nama", "IP"]) == 3
    assert recognised(["Daftar ONT 2025"]) == 0
