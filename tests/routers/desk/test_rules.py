"""When to try again, and what the answering times amount to."""

from hypothesis import given
from hypothesis import strategies as st

from ronda.routers.desk.rules import (
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    CallTimes,
    Trouble,
    call_times,
    pause_after,
)


@given(st.integers(1, 10_000), st.sampled_from(Trouble), st.floats(0, 1))
def test_pauses_grow_to_a_bound_and_are_spread(failures, trouble, jitter):
    pause = pause_after(failures, trouble, jitter)
    assert 0.87 * FIRST_PAUSE_S[trouble] <= pause <= 1.13 * LONGEST_PAUSE_S[trouble]
    assert pause <= pause_after(failures + 1, trouble, jitter)


def test_a_wrong_password_is_not_tried_every_few_seconds():
    assert pause_after(1, Trouble.AWAY, 0.5) == 2
    assert pause_after(1, Trouble.SETTINGS, 0.5) == 30
    assert pause_after(3, Trouble.AWAY, 0.5) == 8


def test_answering_times_are_durations_that_were_measured():
    assert call_times([]) == CallTimes()
    assert call_times([], failed=2) == CallTimes(2, 2)
    assert call_times([7.0]) == CallTimes(1, 0, 7.0, 7.0, 7.0)
    assert call_times(map(float, range(100, 0, -1)), 1) == CallTimes(101, 1, 50.0, 95.0, 100.0)


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_the_middle_is_never_above_the_95th_nor_that_above_the_slowest(durations):
    times = call_times(durations)
    assert {times.p50_ms, times.p95_ms, times.worst_ms} <= set(durations)
    assert times.p50_ms <= times.p95_ms <= times.worst_ms == max(durations)
