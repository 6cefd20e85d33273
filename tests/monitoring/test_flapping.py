"""Flapping by time: one notice in, one out."""

from ronda.monitoring.events import SettledDown, StartedFlapping, moment
from ronda.monitoring.rules.flapping import FlapMemory, changed, settle

T = 1_790_000_000.0


def test_eight_toggles_give_one_event_in_and_one_out() -> None:
    memory, events = FlapMemory(7), []
    for toggle in range(8):
        memory, new = changed(memory, T + 300 * toggle)
        events += new
    assert memory.flapping
    last = T + 300 * 7
    for minute in range(120):
        memory, new = settle(memory, last + 60 * minute)
        events += new
    assert events == [
        StartedFlapping(ont=7, at=moment(T + 900), since=moment(T), changes=4),
        # One change is left in the window an hour after the last but one.
        SettledDown(ont=7, at=moment(T + 300 * 6 + 3600), since=moment(T), changes=8),
    ]
    assert not memory.flapping


def test_changes_far_apart_are_each_their_own_news() -> None:
    memory = FlapMemory(7)
    for toggle in range(50):
        memory, events = changed(memory, T + 1300 * toggle)
        assert events == ()
    assert len(memory.changes) == 3


def test_time_alone_settles_nothing_that_was_not_flapping() -> None:
    memory = changed(FlapMemory(7), T).memory
    assert settle(memory, T + 60) == (memory, ())
    assert settle(memory, T + 3600) == (FlapMemory(7), ())
