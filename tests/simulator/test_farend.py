"""The far end probe by probe, with the controls that a test holds."""

import random  # noqa: TID251 -- seeded simulation

import pytest

from ronda.simulator.controls import Controls
from ronda.simulator.farend import FarEnd
from ronda.simulator.inprocess import Answers
from ronda.simulator.line import STEADY, Line, Still
from ronda.simulator.network import Layout


def far_end(line: Line = STEADY) -> FarEnd:
    return FarEnd(Still(line), random.Random(1))


def test_a_still_line_answers_after_its_delay():
    assert far_end().answer(20, 0) == 0.005


def test_jitter_stays_within_its_bound_and_is_the_same_for_the_same_seed():
    line = Line(5.0, 2.0, 0.1)
    first, second = far_end(line), far_end(line)
    answers = [first.answer(20, at) for at in range(1_000)]
    assert answers == [second.answer(20, at) for at in range(1_000)]
    heard = [answer for answer in answers if answer is not None]
    assert min(heard) >= 0.005
    assert max(heard) <= 0.007
    assert 870 < len(heard) < 930


def test_what_is_cut_is_silent_until_it_is_mended():
    end = far_end()
    end.controls.cut([20, 21])
    assert [end.answer(index, 0) for index in (20, 21, 22)] == [None, None, 0.005]
    end.controls.mend([21])
    assert [end.answer(index, 0) for index in (20, 21)] == [None, 0.005]
    end.controls.mend()
    assert end.answer(20, 0) == 0.005


def test_what_is_set_for_one_beats_what_is_set_for_all():
    end = far_end()
    end.controls.delay(8)
    end.controls.delay(1, indices=[20])
    end.controls.loss(1.0)
    end.controls.loss(0.0, [20, 21])
    assert [end.answer(index, 0) for index in (20, 21, 22)] == [0.001, 0.008, None]


def test_a_delay_of_nothing_can_be_set_for_one_too():
    end = far_end()
    end.controls.delay(8)
    end.controls.delay(0, indices=[20])
    assert [end.answer(index, 0) for index in (20, 21)] == [0.0, 0.008]


def test_blindness_beats_everything_and_leaves_what_was_set():
    end = far_end()
    end.controls.cut([20])
    end.controls.blind(True)
    assert [end.answer(index, 0) for index in (1, 20, 21)] == [None, None, None]
    end.controls.blind(False)
    assert [end.answer(index, 0) for index in (1, 20, 21)] == [0.005, None, 0.005]


def test_clearing_leaves_nothing_that_was_set():
    end = far_end()
    end.controls.cut([20])
    end.controls.delay(1, indices=[21])
    end.controls.loss(1.0)
    end.controls.blind(True)
    end.controls.clear()
    assert [end.answer(index, 0) for index in (20, 21)] == [0.005, 0.005]


def test_a_setting_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"1\.5 is not between 0 and 1"):
        Controls().loss(1.5)
    with pytest.raises(ValueError, match="below zero"):
        Controls().delay(-1)


def test_in_process_an_address_of_either_family_gets_its_rtt_and_a_foreign_one_none():
    layout = Layout("198.19.0.0/24")
    answers = Answers(Still(Line(5.0)), layout, started=100.0)
    assert answers.answer("198.19.0.20", 101.0) == 5_000
    assert answers.answer(layout.address6(20), 101.0) == 5_000
    assert answers.answer("192.0.2.1", 101.0) is None
    answers.controls.cut([20])
    assert answers.answer("198.19.0.20", 102.0) is None
