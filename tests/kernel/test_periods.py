"""Periods are whole local days, whatever the zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.kernel.periods import KINDS, WrongPeriod, period_of

WIB = ZoneInfo("Asia/Jakarta")
WIT = ZoneInfo("Asia/Jayapura")


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("day", date(2026, 11, 21), date(2026, 11, 21)),
        ("week", date(2026, 11, 16), date(2026, 11, 22)),
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("any", date(2026, 11, 21), date(2026, 12, 3)),
    ],
)
def test_a_period_is_told_by_a_day_in_it(kind, first, last):
    period = period_of(kind, date(2026, 11, 21), date(2026, 12, 3), WIB)

    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(("zone", "hour"), [(WIB, 17), (WIT, 15)])
def test_a_day_begins_at_local_midnight(zone, hour):
    period = period_of("day", date(2026, 11, 21), None, zone)

    assert period.start == datetime(2026, 11, 20, hour, tzinfo=UTC)
    assert period.end - period.start == timedelta(days=1)


@given(
    st.sampled_from(KINDS),
    st.dates(date(2001, 1, 1), date(2190, 1, 1)),
    st.integers(0, 400),
)
def test_the_periods_before_and_after_adjoin_and_lead_back(kind, day, more):
    period = period_of(kind, day, day + timedelta(days=more), WIB)

    assert period.first <= day <= period.last
    assert period.before().last + timedelta(days=1) == period.first
    assert period.after().first - timedelta(days=1) == period.last
    assert period.before().after() == period


@pytest.mark.parametrize(
    ("day", "until", "field", "reason"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), "until", "order"),
        (date(2020, 1, 1), date(2026, 1, 1), "until", "long"),
        (date(1990, 1, 1), None, "day", "range"),
        (date(2026, 1, 1), date(9999, 12, 31), "until", "range"),
    ],
)
def test_what_is_no_period_is_refused_by_its_field(day, until, field, reason):
    with pytest.raises(WrongPeriod) as wrong:
        period_of("any", day, until, WIB)

    assert (wrong.value.field, wrong.value.reason) == (field, reason)
