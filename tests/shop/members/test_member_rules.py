"""Ends never drift, nothing paid is lost, and everybody is reminded once of each end, in every zone."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules.members import (
    REMIND,
    Period,
    Reach,
    Standing,
    day_in,
    midnight,
    months_on,
    reach,
    reminders,
    renewal,
    standing,
    without,
)

DAYS = st.dates(date(2020, 1, 1), date(2050, 12, 31))
MONTHS = st.integers(1, 24)


@pytest.mark.parametrize(
    ("day", "months", "anchor", "then"),
    [
        (date(2027, 1, 31), 1, 31, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, 31, date(2028, 2, 29)),
        (date(2028, 2, 29), 1, 31, date(2028, 3, 31)),
        (date(2028, 2, 29), 12, 29, date(2029, 2, 28)),
        (date(2029, 2, 28), 36, 29, date(2032, 2, 29)),
        (date(2026, 12, 15), 1, 15, date(2027, 1, 15)),
    ],
)
def test_a_month_on_is_the_same_day_or_the_last_one(
    day: date, months: int, anchor: int, then: date
) -> None:
    assert months_on(day, months, anchor) == then


@given(DAYS, st.lists(MONTHS, min_size=1, max_size=12))
def test_many_renewals_come_to_the_same_day_as_one_of_all_their_months(
    day: date, months: list[int]
) -> None:
    step = day
    for count in months:
        step = months_on(step, count, day.day)
    assert step == months_on(day, sum(months), day.day)
    assert step.day == min(day.day, calendar.monthrange(step.year, step.month)[1])


@given(DAYS, st.integers(-40, 40), st.integers(0, 10), MONTHS)
def test_paying_early_or_in_grace_loses_nothing_and_late_begins_anew(
    until: date, past: int, grace: int, months: int
) -> None:
    today = until + timedelta(days=past)
    now = standing(until, grace, today)
    period = renewal(until, until.day, months, today, now)
    assert period.until > today if now is Standing.SUSPENDED else period.until > until
    if past < grace or past < 0:
        assert now in (Standing.ACTIVE, Standing.GRACE)
        assert period == Period(until, months_on(until, months, until.day), until.day)
    else:
        assert now is Standing.SUSPENDED
        assert period == Period(today, months_on(today, months, today.day), today.day)


def test_states_change_at_midnight() -> None:
    until = date(2026, 12, 1)
    found = [standing(until, 3, until + timedelta(days=n)) for n in (-1, 0, 2, 3)]
    assert found == [Standing.ACTIVE, Standing.GRACE, Standing.GRACE, Standing.SUSPENDED]
    assert standing(until, 0, until) is Standing.SUSPENDED
    assert standing(until, 3, until, ended=True) is Standing.ENDED


@pytest.mark.parametrize(("zone", "hour"), [("WIB", 17), ("WITA", 16), ("WIT", 15)])
def test_midnight_is_that_of_the_zone(zone: str, hour: int) -> None:
    at = midnight(date(2026, 12, 1), zone)
    assert at == datetime(2026, 11, 30, hour, tzinfo=UTC)
    assert day_in(zone, at) == date(2026, 12, 1)
    assert day_in(zone, at - timedelta(seconds=1)) == date(2026, 11, 30)


@given(DAYS, st.sets(st.integers(-15, 30)))
def test_every_reminder_is_given_at_most_once_and_in_order(until: date, left: set[int]) -> None:
    told: set[int] = set()
    given_: list[int] = []
    for days in sorted(left, reverse=True):
        one, done = reminders(until, until - timedelta(days=days), told)
        assert (one is None) == (not done)
        if one is not None:
            assert 0 < days <= one
            given_.append(one)
        told |= set(done)
        assert reminders(until, until - timedelta(days=days), told) == (None, [])
    assert given_ == sorted(set(given_), reverse=True)
    if left >= set(REMIND):
        assert given_ == list(REMIND)


@pytest.mark.parametrize(
    ("now", "slow", "then"),
    [
        (Standing.ACTIVE, True, Reach.OPEN),
        (Standing.GRACE, False, Reach.OPEN),
        (Standing.SUSPENDED, True, Reach.SLOW),
        (Standing.SUSPENDED, False, Reach.SHUT),
        (Standing.ENDED, True, Reach.SHUT),
    ],
)
def test_who_does_not_pay_is_slowed_or_shut_out_and_who_ended_is_out(
    now: Standing, slow: bool, then: Reach
) -> None:
    assert reach(now, slow=slow) is then


@given(DAYS, MONTHS, st.integers(1, 31))
def test_months_given_back_are_those_that_were_bought(day: date, months: int, anchor: int) -> None:
    begin = months_on(day, 0, anchor)
    assert without(months_on(begin, months, anchor), anchor, months) == begin
