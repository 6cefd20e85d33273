"""How the window opens and closes in front of a router that works off one command at a time."""

import heapq

import pytest

from ronda.routeros.window import FEWEST, START, Window


def play(window: Window, *, trip: float, cost: float, commands: int) -> float:
    """Seconds that so many commands take; all wait from the start, and the time is computed."""
    now = free = 0.0
    under_way: list[tuple[float, float]] = []
    left = commands
    while left or under_way:
        while left and len(under_way) < window.size:
            free = max(free, now + trip / 2) + cost
            heapq.heappush(under_way, (free + trip / 2, now))
            left -= 1
        now, sent = heapq.heappop(under_way)
        window.answered(now - sent, full=left > 0)
    return now


@pytest.mark.parametrize(("trip", "part"), [(0.002, 0.98), (0.020, 0.95), (0.060, 0.8)])
def test_a_cold_window_comes_near_the_routers_own_limit(trip: float, part: float) -> None:
    cost = 0.001
    assert 1000 * cost / play(Window(128), trip=trip, cost=cost, commands=1000) >= part


def test_a_warm_window_loses_a_round_trip_and_little_more() -> None:
    window = Window(128)
    play(window, trip=0.060, cost=0.001, commands=500)
    assert 1.0 / play(window, trip=0.060, cost=0.001, commands=1000) >= 0.9


def test_few_commands_wait_on_a_router_that_became_slow() -> None:
    window = Window(128)
    play(window, trip=0.020, cost=0.001, commands=500)
    assert window.size > 40
    play(window, trip=0.020, cost=0.020, commands=500)
    assert window.size <= 16


def test_the_cap_holds_and_a_quiet_link_does_not_grow() -> None:
    window = Window(32)
    play(window, trip=0.1, cost=0.0001, commands=5000)
    assert window.size == 32
    calm = Window(32)
    for _ in range(100):
        calm.answered(0.02, full=False)
    assert calm.size == START


def test_an_answer_that_never_came_halves_it_and_it_opens_again() -> None:
    window = Window(32)
    for _ in range(10):
        window.stalled()
    assert window.size == FEWEST
    play(window, trip=0.020, cost=0.0001, commands=2000)
    assert window.size == 32


def test_answers_that_a_coarse_clock_says_took_no_time_open_it() -> None:
    window = Window(32)
    for _ in range(100):
        window.answered(0.0, full=True)
    assert window.size == 32
