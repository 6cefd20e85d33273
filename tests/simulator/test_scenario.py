"""Scenarios: the same seed tells the same story, and every promise of the demo is in it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.simulator.line import Effect, Line
from ronda.simulator.neighbourhood import build
from ronda.simulator.network import CANARIES, GATEWAY
from ronda.simulator.people import People, people_of
from ronda.simulator.scenario import SCENARIOS, Story

PEOPLE = people_of(build())


def told(story: Story, until: float = 2_400) -> list[tuple[float, str]]:
    return [(round(h.since, 3), h.text) for h in story.happenings(0, until)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_seed_tells_the_same_story(name):
    assert told(Story(name, PEOPLE, 5)) == told(Story(name, people_of(build()), 5))
    lines = [Story(name, PEOPLE, 5).line(PEOPLE.subscribers[7].index, 61) for _ in range(2)]
    assert lines[0] == lines[1]


def test_another_seed_and_another_lap_have_other_victims():
    story = Story("odp-cut", PEOPLE)
    victims = [tuple(one.index for one in story.silent(at)) for at in (60, 360, 660)]
    assert len({*victims, tuple(one.index for one in Story("odp-cut", PEOPLE, 2).silent(60))}) == 4


def test_people_are_the_boxes_that_have_an_address():
    assert len(PEOPLE.subscribers) == 385 + 96 - 1
    assert sum(len(members) for members in PEOPLE.by_odp.values()) == 480


def test_the_evening_shows_something_within_two_minutes_and_everything_within_a_lap():
    story = Story("evening", PEOPLE)
    kinds = [happening.kind for happening in story.happenings(0, 1_200) if happening.begins]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "fail": 8,
        "cut": 2,
        "flap": 3,
        "slow": 1,
        "power": 1,
        "blind": 1,
    }
    early = [happening.kind for happening in story.happenings(0, 60)]
    assert early == ["fail", "fail", "fail", "cut"]


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trouble_ends_with_its_lap_so_that_laps_can_follow_each_other(name, seed):
    story = Story(name, PEOPLE, seed)
    lap = story.scenario.lap
    for number in range(3):
        episodes = story.episodes(number * lap) + story.episodes((number + 1) * lap - 1)
        assert episodes == []
    begins = [h.begins for h in story.happenings(0, 3 * lap)]
    assert begins.count(True) == begins.count(False)


def test_happenings_are_told_once_each_across_the_seam_of_laps():
    story = Story("evening", PEOPLE)
    whole = story.happenings(0, 3_000)
    steps = [h for at in range(0, 3_000, 7) for h in story.happenings(at, min(3_000, at + 7))]
    assert steps == whole
    assert [h.since for h in whole] == sorted(h.since for h in whole)


def test_an_odp_is_cut_and_spliced_as_one():
    story = Story("odp-cut", PEOPLE)
    (episode,) = story.episodes(31)
    odp = episode.begins.split()[0]
    assert story.silent(29.9) == story.silent(180) == []
    assert story.silent(30) == story.silent(179.9) == list(PEOPLE.by_odp[odp])


def test_power_leaves_a_disc_at_once_and_returns_house_by_house():
    story = Story("power", PEOPLE)
    assert len(story.silent(31)) == len(story.silent(149)) == 72
    returning = [len(story.silent(at)) for at in (150, 170, 190, 210, 240)]
    assert returning == sorted(returning, reverse=True)
    assert (returning[0], len(set(returning)), returning[-1]) == (72, 5, 0)


def test_blindness_takes_the_canaries_and_a_storm_does_not():
    blind, storm = Story("blind", PEOPLE), Story("storm", PEOPLE)
    assert all(blind.line(index, 60).dead for index in CANARIES)
    assert len(blind.silent(60)) == len(storm.silent(60)) == 480
    assert not any(storm.line(index, 60).dead for index in CANARIES)


def test_a_flapping_ont_changes_many_times_in_ten_minutes():
    story = Story("flap", PEOPLE)
    index = story.silent(21)[0].index
    states = [story.line(index, at).dead for at in range(600)]
    assert sum(a != b for a, b in pairwise(states)) >= 8


def test_a_slow_pon_answers_late_and_loses_some():
    story = Story("evening", PEOPLE)
    (slow,) = [episode for episode in story.episodes(200) if episode.kind == "slow"]
    index = next(iter(slow.spans))
    before, during = story.line(index, 160), story.line(index, 200)
    assert during.delay_ms == pytest.approx(14 * before.delay_ms)
    assert 0.04 < during.loss < 0.05


def test_nobody_answers_where_nobody_lives_and_the_gateway_always_does():
    story = Story("quiet", PEOPLE)
    assert story.line(60_000, 5).dead
    assert not story.line(GATEWAY, 5).dead
    assert story.silent(5) == []


def test_a_story_needs_a_known_name_and_somebody_to_happen_to():
    with pytest.raises(ValueError, match="no scenario 'flood'; there are quiet, evening"):
        Story("flood", PEOPLE)
    with pytest.raises(ValueError, match="at least one ONT"):
        Story("quiet", People(()))


@pytest.mark.parametrize("count", [1, 3, 20])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_handful_of_onts_is_enough_for_every_scenario(name, count):
    story = Story(name, people_of(build(onts=count, town_onts=0)))
    assert story.happenings(0, 1_300) is not None


@given(
    st.builds(
        Effect,
        dead=st.booleans(),
        slower=st.floats(0, 100),
        jitter_ms=st.floats(0, 100),
        loss=st.floats(0, 1),
    ),
    st.floats(0, 1),
)
def test_an_effect_never_makes_a_line_better(effect, loss):
    line = effect.on(Line(5.0, 1.0, loss))
    assert max(loss, effect.loss) - 1e-9 <= line.loss <= 1
    assert line.jitter_ms >= 1.0
    assert line.dead is effect.dead
