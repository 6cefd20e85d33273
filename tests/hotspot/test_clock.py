"""Clocks of routers, before and after RouterOS 7.10 changed how dates are written."""

from datetime import UTC, datetime

import pytest

from ronda.hotspot.rules.clock import date_for, read_clock, read_offset

THEN = datetime(2026, 11, 21, 12, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize("date", ["nov/21/2026", "2026-11-21", "Nov/21/2026"])
def test_both_spellings_of_a_date(date: str) -> None:
    assert read_clock(date, "19:30:15", "+07:00") == (THEN, 420)


@pytest.mark.parametrize(
    ("date", "time", "offset"),
    [
        ("21.11.2026", "19:30:15", "+07:00"),
        ("nop/21/2026", "19:30:15", "+07:00"),
        ("2026-11-31", "19:30:15", "+07:00"),
        ("2026-11-21", "19:30", "+07:00"),
        ("2026-11-21", "aa:bb:cc", "+07:00"),
        ("2026-11-21", "19:30:15", ""),
        ("", "", ""),
    ],
)
def test_what_cannot_be_read_is_none(date: str, time: str, offset: str) -> None:
    assert read_clock(date, time, offset) is None


def test_offsets() -> None:
    told = [read_offset(text) for text in ("+07:00", "-03:30", "08:00", "25200", "-3600", "x")]
    assert told == [420, -210, 480, 420, -60, None]


def test_dates_are_written_as_the_router_reads_them() -> None:
    assert date_for(THEN, iso=True) == "2026-11-21"
    assert date_for(THEN, iso=False) == "nov/21/2026"
