"""Speed limits: RouterOS's line taken apart and put together, and what makes no sense in one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.hotspot.rules.rate_limit import (
    ZERO,
    Doubt,
    Pair,
    RateLimit,
    burst_lasts_s,
    doubts,
    parse,
    read_rate,
    render,
    write_rate,
)
from ronda.hotspot.rules.values import Unreadable

RATES = st.integers(0, 10_000_000_000)
PAIRS = st.builds(Pair, RATES, RATES)
LIMITS = st.builds(
    RateLimit,
    rate=PAIRS,
    burst=PAIRS,
    threshold=PAIRS,
    burst_s=st.builds(Pair, st.integers(0, 600), st.integers(0, 600)),
    priority=st.none() | st.integers(1, 8),
    least=PAIRS,
)


@settings(max_examples=40)
@given(LIMITS)
def test_what_is_written_is_read_back(limit: RateLimit) -> None:
    read = parse(render(limit))
    # A priority that only keeps the place of what follows is RouterOS's own default.
    priority = limit.priority or (8 if limit.least else None)
    assert read == RateLimit(
        limit.rate, limit.burst, limit.threshold, limit.burst_s, priority, limit.least
    )
    assert render(read) == render(limit)


@settings(max_examples=40)
@given(st.text(alphabet="0123456789kMG/s ax.", max_size=40))
def test_any_text_is_read_or_refused_and_reading_is_stable(text: str) -> None:
    try:
        limit = parse(text)
    except Unreadable:
        return
    assert parse(render(limit)) == parse(render(parse(render(limit))))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("", RateLimit()),
        ("2M/2M", RateLimit(Pair(2_000_000, 2_000_000))),
        ("2M", RateLimit(Pair(2_000_000, 2_000_000))),
        ("512k/3000000", RateLimit(Pair(512_000, 3_000_000))),
        (
            "2M/2M 4M/4M 1536K/1536K 16/16 8 1M/1M",
            RateLimit(
                Pair(2_000_000, 2_000_000),
                Pair(4_000_000, 4_000_000),
                Pair(1_536_000, 1_536_000),
                Pair(16, 16),
                8,
                Pair(1_000_000, 1_000_000),
            ),
        ),
        (
            "1M/4M 2M/8M 1M/3M 10s/1m",
            RateLimit(
                Pair(1_000_000, 4_000_000),
                Pair(2_000_000, 8_000_000),
                Pair(1_000_000, 3_000_000),
                Pair(10, 60),
            ),
        ),
    ],
)
def test_lines_of_real_routers(text: str, limit: RateLimit) -> None:
    assert parse(text) == limit


@pytest.mark.parametrize(
    "text",
    ["2M/", "/2M", "2X/2M", "2M/2M 1 2 3 9", "2M/2M 1 2 3 x", "1 1 1 1 1 1 1", "-1M/1M", "99999G"],
)
def test_what_is_no_speed_limit_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text)


def test_the_first_figure_is_what_the_customer_sends() -> None:
    assert parse("1M/5M").rate == Pair(upload=1_000_000, download=5_000_000)
    assert render(RateLimit(Pair(upload=512_000, download=2_000_000))) == "512k/2M"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2M/2M", []),
        ("2M/2M 4M/4M 1M/1M 16/16", []),
        ("2M/2M 1M/4M", [Doubt.BURST_NOT_FASTER]),
        ("2M/2M 4M/4M 4M/4M 16/16", [Doubt.THRESHOLD_NOT_BELOW_BURST]),
        ("2M/2M 4M/4M 3M/1M 16/16", [Doubt.THRESHOLD_ABOVE_RATE]),
        ("0/0 4M/4M", [Doubt.BURST_WITHOUT_RATE]),
        ("2M/2M 0/0 1M/1M 8/8", [Doubt.TIME_WITHOUT_BURST]),
        ("2M/2M 0/0 0/0 0/0 8 3M/1M", [Doubt.LEAST_ABOVE_RATE]),
    ],
)
def test_what_makes_no_sense_is_told(text: str, found: list[Doubt]) -> None:
    assert doubts(parse(text)) == found


def test_how_long_a_burst_lasts() -> None:
    assert burst_lasts_s(parse("2M/2M 4M/4M 1M/2M 16/16")) == Pair(4, 8)
    assert burst_lasts_s(parse("2M/2M 4M/4M")) == Pair(0, 0)
    assert burst_lasts_s(parse("2M/2M 0/4M 0/2M 0/16")) == Pair(0, 8)
    assert burst_lasts_s(parse("2M/2M")) is None


@settings(max_examples=40)
@given(RATES)
def test_rates_are_written_shortly_and_read_back(rate: int) -> None:
    assert read_rate(write_rate(rate)) == rate


def test_some_rates() -> None:
    assert [write_rate(rate) for rate in (0, 100, 1_536_000, 2_000_000, 1_000_000_000)] == [
        "0",
        "100",
        "1536k",
        "2M",
        "1G",
    ]
    assert read_rate("") == 0
    assert not ZERO
