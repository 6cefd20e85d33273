"""Hours of access: over midnight, over the end of the week, in three zones and on wrong clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.hotspot.rules.windows import (
    DAY,
    WEEK,
    Edge,
    NoTime,
    Window,
    Zone,
    clock_is_right,
    edges,
    is_open,
    minute_of_week,
    next_change,
    parse_time,
    shifted,
    spans,
    tells_of_staff,
    write_time,
)

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
OFFICE = Window(WEEKDAYS, 8 * 60, 17 * 60)
WINDOWS = st.lists(
    st.builds(
        Window,
        st.frozensets(st.integers(0, 6)),
        st.integers(0, DAY - 1),
        st.integers(0, DAY - 1),
    ),
    max_size=4,
)
MOMENTS = st.integers(0, 3 * WEEK).map(
    lambda minutes: datetime(2026, 11, 16, tzinfo=UTC) + timedelta(minutes=minutes)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-20T08:00+07:00", True),
        ("2026-11-20T07:59+07:00", False),
        ("2026-11-20T16:59+07:00", True),
        ("2026-11-20T17:00+07:00", False),
        ("2026-11-21T10:00+07:00", False),  # Saturday
        ("2026-11-20T02:00+00:00", True),  # 09:00 WIB
    ],
)
def test_office_hours(moment: str, open_: bool) -> None:
    assert is_open([OFFICE], Zone.WIB, at(moment)) is open_


def test_the_zone_decides() -> None:
    moment = at("2026-11-20T00:30+00:00")
    assert [is_open([OFFICE], zone, moment) for zone in Zone] == [False, True, True]


def test_over_midnight_and_over_the_end_of_the_week() -> None:
    night = Window(frozenset({6}), 22 * 60, 2 * 60)
    assert spans([night]) == [(6 * DAY + 1320, 6 * DAY + 1560)]
    assert is_open([night], Zone.WIB, at("2026-11-22T23:00+07:00"))
    assert is_open([night], Zone.WIB, at("2026-11-23T01:59+07:00"))
    assert not is_open([night], Zone.WIB, at("2026-11-23T02:00+07:00"))
    assert not is_open([night], Zone.WIB, at("2026-11-21T23:00+07:00"))
    assert edges([night]) == [Edge(120, opens=False), Edge(6 * DAY + 1320, opens=True)]


def test_windows_that_touch_are_one() -> None:
    assert spans([Window(frozenset({0}), 0, 720), Window(frozenset({0}), 720, 780)]) == [(0, 780)]
    late = Window(frozenset({6}), 23 * 60, 60)
    early = Window(frozenset({0}), 30, 120)
    assert spans([late, early]) == [(6 * DAY + 1380, WEEK + 120)]
    assert spans([Window(EVERY_DAY, 0, 0)]) == [(0, WEEK)]
    assert edges([Window(EVERY_DAY, 480, 480)]) == []
    assert edges([]) == []


def test_without_windows_it_is_always_open_and_with_none_of_the_days_never() -> None:
    moment = at("2026-11-20T08:00+07:00")
    assert is_open([], Zone.WIB, moment)
    assert not is_open([Window(frozenset(), 0, 60)], Zone.WIB, moment)
    assert next_change([], Zone.WIB, moment) is None


@settings(max_examples=40)
@given(WINDOWS)
def test_spans_lie_apart_and_in_order(windows: list[Window]) -> None:
    found = spans(windows)
    assert all(start < end for start, end in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert all(0 <= start < WEEK for start, _end in found)
    assert sum(end - start for start, end in found) <= WEEK
    if len(found) > 1:
        assert found[-1][1] - WEEK < found[0][0]


@settings(max_examples=40)
@given(WINDOWS, st.sampled_from(Zone), MOMENTS)
def test_the_next_change_is_when_it_changes(
    windows: list[Window], zone: Zone, moment: datetime
) -> None:
    then = next_change(windows, zone, moment)
    if then is None:
        assert not edges(windows)
        return
    assert moment < then <= moment + timedelta(minutes=WEEK)
    assert is_open(windows, zone, then) is not is_open(windows, zone, then - timedelta(minutes=1))
    assert is_open(windows, zone, then - timedelta(minutes=1)) is is_open(windows, zone, moment)


@settings(max_examples=40)
@given(WINDOWS, st.sampled_from(Zone), st.integers(-720, 840), MOMENTS)
def test_a_router_in_another_zone_opens_at_the_same_moment(
    windows: list[Window], zone: Zone, ahead: int, moment: datetime
) -> None:
    opens = {edge.minute for edge in edges(windows) if edge.opens}
    there = {edge.minute for edge in shifted(edges(windows), zone, ahead) if edge.opens}
    assert (minute_of_week(moment, zone.minutes) in opens) is (
        minute_of_week(moment, ahead) in there
    )


def test_a_clock_that_is_off_keeps_no_hours() -> None:
    assert clock_is_right(timedelta(seconds=90))
    assert clock_is_right(timedelta(seconds=-90))
    assert not clock_is_right(timedelta(hours=-7))
    assert not clock_is_right(None)


@pytest.mark.parametrize(
    ("was_open", "checked", "now", "staff"),
    [
        (None, None, "2026-11-20T20:00+07:00", True),
        (False, "2026-11-20T09:00+07:00", "2026-11-20T09:05+07:00", False),
        (True, None, "2026-11-20T09:05+07:00", False),
        (True, "2026-11-20T16:50+07:00", "2026-11-20T17:00+07:00", False),
        (True, "2026-11-20T09:00+07:00", "2026-11-20T09:05+07:00", True),
        (True, "2026-11-20T16:50+07:00", "2026-11-20T16:57:59+07:00", True),
        (True, "2026-11-20T16:50+07:00", "2026-11-20T16:58+07:00", False),
        (True, "2026-11-20T08:01+07:00", "2026-11-20T08:06+07:00", False),
        (True, "2026-11-20T08:02+07:00", "2026-11-20T08:07+07:00", True),
        (True, "2026-11-20T16:00+07:00", "2026-11-23T09:00+07:00", False),
    ],
)
def test_whom_staff_disabled_shows_only_far_from_any_edge(
    was_open: bool | None, checked: str | None, now: str, staff: bool
) -> None:
    checked_at = at(checked) if checked else None
    assert tells_of_staff([OFFICE], Zone.WIB, was_open, checked_at, at(now)) is staff


def test_where_nothing_ever_closes_staff_disabled_whoever_is_disabled() -> None:
    now = at("2026-11-20T09:00+07:00")
    assert tells_of_staff([Window(EVERY_DAY, 0, 0)], Zone.WIB, True, now, now)


def test_times_of_day() -> None:
    assert [parse_time(text) for text in ("08:00", "8.30", "00:00", "24:00", "23:59")] == [
        480,
        510,
        0,
        0,
        1439,
    ]
    assert write_time(510) == "08:30"
    for wrong in ("8", "24:01", "10:60", "x", "-1:00", ""):
        with pytest.raises(NoTime):
            parse_time(wrong)
