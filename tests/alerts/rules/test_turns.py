"""Turns on call, quiet hours and digests, by the wall clock of a zone."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.alerts.rules.digests import Every, last_due
from ronda.alerts.rules.quiet import Quiet, quiet_until
from ronda.alerts.rules.turns import Override, Rota, Shift, on_call, shifts

ZONE = "Asia/Jakarta"
FIRST = datetime(2026, 11, 2, 8)  # noqa: DTZ001 -- wall clock of the rota; a Monday
ROTA = Rota(("joko", "tarno", "ani"), FIRST, 7, ZONE)


def at(day: int, hour: int, month: int = 11) -> datetime:
    """A time of the wall clock of Jakarta, in UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC) - timedelta(hours=7)


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        (at(2, 8), "joko"),
        (at(9, 7), "joko"),
        (at(9, 8), "tarno"),
        (at(16, 8), "ani"),
        (at(23, 8), "joko"),
        (at(2, 7), "ani"),
    ],
)
def test_turns_follow_each_other_at_the_hour_of_handover(moment: datetime, who: str):
    assert on_call(ROTA, moment) == who


def test_a_swap_takes_the_place_and_the_later_one_counts():
    one = Override("ani", at(3, 8), at(5, 8))
    two = Override("tarno", at(4, 8), at(5, 8))
    rota = Rota(ROTA.people, FIRST, 7, ZONE, (one, two))

    assert shifts(rota, at(2, 8), at(16, 8)) == [
        Shift(at(2, 8), at(3, 8), "joko"),
        Shift(at(3, 8), at(4, 8), "ani", swapped=True),
        Shift(at(4, 8), at(5, 8), "tarno", swapped=True),
        Shift(at(5, 8), at(9, 8), "joko"),
        Shift(at(9, 8), at(16, 8), "tarno"),
    ]


def test_whoever_left_is_passed_over_and_their_swaps_count_no_more():
    swap = Override("joko", at(9, 8), at(10, 8))
    rota = Rota(ROTA.people, FIRST, 7, ZONE, (swap,), frozenset({"joko"}))

    assert on_call(rota, at(2, 8)) == "tarno"
    assert on_call(rota, at(9, 9)) == "tarno"
    assert on_call(Rota(("joko",), FIRST, 7, ZONE, (), frozenset({"joko"})), at(2, 8)) is None
    assert shifts(Rota((), FIRST, 1, ZONE), at(2, 8), at(3, 8)) == [Shift(at(2, 8), at(3, 8), None)]


def test_a_swap_over_a_handover_is_one_shift_and_one_that_ends_within_a_turn_leaves_two():
    rota = Rota(ROTA.people, FIRST, 7, ZONE, (Override("ani", at(8, 8), at(10, 8)),))

    assert [(one.person, one.begin) for one in shifts(rota, at(2, 8), at(16, 8))] == [
        ("joko", at(2, 8)),
        ("ani", at(8, 8)),
        ("tarno", at(10, 8)),
    ]
    left = Override("gone", at(3, 8), at(4, 8))
    passed = Rota(ROTA.people, FIRST, 7, ZONE, (left,), frozenset({"gone"}))
    assert shifts(passed, at(2, 8), at(9, 8)) == [Shift(at(2, 8), at(9, 8), "joko")]


@given(st.integers(0, 2000), st.integers(1, 14), st.integers(1, 60))
def test_shifts_leave_no_gap_and_say_what_on_call_says(hour: int, days: int, span: int):
    rota = Rota(ROTA.people, FIRST, days, "America/New_York")
    begin = at(1, 0) + timedelta(hours=hour)
    end = begin + timedelta(days=span)

    found = shifts(rota, begin, end)

    assert (found[0].begin, found[-1].end) == (begin, end)
    assert all(one.end == two.begin for one, two in pairwise(found))
    assert all(one.person == on_call(rota, one.begin) for one in found)


@pytest.mark.parametrize(
    ("begin", "end", "moment", "until"),
    [
        (22, 6, at(2, 23), at(3, 6)),
        (22, 6, at(3, 5), at(3, 6)),
        (22, 6, at(3, 6), None),
        (22, 6, at(3, 12), None),
        (12, 14, at(3, 12), at(3, 14)),
        (12, 14, at(3, 14), None),
        (12, 12, at(3, 12), None),
    ],
)
def test_quiet_hours_end_by_the_wall_clock(
    begin: int, end: int, moment: datetime, until: datetime | None
):
    assert quiet_until(Quiet(time(begin), time(end), ZONE), moment) == until
    assert quiet_until(None, moment) is None


@pytest.mark.parametrize(
    ("every", "now", "due"),
    [
        (Every.DAY, at(4, 7), at(4, 7)),
        (Every.DAY, at(4, 6), at(3, 7)),
        (Every.WEEK, at(4, 9), at(2, 7)),
        (Every.WEEK, at(2, 7), at(2, 7)),
        (Every.WEEK, at(9, 6), at(2, 7)),
    ],
)
def test_a_digest_is_due_at_its_hour(every: Every, now: datetime, due: datetime):
    assert last_due(every, 0, time(7), ZONE, now) == due
