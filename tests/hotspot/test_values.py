"""Durations, amounts and flags as RouterOS spells them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.hotspot.rules.values import (
    Unreadable,
    is_true,
    read_amount,
    read_duration,
    write_amount,
    write_duration,
)


@settings(max_examples=40)
@given(st.integers(0, 10**9))
def test_durations_read_back(seconds: int) -> None:
    assert read_duration(write_duration(seconds)) == seconds


@settings(max_examples=40)
@given(st.integers(0, 2**62))
def test_amounts_read_back(amount: int) -> None:
    assert read_amount(write_amount(amount)) == amount


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1w2d3h4m5s", 788_645),
        ("2h", 7200),
        ("7200", 7200),
        ("7200s", 7200),
        ("02:00:00", 7200),
        ("1d 02:00:00", 93_600),
        ("1d02:00:00", 93_600),
        ("01:30", 5400),
        ("170ms", 0),
        ("1H", 3600),
        ("0s", 0),
        ("none", None),
        ("", None),
        ("never", None),
    ],
)
def test_spellings_of_durations(text: str, seconds: int | None) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["abc", "1x", "-1h", "h", "1h2", "²"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Unreadable):
        read_duration(text)


def test_durations_are_written_as_the_router_does() -> None:
    assert [write_duration(n) for n in (0, 61, 3600, 90_000, 604_800)] == [
        "0s",
        "1m1s",
        "1h",
        "1d1h",
        "1w",
    ]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500MB", 524_288_000),
        ("1GB", 2**30),
        ("1G", 2**30),
        ("1 GiB", 2**30),
        ("1,5GB", 1_610_612_736),
        ("1048576", 1_048_576),
        ("", None),
        ("none", None),
    ],
)
def test_spellings_of_amounts(text: str, amount: int | None) -> None:
    assert read_amount(text) == amount


@pytest.mark.parametrize("text", ["1.5", "many", "-1GB", "1XB", "GB"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(Unreadable):
        read_amount(text)


def test_amounts_are_written_shortly() -> None:
    assert [write_amount(n) for n in (0, 1000, 2**30, 500 * 2**20)] == ["0", "1000", "1GB", "500MB"]


def test_flags() -> None:
    assert [is_true(text) for text in ("true", "yes", "false", "no", "", None)] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
