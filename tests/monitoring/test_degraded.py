"""Worse than its own past: begins after two bad windows, ends after three good ones."""

import random  # noqa: TID251 -- seeded simulation

import pytest

from ronda.monitoring.events import Degraded, Regained, moment
from ronda.monitoring.rules.degraded import Health, Window, weigh

T = 1_790_000_000.0
WINDOW = 600.0


def live(health: Health, windows: list[tuple[int, float | None]]) -> tuple[Health, list[object]]:
    """Windows of 20 probes, from where the health was left; events by window number."""
    events: list[object] = []
    for number, (answered, rtt_ms) in enumerate(windows):
        health, new = weigh(health, Window(T + WINDOW * number, 20, answered, rtt_ms))
        events += new
    return health, events


def learned(rtt_ms: float = 6.0) -> Health:
    return live(Health(7), [(20, rtt_ms)] * 20)[0]


def test_the_usual_is_learned_as_a_mean_of_ratios() -> None:
    health = live(Health(7), [(20, 4.0), (20, 9.0)])[0]
    assert health.usual_rtt_ms == pytest.approx(6.0)
    assert Health(7).usual_rtt_ms is None


def test_slowness_is_told_after_two_windows_and_over_after_three_good_ones() -> None:
    health, events = live(learned(), [(20, 6.0), (20, 60.0), (20, 60.0), (20, 60.0)])
    assert events == [Degraded(ont=7, at=moment(T + 2 * WINDOW), what="rtt", value=60.0, usual=6.0)]
    assert (health.degraded, health.since) == (True, T + WINDOW)
    health, events = live(health, [(20, 6.0), (20, 6.0), (20, 40.0), *[(20, 6.0)] * 3])
    assert events == [Regained(ont=7, at=moment(T + 5 * WINDOW), since=moment(T + WINDOW))]
    assert not health.degraded


def test_loss_is_told_without_any_baseline() -> None:
    health, events = live(Health(7), [(18, 6.0), (18, 6.0)])
    assert events == [Degraded(ont=7, at=moment(T + WINDOW), what="loss", value=0.1, usual=0.0)]
    assert live(health, [(20, 6.0)] * 3)[1] == [
        Regained(ont=7, at=moment(T + 2 * WINDOW), since=moment(T))
    ]


def test_a_single_bad_window_is_forgotten() -> None:
    health, events = live(learned(), [(20, 90.0), (20, 6.0), (20, 90.0), (20, 6.0)])
    assert (events, health.bad, health.first_bad) == ([], 0, None)


def test_a_fast_ont_that_triples_to_still_fast_is_not_degraded() -> None:
    assert live(learned(0.5), [(20, 5.0)] * 10)[1] == []


def test_windows_that_say_nothing_change_nothing() -> None:
    health = learned()
    assert weigh(health, Window(T, 20, 0, None)) == (health, ())
    assert weigh(health, Window(T, 9, 9, 600.0)) == (health, ())


def test_a_normal_year_of_noise_degrades_nobody() -> None:
    draw = random.Random(1)
    windows = [(20, 6.0 * draw.lognormvariate(0, 0.2)) for _ in range(20_000)]
    assert live(Health(7), windows)[1] == []
