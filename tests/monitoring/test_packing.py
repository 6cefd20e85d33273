"""Round trips as bytes and back: how wrong at most, and that nothing changes place."""

import zlib
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.monitoring.history.packing import (
    ALL_ANSWERED,
    NOT_PROBED,
    RTT_US,
    SILENT,
    Summary,
    code_of,
    hide_silence,
    hour_of,
    hours_of,
    pack_sweep,
    series,
    squeeze,
    summary,
    unsqueeze,
)

columns = st.lists(st.binary(max_size=40), min_size=1, max_size=30)


@settings(deadline=None, max_examples=300)
@given(st.integers(50, 10_000_000))
def test_a_round_trip_comes_back_within_two_and_a_half_percent(rtt_us: int) -> None:
    assert RTT_US[code_of(rtt_us)] == pytest.approx(rtt_us, rel=0.025)


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(0, 300_000), st.integers(0, 2**32 - 1))))
def test_a_packed_sweep_holds_the_code_of_every_slot(rtts: list[int]) -> None:
    packed = pack_sweep(array("I", rtts))
    special = {0: NOT_PROBED, 1: SILENT}
    assert list(packed) == [special[rtt] if rtt < 2 else code_of(rtt) for rtt in rtts]


def test_the_table_agrees_with_the_formula_everywhere() -> None:
    values = range(2, 263_000)
    assert list(pack_sweep(array("I", values))) == [code_of(value) for value in values]


def test_codes_rise_with_the_round_trip_and_stay_apart_from_the_reserved_ones() -> None:
    codes = [code_of(rtt) for rtt in (2, 49, 50, 52, 1000, 262_143, 262_144, 10**7, 10**9)]
    assert codes == sorted(codes)
    assert (codes[0], codes[-1]) == (1, 254)
    assert (RTT_US[SILENT], RTT_US[NOT_PROBED], len(RTT_US)) == (0.0, 0.0, 256)


@settings(deadline=None)
@given(columns, st.integers(0, 20), st.integers(0, 30))
def test_turning_columns_round_equals_looking_up_every_sample(
    sweeps: list[bytes], start: int, width: int
) -> None:
    expected = [
        bytes(sweep[slot] if slot < len(sweep) else NOT_PROBED for sweep in sweeps)
        for slot in range(start, start + width)
    ]
    assert series(sweeps, start, start + width) == expected


@settings(deadline=None)
@given(st.binary())
def test_deflated_samples_come_back_as_they_were(samples: bytes) -> None:
    assert unsqueeze(squeeze(samples)) == samples


def test_damaged_samples_are_refused() -> None:
    with pytest.raises(zlib.error):
        unsqueeze(b"not deflated")


def test_silence_of_a_blind_time_is_not_known() -> None:
    assert hide_silence(bytes([0, 255, 7, 0])) == bytes([255, 255, 7, 255])


def test_all_and_none_are_never_said_loosely() -> None:
    shares = [
        hour_of(bytes(samples))[0]
        for samples in ([9] * 1000, [9] * 999 + [0], [0] * 999 + [9], [0, 0, 255], [255, 255], [])
    ]
    assert shares == [ALL_ANSWERED, ALL_ANSWERED - 1, 1, 0, NOT_PROBED, NOT_PROBED]


def test_the_usual_round_trip_is_the_logarithmic_mean() -> None:
    low, high = code_of(1000), code_of(9000)
    assert hour_of(bytes([low, 0, 255, high]))[1] == pytest.approx(code_of(3000), abs=1)
    assert hour_of(bytes([0, 255]))[1] == SILENT
    assert hour_of(bytes([255]))[1] == NOT_PROBED


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=9), max_size=5),
    st.integers(1, 9),
    st.sampled_from([1, 60, 200]),
)
def test_the_hour_of_all_slots_at_once_equals_each_by_itself(
    columns: list[bytes], width: int, often: int
) -> None:
    columns = columns * often  # also more than are added at once
    samples = series(columns, 0, width)
    shares, rtts = hours_of(columns, width)
    assert list(zip(shares, rtts, strict=True)) == [hour_of(each) for each in samples]


@given(st.binary())
def test_a_summary_equals_counting(samples: bytes) -> None:
    answered = [RTT_US[code] for code in samples if code not in (SILENT, NOT_PROBED)]
    result = summary(samples)
    assert result.probes == len(samples) - samples.count(NOT_PROBED)
    assert result.answered == len(answered)
    if answered:
        assert result.most_us == max(answered)
        assert result.mean_us == pytest.approx(sum(answered) / len(answered))
    else:
        assert result == Summary(result.probes, 0, None, None)
