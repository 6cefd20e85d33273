"""When planned work is done: once and again, in the three zones of Indonesia."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.monitoring.rules.windows import Plan, Repeat, Turn, Zone, following, running, turns

NIGHT = Plan(date(2026, 11, 20), time(23), timedelta(hours=3), Zone.WIB)


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(("zone", "hour"), [(Zone.WIB, 16), (Zone.WITA, 15), (Zone.WIT, 14)])
def test_the_hour_is_that_of_the_place(zone, hour):
    plan = Plan(date(2026, 11, 20), time(23), timedelta(hours=3), zone)

    assert following(plan, utc(1, 0), 5) == [
        Turn(utc(20, hour), utc(20, hour) + timedelta(hours=3))
    ]
    assert following(plan, utc(20, hour, 1)) == []


def test_every_day_until_the_last():
    plan = Plan(
        date(2026, 11, 20),
        time(1),
        timedelta(hours=1),
        Zone.WIT,
        Repeat.DAILY,
        last=date(2026, 11, 22),
    )

    assert [turn.start for turn in following(plan, utc(1, 0), 9)] == [
        utc(19, 16),
        utc(20, 16),
        utc(21, 16),
    ]


def test_on_days_of_the_week():
    plan = Plan(
        date(2026, 11, 18), time(9), timedelta(hours=1), Zone.WIB, Repeat.WEEKLY, frozenset({0, 4})
    )

    assert [turn.start.day for turn in following(plan, utc(1, 0), 3)] == [20, 23, 27]


def test_a_month_that_is_too_short_takes_its_last_day():
    plan = Plan(
        date(2027, 1, 1), time(9), timedelta(hours=1), Zone.WIB, Repeat.MONTHLY, frozenset({1, 31})
    )

    days = [turn.start.date() for turn in following(plan, utc(1, 0), 5)]

    assert days == [
        date(2027, 1, 1),
        date(2027, 1, 31),
        date(2027, 2, 1),
        date(2027, 2, 28),
        date(2027, 3, 1),
    ]


def test_a_night_runs_past_midnight():
    assert running(NIGHT, utc(20, 15, 59)) is None
    assert running(NIGHT, utc(20, 16)) == Turn(utc(20, 16), utc(20, 19))
    assert running(NIGHT, utc(20, 18, 59)) is not None
    assert running(NIGHT, utc(20, 19)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": timedelta(0)},
        {"length": timedelta(days=32)},
        {"repeat": Repeat.WEEKLY},
        {"repeat": Repeat.WEEKLY, "days": frozenset({7})},
        {"repeat": Repeat.MONTHLY, "days": frozenset({0})},
        {"days": frozenset({1})},
    ],
)
def test_a_plan_that_cannot_be_is_refused(wrong):
    values = {"first": date(2026, 11, 20), "at": time(1), "length": timedelta(hours=1)}
    with pytest.raises(ValueError, match=r"length|days"):
        Plan(**{**values, "zone": Zone.WIB, **wrong})


@settings(max_examples=25)
@given(
    st.sampled_from(Repeat),
    st.integers(0, 6),
    st.times(),
    st.integers(1, 3000),
    st.sampled_from(Zone),
)
def test_turns_are_in_order_and_those_of_two_halves_are_those_of_the_whole(
    repeat, day, at, minutes, zone
):
    days = {Repeat.WEEKLY: {day}, Repeat.MONTHLY: {day + 1, 31}}.get(repeat, set())
    plan = Plan(date(2026, 11, 20), at, timedelta(minutes=minutes), zone, repeat, frozenset(days))
    begin, middle, end = utc(1, 0), utc(27, 12), utc(31, 0, month=12)

    whole = list(turns(plan, begin, end))

    assert whole == [*turns(plan, begin, middle), *turns(plan, middle, end)]
    assert whole == sorted(whole)
    assert all(running(plan, turn.start) is not None for turn in whole)
