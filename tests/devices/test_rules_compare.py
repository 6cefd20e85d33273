"""What an import would change."""

from typing import Any

from ronda.devices.rules.compare import (
    Comparison,
    FieldChange,
    KnownOnt,
    Outcome,
    compare,
)
from ronda.devices.rules.reading import read_rows
from ronda.devices.rules.rows import RawRow

KNOWN = KnownOnt(
    7, "WJ1", "Kali RW 1", "Pos Ronda", -7.7, 110.36, "198.18.1.1", "csr", "Kali", "tiang 3"
)


def compared(*records: dict[str, object], known: Any = (KNOWN,), **options: Any) -> Comparison:
    readings = read_rows([RawRow(n, r) for n, r in enumerate(records, 1)])
    return compare(readings, known, **options)


def test_the_customer_id_is_the_key_and_never_the_name() -> None:
    comparison = compared({"id_ccbs": "WJ2", "name": "Kali RW 1"})
    assert [line.outcome for line in comparison.lines] == [Outcome.NEW]
    assert comparison.missing == (KNOWN,)


def test_a_changed_row_names_each_field_before_and_after() -> None:
    [line] = compared({"id_ccbs": "WJ1", "name": "Kali RW 2", "ip": "198.18.1.2"}).lines
    assert (line.outcome, line.ont_id) == (Outcome.CHANGED, 7)
    assert line.changes == (
        FieldChange("name", "Kali RW 1", "Kali RW 2"),
        FieldChange("address", "198.18.1.1", "198.18.1.2"),
    )


def test_a_tenth_of_a_millimetre_is_no_change() -> None:
    [line] = compared({"id_ccbs": "WJ1", "latitude": -7.70000000005, "longitude": 110.36}).lines
    assert line.changes == ()
    [line] = compared({"id_ccbs": "WJ1", "latitude": -7.7000001, "longitude": 110.36}).lines
    assert [c.field for c in line.changes] == ["latitude"]


def test_an_empty_cell_erases_nothing() -> None:
    [line] = compared(
        {"id_ccbs": "WJ1", "name": "", "lokasi": None, "latitude": "", "longitude": "", "ip": ""}
    ).lines
    assert line.outcome is Outcome.SAME


def test_counts_add_up_to_the_rows() -> None:
    comparison = compared(
        {"id_ccbs": "WJ1", "name": "Kali RW 1"},
        {"id_ccbs": "WJ1", "name": "Kali RW 1"},
        {"id_ccbs": "WJ2", "name": "<b>x</b>"},
        {"id_ccbs": "WJ3", "ip": "198.18.1.9", "latitude": "-7. 7", "longitude": 110.36},
    )
    assert comparison.counts == {
        "rows": 4,
        "new": 1,
        "changed": 0,
        "same": 1,
        "held": 1,
        "refused": 1,
        "suspicious": 2,
        "repairs": 1,
        "missing": 0,
        "areas": 0,
    }
    assert [line.row for line in comparison.worst_first] == [2, 3, 4, 1]


def test_a_refused_rows_ont_is_not_called_missing() -> None:
    comparison = compared({"id_ccbs": "WJ1", "ip": "127.0.0.1"})
    assert comparison.missing == ()


def test_a_held_row_stays_out_until_its_finding_is_accepted() -> None:
    row = {"id_ccbs": "WJ2", "name": "=1+1"}
    assert compared(row).count(Outcome.HELD) == 1
    assert compared(row).lines[0].rank == (1, 1)
    assert compared(row, accepted=["*"]).count(Outcome.HELD) == 1
    assert compared(row, accepted=["1:formula:name"]).count(Outcome.NEW) == 1
    [line] = compared(row, accepted=["held:*"]).lines
    assert line.outcome is Outcome.NEW
    assert not line.suspicious


def test_a_held_row_that_stands_like_this_already_is_the_same() -> None:
    known = KnownOnt(7, "WJ1", "=1+1")
    [line] = compared({"id_ccbs": "WJ1", "name": "=1+1"}, known=[known]).lines
    assert line.outcome is Outcome.SAME


def test_repairs_are_taken_only_when_accepted() -> None:
    row = {"id_ccbs": "WJ2", "latitude": "-7. 7", "longitude": 110.36}
    [left] = compared(row).lines
    assert left.candidate is not None
    assert left.candidate.latitude is None
    assert left.suspicious
    for accepted in (["*"], ["*:angle_with_spaces"], ["1:angle_with_spaces:latitude"]):
        [taken] = compared(row, accepted=accepted).lines
        assert taken.candidate is not None
        assert taken.candidate.latitude == -7.7
        assert not taken.suspicious


def test_a_repair_that_was_settled_before_is_not_asked_again() -> None:
    [line] = compared({"id_ccbs": "WJ1", "latitude": "-7. 7", "longitude": 110.36}).lines
    assert line.outcome is Outcome.SAME
    assert not line.suspicious


def test_half_a_place_changes_no_place() -> None:
    [line] = compared({"id_ccbs": "WJ1", "latitude": "x", "longitude": 110.5}).lines
    assert (line.outcome, line.changes) == (Outcome.SAME, ())


def test_areas_are_proposed_and_taken_only_when_accepted() -> None:
    rows = [{"id_ccbs": "WJ2", "name": "Lor RW 1"}, {"id_ccbs": "WJ3", "name": "Lor RW 2"}]
    assert [p.name for p in compared(*rows).areas] == ["Lor"]
    assert {getattr(x.candidate, "area") for x in compared(*rows).lines} == {""}  # noqa: B009
    for accepted in (["*"], ["Lor"]):
        lines = compared(*rows, accepted_areas=accepted).lines
        assert {getattr(x.candidate, "area") for x in lines} == {"Lor"}  # noqa: B009


def test_a_proposed_area_never_replaces_one_that_is_set() -> None:
    [line] = compared({"id_ccbs": "WJ1", "name": "Lor RW 1"}, accepted_areas=["*"]).lines
    assert [c.field for c in line.changes] == ["name"]
    known = KnownOnt(7, "WJ1", "Lor RW 1")
    [line] = compared(
        {"id_ccbs": "WJ1", "name": "Lor RW 1"}, known=[known], accepted_areas=["*"]
    ).lines
    assert line.changes == (FieldChange("area", "", "Lor"),)


def test_a_row_that_names_its_area_needs_no_proposal() -> None:
    comparison = compared({"id_ccbs": "WJ2", "name": "Lor RW 1", "padukuhan": "Kidul"})
    assert comparison.areas == ()
