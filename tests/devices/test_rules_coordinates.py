"""Degrees as people write them, and places that make no sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.devices.rules.coordinates import (
    EMPTY,
    UNREADABLE,
    Angle,
    Axis,
    How,
    read_angle,
    split_pair,
)
from ronda.devices.rules.places import (
    TOWN_METRES,
    Slip,
    Surroundings,
    explain,
    in_range,
    metres_between,
    surroundings_of,
)

LAT, LON = Axis.LATITUDE, Axis.LONGITUDE
TOWN = [(-7.70 - n / 1000, 110.36 + n / 1000) for n in range(10)]


@pytest.mark.parametrize(
    ("raw", "angle"),
    [
        (None, EMPTY),
        ("", EMPTY),
        (" - ", EMPTY),
        ("null", EMPTY),
        (-7.7, Angle(-7.7, How.PLAIN)),
        (110, Angle(110.0, How.PLAIN)),
        ("-7.7", Angle(-7.7, How.PLAIN)),
        ("\u22127.7", Angle(-7.7, How.PLAIN)),
        ("110.", Angle(110.0, How.PLAIN)),
        ("-7,7689", Angle(-7.7689, How.COMMA)),
        ("-7. 7689876", Angle(-7.7689876, How.SPACES)),
        ("- 7.7", Angle(-7.7, How.SPACES)),
        ("110 ,37", Angle(110.37, How.SPACES)),
        ("7.796687\u00b0S", Angle(-7.796687, How.WORDS, LAT)),
        ("110.376908\u00b0E", Angle(110.376908, How.WORDS, LON)),
        ("7,79 LS", Angle(-7.79, How.WORDS, LAT)),
        ("LU 1.5", Angle(1.5, How.WORDS, LAT)),
        ("U 1.5", Angle(1.5, How.WORDS, LAT)),
        ("110.37 BT", Angle(110.37, How.WORDS, LON)),
        ("110.37 T", Angle(110.37, How.WORDS, LON)),
        ("110.37 Bujur Timur", Angle(110.37, How.WORDS, LON)),
        ("12.5 BB", Angle(-12.5, How.WORDS, LON)),
        ("-7.79\u00b0S", Angle(-7.79, How.WORDS, LAT)),
        ("-7.79\u00b0", Angle(-7.79, How.WORDS)),
        ("7\u00b030'00\"S", Angle(-7.5, How.WORDS, LAT)),
        ("7\u00b0 30\u2032 36\u2033 S", Angle(-7.51, How.WORDS, LAT)),
        (True, UNREADABLE),
        (float("nan"), UNREADABLE),
        (float("inf"), UNREADABLE),
        (10**400, UNREADABLE),
        ([1], UNREADABLE),
        ("seven", UNREADABLE),
        ("7.7 X", UNREADABLE),
        ("S 7.7 S", UNREADABLE),
        ("7\u00b061'S", UNREADABLE),
        ("7\u00b010'61\"S", UNREADABLE),
        ("1" * 100, UNREADABLE),
        ("7.7.7", UNREADABLE),
        ("1e999", UNREADABLE),
        ("- 1e999", UNREADABLE),
    ],
)
def test_degrees_are_read_as_people_write_them(raw: object, angle: Angle) -> None:
    read = read_angle(raw)
    assert (read.how, read.axis) == (angle.how, angle.axis)
    assert read.value == (pytest.approx(angle.value) if angle.value is not None else None)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-180, max_value=180))
def test_a_number_written_out_is_read_back_exactly(value: float) -> None:
    assert read_angle(value).value == value
    assert read_angle(repr(value)).value == value


@given(st.one_of(st.text(), st.binary(), st.integers(), st.floats(), st.none(), st.booleans()))
def test_reading_degrees_never_raises(raw: object) -> None:
    read_angle(raw)
    split_pair(raw)


@pytest.mark.parametrize(
    ("raw", "pair"),
    [
        ("-7.79, 110.37", ("-7.79", "110.37")),
        ("-7.79,110.37", ("-7.79", "110.37")),
        ("-7,79; 110,37", ("-7,79", "110,37")),
        ("-7,79, 110,37", ("-7,79", "110,37")),
        ("(-7.79 110.37)", ("-7.79", "110.37")),
        ("-7.79", None),
        ("1;2;3", None),
        (7, None),
        ("9" * 200, None),
    ],
)
def test_one_cell_with_both_numbers_is_cut(raw: object, pair: tuple[str, str] | None) -> None:
    assert split_pair(raw) == pair


def test_limits_are_those_of_the_globe() -> None:
    assert (LAT.limit, LON.limit) == (90.0, 180.0)
    assert in_range((-90, 180))
    assert not in_range((-90.1, 0))
    assert not in_range((0, 181))


def test_distances_hold_on_the_equator_and_over_the_date_line() -> None:
    assert metres_between((0, 0), (0, 1)) == pytest.approx(111_195, rel=0.001)
    assert metres_between((0, 179.5), (0, -179.5)) == pytest.approx(111_195, rel=0.001)


def test_too_few_places_tell_nothing() -> None:
    assert surroundings_of(TOWN[:2]) is None
    assert surroundings_of([*TOWN[:2], (0.0, 0.0), (200.0, 0.0)]) is None


def test_a_few_wrong_places_do_not_move_the_middle() -> None:
    around = surroundings_of([*TOWN, (7.70, 110.36)])
    assert around is not None
    assert around.middle == pytest.approx((-7.704, 110.364), abs=0.002)
    assert around.reach == TOWN_METRES


def test_a_wide_site_reaches_further_than_a_town() -> None:
    around = surroundings_of([(0.0, n * 1.0) for n in range(1, 11)])
    assert around is not None
    assert around.reach > TOWN_METRES


@pytest.mark.parametrize(
    ("place", "slip"),
    [
        ((7.7, 110.36), Slip("sign_missing", (-7.7, 110.36))),
        ((-7.7, -110.36), Slip("sign_missing", (-7.7, 110.36))),
        ((7.7, -110.36), Slip("sign_missing", (-7.7, 110.36))),
        ((110.36, -7.7), Slip("swapped", (-7.7, 110.36))),
        ((110.36, 7.7), Slip("swapped", (-7.7, 110.36))),
        ((-110.36, -7.7), Slip("swapped", (-7.7, 110.36))),
        ((-77000000.0, 110.36), Slip("point_missing", (-7.7, 110.36))),
        ((-7.7, 11036.0), Slip("point_missing", (-7.7, 110.36))),
        ((77.0, 1103600.0), Slip("point_missing", (-7.7, 110.36))),
        ((48.2, 16.4), None),
    ],
)
def test_a_slip_of_the_pen_is_explained_by_the_neighbours(
    place: tuple[float, float], slip: Slip | None
) -> None:
    around = Surroundings((-7.7, 110.36), TOWN_METRES)
    found = explain(place, around)
    assert (found.code if found else None) == (slip.code if slip else None)
    if found and slip:
        assert found.place == pytest.approx(slip.place)
