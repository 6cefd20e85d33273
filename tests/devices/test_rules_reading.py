"""What one row of a foreign list means."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.devices.rules.cells import repaired_address
from ronda.devices.rules.findings import Finding, Severity
from ronda.devices.rules.reading import read_rows
from ronda.devices.rules.rows import Candidate, RawRow, RowReading

TOWN = [(-7.70 - n / 1000, 110.36 + n / 1000) for n in range(10)]


def read(*records: Mapping[str, object], **options: Any) -> list[RowReading]:
    return read_rows([RawRow(n, r) for n, r in enumerate(records, 1)], **options)


def read_one(record: Mapping[str, object], **options: Any) -> RowReading:
    [reading] = read({"id_ccbs": "WJ1", **record}, **options)
    return reading


def codes(reading: RowReading) -> list[str]:
    return [f.code for f in reading.findings]


def test_the_older_systems_record_is_understood_whole() -> None:
    [reading] = read(
        {
            "id": 1,
            "id_ccbs": "WJ000001",
            "name": "Kali RW 21 RT 3",
            "lokasi": "Pos Ronda",
            "latitude": -7.70,
            "longitude": 110.36,
            "ip": "198.18.1.209",
        }
    )
    assert reading == RowReading(
        1,
        Candidate(
            row=1,
            customer_id="WJ000001",
            name="Kali RW 21 RT 3",
            location="Pos Ronda",
            latitude=-7.70,
            longitude=110.36,
            address="198.18.1.209",
            source_number=1,
            given=frozenset({"name", "location", "latitude", "longitude", "address"}),
        ),
        (),
        "WJ000001",
    )


@pytest.mark.parametrize("key", ["id_ccbs", "id_pelanggan", "ID", "Customer ID", "id"])
def test_every_dialects_customer_id_is_found(key: str) -> None:
    [reading] = read({key: "WJ1", "nama": "Kali"})
    assert reading.customer_id == "WJ1"


@pytest.mark.parametrize(
    ("raw", "text"), [(1234, "1234"), (1234.0, "1234"), (" WJ 1 ", "WJ 1"), (1.5, "1.5")]
)
def test_numbers_and_spaces_in_customer_ids_are_evened_out(raw: object, text: str) -> None:
    assert read_one({"id_ccbs": raw}).customer_id == text


def test_a_row_without_a_customer_id_is_refused() -> None:
    [without, empty] = read({"name": "Kali"}, {"id_ccbs": " ", "name": "Kali"})
    assert without.candidate is None
    assert empty.candidate is None
    assert codes(without) == ["customer_id_missing"]
    assert empty.findings == (Finding("customer_id_missing", Severity.REFUSED, 2, "id_ccbs"),)


def test_a_running_number_that_is_none_is_left_out() -> None:
    [reading] = read({"no": "first", "ID": "WJ1"})
    assert reading.candidate is not None
    assert reading.candidate.source_number is None


@pytest.mark.parametrize("value", [["Kali"], {"a": 1}, True])
def test_what_is_no_text_is_refused(value: object) -> None:
    reading = read_one({"name": value})
    assert reading.candidate is None
    assert codes(reading) == ["not_text"]


def test_control_characters_are_refused_with_their_name() -> None:
    reading = read_one({"name": "Kali\u0007"})
    assert reading.findings == (
        Finding(
            "control_character",
            Severity.REFUSED,
            1,
            "name",
            "Kali\\u0007",
            {"character": "U+0007"},
        ),
    )
    assert codes(read_one({"id_ccbs": "\u0001"})) == ["control_character"]


def test_texts_that_are_too_long_are_refused_with_the_limit() -> None:
    reading = read_one({"Nama": "K" * 121})
    [finding] = reading.findings
    assert (finding.code, finding.column) == ("too_long", "Nama")
    assert finding.params == {"length": 121, "limit": 120}
    assert reading.candidate is None


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A0", "+1", "@SUM(1)"])
def test_a_formula_is_kept_as_text_and_held(name: str) -> None:
    reading = read_one({"name": name})
    assert reading.candidate is not None
    assert reading.candidate.name == name
    assert reading.findings == (Finding("formula", Severity.HELD, 1, "name", name),)
    assert reading.repairs == reading.findings


def test_html_is_kept_as_text_and_held() -> None:
    reading = read_one({"name": "<b>Kali</b>", "catatan": "<i>x</i>"})
    assert codes(reading) == ["markup", "markup"]
    assert reading.candidate is not None
    assert reading.candidate.name == "<b>Kali</b>"


def test_damaged_words_are_offered_whole_and_left_as_they_are() -> None:
    reading = read_one({"lokasi": "Ruang PeRTemuan"})
    assert reading.candidate is not None
    assert reading.candidate.location == "Ruang PeRTemuan"
    [finding] = reading.findings
    assert finding.severity is Severity.NOTE
    assert finding.repair == {"location": "Ruang Pertemuan"}
    repaired = reading.candidate.repaired(finding.repair)
    assert repaired.location == "Ruang Pertemuan"


@pytest.mark.parametrize("blank", ["", None, "-", "null", "0.0.0.0"])
def test_an_empty_address_is_noted_and_not_given(blank: object) -> None:
    reading = read_one({"ip": blank})
    assert codes(reading) == ["address_missing"]
    assert reading.candidate is not None
    assert "address" not in reading.candidate.given


def test_a_file_without_an_address_column_says_nothing_about_addresses() -> None:
    assert codes(read_one({"name": "Kali"})) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("198.18.1.1", "198.18.1.1"),
        (" 198.18.1.1 ", "198.18.1.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("Pos-1.Example.net", "pos-1.example.net"),
    ],
)
def test_addresses_are_kept_in_their_canonical_spelling(text: str, address: str) -> None:
    reading = read_one({"ip": text})
    assert reading.candidate is not None
    assert reading.candidate.address == address


@pytest.mark.parametrize(
    "text", ["198. 18.1.1", "198,18,1,1", "http://198.18.1.1/", "198.18.1.1:80", "198.018.001.001"]
)
def test_a_slip_in_an_address_is_proposed_and_not_taken(text: str) -> None:
    reading = read_one({"ip": text})
    assert reading.candidate is not None
    assert reading.candidate.address == ""
    [finding] = reading.findings
    assert (finding.code, finding.repair) == ("address_unclear", {"address": "198.18.1.1"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("8.8.8.8; rm -rf /", "whitespace"),
        ("$(reboot)", "forbidden_character"),
        ("-oProxyCommand=x", "option_like"),
        ("224.0.0.1", "multicast"),
        ("0127.0.0.1", "malformed"),
    ],
)
def test_what_must_never_be_probed_is_refused_with_the_reason(text: str, reason: str) -> None:
    reading = read_one({"ip": text})
    assert reading.candidate is None
    [finding] = reading.findings
    assert finding.code == "address_refused"
    assert finding.params["reason"] in (reason, "leading_zero", "forbidden_character")


def test_a_slip_that_hides_a_forbidden_address_is_no_proposal() -> None:
    assert repaired_address("127. 0.0.1") is None
    assert repaired_address("999.1.1.1") is None


@pytest.mark.parametrize(
    ("text", "category"), [("CSR", "csr"), ("apbd", "apbd"), ("Umum", "general")]
)
def test_categories_are_read_in_both_languages(text: str, category: str) -> None:
    reading = read_one({"kategori": text})
    assert reading.candidate is not None
    assert reading.candidate.category == category


def test_an_unknown_category_is_noted_and_left_out() -> None:
    reading = read_one({"kategori": "Desa"})
    assert codes(reading) == ["category_unknown"]
    assert reading.candidate is not None
    assert "category" not in reading.candidate.given


@pytest.mark.parametrize(
    ("raw", "meant"), [("ya", True), (1.0, True), (False, False), ("Tidak", False), (0.0, False)]
)
def test_monitored_is_read_from_yes_and_no(raw: object, meant: bool) -> None:
    reading = read_one({"dipantau": raw})
    assert reading.candidate is not None
    assert reading.candidate.monitored is meant


def test_monitored_that_says_neither_is_noted() -> None:
    assert codes(read_one({"dipantau": "mungkin"})) == ["yes_or_no_expected"]
    assert codes(read_one({"dipantau": 0.5})) == ["yes_or_no_expected"]
    assert codes(read_one({"dipantau": " "})) == []
    assert codes(read_one({"dipantau": None})) == []


def test_an_area_takes_the_spelling_that_exists() -> None:
    reading = read_one({"padukuhan": "KALI wetan"}, known_areas=["Kali Wetan"])
    assert reading.candidate is not None
    assert reading.candidate.area == "Kali Wetan"


def place_of(reading: RowReading) -> tuple[float | None, float | None]:
    assert reading.candidate is not None
    return reading.candidate.latitude, reading.candidate.longitude


def test_degrees_with_words_and_commas_are_read_and_noted() -> None:
    reading = read_one({"latitude": "7.7\u00b0S", "longitude": "110,36"})
    assert place_of(reading) == (-7.7, 110.36)
    assert codes(reading) == ["angle_read_as", "angle_read_as"]


def test_a_space_inside_a_number_is_a_proposal() -> None:
    reading = read_one({"latitude": "-7. 7689876", "longitude": 110.36})
    assert place_of(reading) == (None, 110.36)
    [finding] = reading.findings
    assert finding.severity is Severity.SUSPICIOUS
    assert finding.repair == {"latitude": -7.7689876}


def test_degrees_that_cannot_be_read_leave_the_place_open() -> None:
    reading = read_one({"latitude": "selatan sekali", "longitude": 110.36})
    assert codes(reading) == ["angle_unreadable"]
    assert place_of(reading) == (None, 110.36)


def test_degrees_of_the_other_axis_are_not_taken() -> None:
    assert codes(read_one({"latitude": "110.36 BT", "longitude": 110.36})) == ["angle_unreadable"]


def test_columns_that_say_themselves_that_they_are_swapped_are_proposed_right() -> None:
    reading = read_one({"latitude": "110.36 BT", "longitude": "7.7 LS"})
    assert place_of(reading) == (None, None)
    [finding] = reading.findings
    assert (finding.code, finding.repair) == ("swapped", {"latitude": -7.7, "longitude": 110.36})


def test_a_repair_never_proposes_a_place_beyond_the_globe() -> None:
    assert codes(read_one({"latitude": "-9 5.5", "longitude": 110.36})) == ["angle_unreadable"]
    reading = read_one({"latitude": "110.36 BT", "longitude": "95 LS"})
    assert codes(reading) == ["not_on_earth"]


def test_the_first_spelling_of_an_area_counts_for_the_whole_file() -> None:
    readings = read({"id": "WJ1", "area": "Kali"}, {"id": "WJ2", "area": "KALI"})
    assert [r.candidate.area for r in readings if r.candidate] == ["Kali", "Kali"]


def test_half_a_place_is_no_place() -> None:
    reading = read_one({"latitude": -7.7, "longitude": ""})
    assert codes(reading) == ["half_a_place"]
    assert place_of(reading) == (None, None)


def test_one_cell_with_both_numbers_is_read() -> None:
    assert place_of(read_one({"koordinat": "-7.7, 110.36"})) == (-7.7, 110.36)
    assert place_of(read_one({"koordinat": ""})) == (None, None)
    assert codes(read_one({"koordinat": "depan masjid agung"})) == ["coordinates_unreadable"]


def test_a_missing_sign_is_proposed_from_the_sites_neighbours_and_never_taken() -> None:
    reading = read_one({"latitude": 7.7, "longitude": 110.36}, near=TOWN)
    assert place_of(reading) == (7.7, 110.36)
    [finding] = reading.findings
    assert (finding.code, finding.severity) == ("sign_missing", Severity.SUSPICIOUS)
    assert finding.repair == {"latitude": -7.7, "longitude": 110.36}
    assert finding.params == {"proposed": "-7.7, 110.36"}


def test_a_missing_sign_is_proposed_from_the_files_own_rows() -> None:
    rows = [{"id": f"WJ{n}", "koordinat": f"{a}, {b}"} for n, (a, b) in enumerate(TOWN)]
    readings = read(*rows, {"id": "WJ99", "koordinat": "7.7, 110.36"})
    assert [codes(r) for r in readings] == [[]] * 10 + [["sign_missing"]]


def test_swapped_numbers_that_are_no_place_on_earth_are_not_kept() -> None:
    reading = read_one({"latitude": 110.36, "longitude": -7.7}, near=TOWN)
    assert place_of(reading) == (None, None)
    assert codes(reading) == ["swapped"]


def test_a_place_that_nothing_explains_is_told() -> None:
    far = read_one({"latitude": 48.2, "longitude": 16.4}, near=TOWN)
    assert codes(far) == ["far_away"]
    assert place_of(far) == (48.2, 16.4)
    nowhere = read_one({"latitude": 91, "longitude": 16.4})
    assert codes(nowhere) == ["not_on_earth"]
    zero = read_one({"latitude": 0, "longitude": 0}, near=TOWN)
    assert codes(zero) == ["not_on_earth"]
    assert place_of(zero) == (None, None)


def test_without_neighbours_a_place_is_believed() -> None:
    assert codes(read_one({"latitude": 7.7, "longitude": 110.36})) == []


def test_a_customer_id_that_comes_twice_is_refused_the_second_time() -> None:
    [first, other, same] = read(
        {"id_ccbs": "WJ1", "name": "Kali"},
        {"id_ccbs": "WJ1", "name": "Lor"},
        {"id_ccbs": "WJ1", "name": "Kali"},
    )
    assert first.findings == ()
    assert codes(other) == ["customer_id_repeated"]
    assert codes(same) == ["row_repeated"]
    assert other.findings[0].params == {"first": 1}
    assert (other.candidate, same.candidate) == (None, None)


def test_a_customer_id_that_differs_only_in_case_is_suspicious() -> None:
    [_, second] = read({"id_ccbs": "WJ1"}, {"id_ccbs": "wj1"})
    assert second.candidate is not None
    [finding] = second.findings
    assert (finding.code, finding.severity) == ("customer_id_case", Severity.SUSPICIOUS)


def test_a_repeated_address_is_told_on_the_second_row_and_kept_on_both() -> None:
    [first, second] = read(
        {"id_ccbs": "WJ1", "ip": "198.18.1.1"}, {"id_ccbs": "WJ2", "ip": "198.18.1.1"}
    )
    assert codes(first) == []
    assert codes(second) == ["address_repeated"]
    assert second.candidate is not None
    assert second.candidate.address == "198.18.1.1"


def test_an_address_alone_in_its_network_is_noted_when_the_others_crowd() -> None:
    rows = [{"id_ccbs": f"WJ{n}", "ip": f"198.18.1.{n}"} for n in range(1, 26)]
    lone = {"id_ccbs": "WJ99", "ip": "198.18.255.7"}
    by_name = {"id_ccbs": "WJ98", "ip": "pos.example.net"}
    readings = read(*rows, lone, by_name)
    assert [r.row for r in readings if "address_alone" in codes(r)] == [26]
    assert not any("address_alone" in codes(r) for r in read(*rows[:10], lone))


def test_an_equal_name_at_an_equal_location_is_noted_but_a_name_alone_is_no_key() -> None:
    readings = read(
        {"id_ccbs": "WJ1", "name": "Kali", "lokasi": "Pos"},
        {"id_ccbs": "WJ2", "name": "Kali", "lokasi": "Pos"},
        {"id_ccbs": "WJ3", "name": "Kali", "lokasi": "Masjid"},
        {"id_ccbs": "WJ4", "name": "Kali"},
        {"id_ccbs": "WJ5", "name": "Kali"},
    )
    assert [codes(r) for r in readings] == [[], ["name_repeated"], [], [], []]


def test_refused_rows_do_not_count_as_first() -> None:
    readings = read({"id_ccbs": "WJ1", "ip": "127.0.0.1"}, {"id_ccbs": "WJ1", "ip": "198.18.1.1"})
    assert [codes(r) for r in readings] == [["address_refused"], []]


def test_what_a_reader_said_about_a_row_refuses_or_holds_it() -> None:
    [short, formula] = read_rows(
        [
            RawRow(2, {"ID": "WJ1"}, (("too_few_cells", "Nama", ""),)),
            RawRow(3, {"ID": "WJ2"}, (("formula_cell", "ID", "WJ2"),)),
        ]
    )
    assert short.candidate is None
    assert formula.candidate is not None
    assert [f.severity for f in formula.findings] == [Severity.HELD]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["id", "ID", "nama", "lokasi", "lat", "lon", "ip", "catatan", "koordinat"]
            ),
            st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans()),
        ),
        max_size=8,
    )
)
def test_any_rows_come_out_one_for_one_and_none_raises(
    records: list[dict[str, object]],
) -> None:
    readings = read(*records)
    assert [r.row for r in readings] == list(range(1, len(records) + 1))
    for reading in readings:
        refused = any(f.severity is Severity.REFUSED for f in reading.findings)
        assert refused is (reading.candidate is None)
