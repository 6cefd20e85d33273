"""Spans and sizes are read as people type them, and refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules import entries
from ronda.shop.rules.entries import Refused, Why
from ronda.shop.rules.terms import Span, SpanUnit

KB, MB, GB = 1024, 1024**2, 1024**3


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1h", "1h"),
        ("1d", "1d"),
        ("1w", "1w"),
        ("30d", "30d"),
        ("5 jam", "5h"),
        ("2 hari", "2d"),
        ("1 bulan", "1mo"),
        ("1 Minggu", "1w"),
        ("90 menit", "90m"),
        ("1 tahun", "12mo"),
        ("1 tahun 6 bulan", "18mo"),
        ("1d12h", "36h"),
        ("1 hari 12 jam", "36h"),
        ("1w 2d", "9d"),
        ("1 jam dan 30 menit", "90m"),
        (" 24 JAM ", "24h"),
    ],
)
def test_spans_of_both_languages(text: str, span: str) -> None:
    assert str(entries.read_span(text)) == span


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("30", Why.NO_UNIT),
        ("h", Why.UNKNOWN),
        ("1x", Why.UNKNOWN),
        ("5 jam!", Why.UNKNOWN),
        ("-1h", Why.UNKNOWN),
        ("1,5 jam", Why.UNKNOWN),
        ("123456789d", Why.UNKNOWN),
        ("0h", Why.NOTHING),
        ("1mo 2d", Why.MONTHS_MIXED),
        ("4000d", Why.TOO_LONG),
        ("11 tahun", Why.TOO_LONG),
    ],
)
def test_bad_spans_are_refused_with_the_reason(text: str, why: Why) -> None:
    with pytest.raises(Refused) as refused:
        entries.read_span(text)
    assert refused.value.why is why


def test_nothing_typed_is_no_limit() -> None:
    assert entries.read_span("  ") is None
    assert entries.read_online("") is None
    assert entries.read_size("") is None


def test_online_time_is_in_seconds_and_has_no_months() -> None:
    assert entries.read_online("5 jam") == 18_000
    assert entries.read_online("1w") == 604_800
    with pytest.raises(Refused) as refused:
        entries.read_online("1 bulan")
    assert refused.value.why is Why.MONTHS_ONLINE


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500MB", 500 * MB),
        ("1GB", GB),
        ("1 gb", GB),
        ("1,5GB", GB + GB // 2),
        ("512K", 512 * KB),
        ("1000B", 1000),
        ("1GiB", GB),
    ],
)
def test_sizes_are_powers_of_1024(text: str, size: int) -> None:
    assert entries.read_size(text) == size


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("500", Why.NO_SIZE),
        ("1.000", Why.NO_SIZE),
        ("satu GB", Why.NO_SIZE),
        ("unlimited", Why.NO_SIZE),
        ("0MB", Why.NOTHING),
        ("2000TB", Why.TOO_MUCH),
        ("-1GB", Why.NO_SIZE),
    ],
)
def test_bad_sizes_are_refused_with_the_reason(text: str, why: Why) -> None:
    with pytest.raises(Refused) as refused:
        entries.read_size(text)
    assert refused.value.why is why


@given(st.integers(1, 120), st.sampled_from(SpanUnit))
def test_a_stored_span_is_read_back_as_typed(count: int, unit: SpanUnit) -> None:
    assert entries.read_span(str(Span(count, unit))) == Span(count, unit)


@given(st.integers(1, 10_000))
def test_online_time_is_read_back_as_it_is_written(minutes: int) -> None:
    assert entries.read_online(entries.write_online(minutes * 60)) == minutes * 60


@given(st.integers(1, entries.MOST_BYTES))
def test_a_size_is_read_back_as_it_is_written(size: int) -> None:
    assert entries.read_size(entries.write_size(size)) == size
