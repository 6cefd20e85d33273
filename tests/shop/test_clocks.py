"""When a voucher ends: by the calendar of its zone, whatever a router's clock says."""

import calendar
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules import clocks
from ronda.shop.rules.clocks import Clock, Ending, Use
from ronda.shop.rules.terms import Span, SpanUnit, Terms, split_span

ZONES = st.sampled_from(["WIB", "WITA", "WIT"])
MOMENTS = st.integers(1_577_836_800, 2_208_988_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
WIB = clocks.offset("WIB")
MB = 1024**2


def at(text: str, zone: str = "WIB") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clocks.offset(zone))


def span(text: str) -> Span:
    return Span(*split_span(text))


def valid(text: str, **more: Any) -> Terms:
    return Terms(valid_for=span(text), **more)


@pytest.mark.parametrize(
    ("start", "length", "zone", "end"),
    [
        ("2026-01-31 20:00", "1mo", "WIB", "2026-02-28 20:00"),
        ("2028-01-31 20:00", "1mo", "WIB", "2028-02-29 20:00"),
        ("2028-02-29 00:00", "12mo", "WIB", "2029-02-28 00:00"),
        ("2026-12-31 23:59", "2mo", "WIT", "2027-02-28 23:59"),
        ("2026-03-31 00:00", "1mo", "WITA", "2026-04-30 00:00"),
        ("2026-11-20 20:00", "1d", "WIB", "2026-11-21 20:00"),
        ("2026-12-31 23:30", "1h", "WIT", "2027-01-01 00:30"),
        ("2026-02-27 10:00", "1w", "WIB", "2026-03-06 10:00"),
        ("2026-11-20 20:00", "45m", "WIB", "2026-11-20 20:45"),
    ],
)
def test_the_end_lies_where_the_calendar_says(start: str, length: str, zone: str, end: str) -> None:
    terms = valid(length, zone=zone)
    assert clocks.ends_at(terms, at(start, zone)) == at(end, zone)


def test_a_month_is_read_in_the_zone_not_in_utc() -> None:
    # 31 January 23:30 UTC is already 1 February in Indonesia.
    first = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert clocks.ends_at(valid("1mo"), first) == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    # 16:30 UTC is 23:30 of the 31st in WIB and 00:30 of the 1st in WITA: another month, another end.
    edge = datetime(2026, 1, 31, 16, 30, tzinfo=UTC)
    assert clocks.ends_at(valid("1mo"), edge, "WIB") == at("2026-02-28 23:30")
    assert clocks.ends_at(valid("1mo"), edge, "WITA") == at("2026-03-01 00:30", "WITA")


def test_before_the_first_login_and_without_a_limit_there_is_no_end() -> None:
    assert clocks.ends_at(valid("1d"), None) is None
    assert clocks.ends_at(Terms(), at("2026-11-20 20:00")) is None


def test_an_end_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(OverflowError):
        clocks.after(datetime(9999, 12, 1, tzinfo=UTC), span("12mo"), "WIB")


@given(MOMENTS, st.integers(1, 120), ZONES)
def test_months_keep_the_time_of_day_and_never_skip_a_month(
    start: datetime, count: int, zone: str
) -> None:
    end = clocks.after(start, Span(count, SpanUnit.MONTH), zone).astimezone(clocks.offset(zone))
    local = start.astimezone(clocks.offset(zone))
    assert (end.year * 12 + end.month) - (local.year * 12 + local.month) == count
    assert end.timetz() == local.timetz()
    assert end.day == min(local.day, calendar.monthrange(end.year, end.month)[1])


@given(MOMENTS, MOMENTS, st.sampled_from(["1h", "36h", "7d", "4w", "1mo", "12mo"]), ZONES)
def test_who_logs_in_later_never_ends_earlier(
    one: datetime, other: datetime, length: str, zone: str
) -> None:
    first, second = sorted((one, other))
    terms = valid(length, zone=zone)
    ends = clocks.ends_at(terms, first), clocks.ends_at(terms, second)
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0] <= ends[1]
    assert ends[0] > first


def test_it_is_sold_until_its_date() -> None:
    now = at("2026-11-21 09:00")
    assert clocks.may_be_sold(None, now)
    assert clocks.may_be_sold(now + timedelta(seconds=1), now)
    assert not clocks.may_be_sold(now, now)


LOGIN = at("2026-11-21 09:00")  # a Saturday


def ending(terms: Terms, **use: Any) -> Ending:
    return clocks.simulate(terms, LOGIN, Use(**use))


def test_valid_time_ends_who_uses_little() -> None:
    assert ending(valid("1d", online_s=5 * 3600), hours_a_day=3) == Ending(
        at("2026-11-22 09:00"), Clock.VALIDITY, 3 * 3600
    )


def test_online_time_ends_who_stays() -> None:
    assert ending(valid("7d", online_s=5 * 3600), hours_a_day=3) == Ending(
        at("2026-11-22 11:00"), Clock.ONLINE, 5 * 3600
    )
    assert ending(Terms(online_s=5 * 3600), hours_a_day=24) == Ending(
        at("2026-11-21 14:00"), Clock.ONLINE, 5 * 3600
    )


@pytest.mark.parametrize(
    "quota",
    [
        {"quota_bytes": 300 * MB},
        {"quota_download_bytes": 200 * MB},
        {"quota_upload_bytes": 100 * MB},
    ],
)
def test_data_ends_who_loads_much(quota: dict[str, int]) -> None:
    use = {"hours_a_day": 3, "download_per_hour": 100 * MB, "upload_per_hour": 50 * MB}
    assert ending(valid("30d", **quota), **use) == Ending(at("2026-11-21 11:00"), Clock.QUOTA, 7200)


def test_who_uses_nothing_is_ended_by_the_calendar_alone() -> None:
    assert ending(valid("1mo", quota_bytes=1), hours_a_day=0).at == at("2026-12-21 09:00")
    assert ending(valid("1mo", quota_upload_bytes=1), upload_per_hour=0).clock is Clock.VALIDITY
    assert ending(Terms(), hours_a_day=0) == Ending(None, None, 0)


def test_time_outside_the_hours_is_not_used() -> None:
    # Mon-Fri 08:00-17:00: Saturday and Sunday do not count, from Monday on 08:00-11:00 of 09:00-12:00 do.
    office = [[[0, 1, 2, 3, 4], 8 * 60, 11 * 60]]
    terms = valid("30d", online_s=3 * 3600, windows=office)
    assert ending(terms, hours_a_day=3) == Ending(at("2026-11-24 10:00"), Clock.ONLINE, 3 * 3600)


@given(
    st.integers(60, 40 * 3600),
    st.sampled_from(["3h", "1d", "30d", "1mo"]),
    st.floats(0.1, 24),
    MOMENTS,
)
def test_no_clock_runs_over(online_s: int, length: str, hours: float, login: datetime) -> None:
    terms = valid(length, online_s=online_s, quota_bytes=2**30)
    found = clocks.simulate(terms, login, Use(hours_a_day=hours))
    last = clocks.ends_at(terms, login)
    assert found.at is not None
    assert last is not None
    assert login < found.at <= last
    assert found.online_s <= online_s
    assert found.clock is not None


def test_zones_are_fixed_distances() -> None:
    assert WIB.utcoffset(None) == timedelta(hours=7)
    assert clocks.offset("WIT") == timezone(timedelta(hours=9), "WIT")
