"""Jumps of the wall clock are seen and told; slow drift is followed."""

from ronda.monitoring.events import ClockJumped, moment
from ronda.monitoring.rules.clockwatch import look, started

T = 1_790_000_000.0


def test_a_jump_is_told_once_in_either_direction() -> None:
    clocks = started(T, 50.0)
    clocks, jump = look(clocks, T + 10 - 3600, 60.0)
    assert jump == ClockJumped(at=moment(T + 10 - 3600), by=-3600.0)
    clocks, jump = look(clocks, T + 20 - 3600, 70.0)
    assert jump is None
    assert look(clocks, T + 30, 80.0).jump == ClockJumped(at=moment(T + 30), by=3600.0)


def test_slow_drift_is_followed_without_a_word() -> None:
    clocks = started(T, 0.0)
    for second in range(1, 20_000):
        clocks, jump = look(clocks, T + second * 1.0005, float(second))
        assert jump is None
