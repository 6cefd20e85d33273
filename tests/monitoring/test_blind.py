"""The poller's own blindness: cuts of its uplink are never anybody's outage, real cuts are."""

import random  # noqa: TID251 -- seeded simulation
from dataclasses import replace

import pytest

from ronda.monitoring.events import BlindBegan, BlindEnded, Probe, moment
from ronda.monitoring.rules.belief import Sight
from ronda.monitoring.rules.blind import Caution, Fleet, guarding, judge, unwatched
from tests.monitoring.village import Village, unobserved
from tests.rounds import ROUNDS

CANARIES = {-1: "lan", -2: "router", -3: "upstream"}
QUIET = Fleet(up=100, suspects=0, oldest_miss=None, interval=30.0)


def random_cuts(number: int, seed: int) -> None:
    """Uplink cuts of 5-600 s, one after the other, against one fleet."""
    draw = random.Random(seed)
    cuts, at = [], 300.0
    for _ in range(number):
        length = draw.uniform(5, 600)
        cuts.append((at, at + length))
        at += length + draw.uniform(150, 400)
    place = 0

    def answers(key: int, when: float) -> bool:
        nonlocal place
        while place < len(cuts) and cuts[place][1] + 100 <= when:
            place += 1
        return not any(start <= when < end for start, end in cuts[max(0, place - 1) : place + 1])

    village = Village(40, answers, CANARIES, lose=0.002, seed=seed).run(at)

    assert village.went_down == []
    assert all(watch.state == "up" for watch in village.watches.values())
    spans = unobserved(village)
    begun = [event for event in village.blind if isinstance(event, BlindBegan)]
    assert len(begun) == len(spans)
    long_cuts = [(start, end) for start, end in cuts if end - start > 20]
    assert len(spans) >= len(long_cuts)
    for start, end in long_cuts:
        # The whole cut is unobserved, and not much more than it takes to be sure again beside it.
        assert any(s <= start and end <= e and e - end < 75 and start - s < 11 for s, e in spans)


def test_random_uplink_cuts_are_nobodys_outage_and_cost_no_uptime() -> None:
    random_cuts(25, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_random_uplink_cuts_are_nobodys_outage_and_cost_no_uptime() -> None:
    for seed in range(max(1, ROUNDS // 10)):
        random_cuts(100, seed)


def test_the_whole_fleet_down_with_canaries_answering_is_reported() -> None:
    village = Village(40, lambda key, at: key < 0 or not 100 <= at < 300, CANARIES).run(600)
    assert len(village.went_down) == 40
    assert all(100 <= event.since.timestamp() < 131 for event in village.went_down)
    assert len(village.came_back) == 40
    assert village.blind == []


def test_without_canaries_a_cut_of_everything_is_our_own_blindness() -> None:
    village = Village(40, lambda key, at: not 100 <= at < 300).run(600)
    assert village.went_down == []
    ((start, end),) = unobserved(village)
    assert 100 <= start < 102
    assert 300 < end < 395


def test_without_canaries_a_cut_of_most_is_reported_after_one_whole_interval() -> None:
    village = Village(40, lambda key, at: key >= 32 or not 100 <= at < 300).run(600)
    assert {event.ont for event in village.went_down} == set(range(32))
    assert village.blind == []


@pytest.mark.parametrize("onts", [4, 7, 12])
def test_a_small_fleet_without_canaries_is_not_called_down_by_a_cut(onts: int) -> None:
    village = Village(onts, lambda key, at: not 100 <= at < 200).run(500)
    assert village.went_down == []
    assert len(unobserved(village)) == 1


def test_what_really_failed_during_the_blindness_is_found_after_it() -> None:
    def answers(key: int, at: float) -> bool:
        return not 100 <= at < 200 and not (key == 5 and at >= 150)

    village = Village(40, answers, CANARIES).run(600)
    (down,) = village.went_down
    ((_, end),) = unobserved(village)
    assert down.ont == 5
    assert down.since.timestamp() >= end - 31


def test_dead_canaries_do_not_blind_us_while_the_fleet_answers() -> None:
    def answers(key: int, at: float) -> bool:
        return at < 100 if key < 0 else not (key == 5 and at >= 200)

    village = Village(40, answers, CANARIES).run(600)
    assert village.blind == []
    assert village.guard.distrusted
    assert [event.ont for event in village.went_down] == [5]


def test_distrusted_canaries_are_believed_again_once_one_answers() -> None:
    def answers(key: int, at: float) -> bool:
        return not 100 <= at < 200 and not 300 <= at < 400 if key < 0 else not 300 <= at < 400

    village = Village(40, answers, CANARIES).run(600)
    assert village.went_down == []
    assert len(unobserved(village)) == 1


def test_half_the_domains_and_the_whole_fleet_silent_is_blindness() -> None:
    village = Village(40, lambda key, at: key == -1 or not 100 <= at < 300, CANARIES).run(600)
    assert village.went_down == []
    ((start, end),) = unobserved(village)
    assert 94 <= start <= 100
    assert 300 < end < 370


def test_domains_long_silent_have_nothing_to_do_with_a_real_cut() -> None:
    def answers(key: int, at: float) -> bool:
        if key in (-2, -3):
            return at < 60
        return key == -1 or not 300 <= at < 500

    village = Village(40, answers, CANARIES).run(700)
    assert len(village.went_down) == 40
    assert village.blind == []


def test_a_canary_in_a_domain_with_another_that_answers_is_not_missed() -> None:
    canaries = {-1: "lan", -2: "lan"}
    village = Village(4, lambda key, at: key != -1 or at < 60, canaries).run(400)
    assert village.blind == []
    assert village.guard.sight is Sight.CLEAR


def test_a_tiny_fleet_needs_three_rounds_of_silence_of_its_only_canary() -> None:
    guard = guarding({-1: "lan"}).heard(Probe(1.0, 500, 0, False), -1)
    fleet = Fleet(up=2, suspects=0, oldest_miss=None, interval=30.0)
    seen = []
    for at in (6.0, 11.0, 16.0):
        guard, events = judge(guard.heard(Probe(at, None, 1, False), -1), at + 1, fleet)
        seen.append((guard.sight, len(events)))
    assert seen == [(Sight.DOUBTFUL, 0), (Sight.DOUBTFUL, 0), (Sight.BLIND, 1)]
    assert guard.unobserved_from == 1.0


def test_a_tiny_fleet_that_answered_a_whole_sweep_outweighs_its_canary() -> None:
    guard = guarding({-1: "lan"}).heard(Probe(1.0, 500, 0, False), -1)
    guard = guard.heard(Probe(6.0, None, 1, False), -1).swept(7.0, 37.0, up=2, answered=2)
    guard, events = judge(guard, 38.0, Fleet(2, 0, None, 30.0))
    assert (guard.distrusted, guard.sight, events) == (True, Sight.CLEAR, ())


def test_readings_of_other_keys_and_old_ones_change_nothing() -> None:
    guard = guarding({-1: "lan"}).heard(Probe(9.0, 500, 0, False), -1)
    assert guard.heard(Probe(10.0, None, 1, False), -9) is guard
    assert guard.heard(Probe(8.0, None, 1, False), -1) is guard


def blind_guard() -> object:
    guard = guarding(CANARIES)
    for key in CANARIES:
        guard = guard.heard(Probe(1.0, 500, 0, False), key)
        guard = guard.heard(Probe(6.0, None, 1, False), key)
        guard = guard.heard(Probe(11.0, None, 1, False), key)
    return judge(guard, 12.0, Fleet(up=100, suspects=30, oldest_miss=2.0, interval=30.0)).guard


def test_sight_that_returns_and_goes_again_is_one_blindness() -> None:
    guard = blind_guard()
    for key in CANARIES:
        guard = guard.heard(Probe(16.0, 500, 0, False), key)
    guard, _ = judge(guard, 16.1, QUIET)
    assert guard.returned == 16.0
    for key in CANARIES:
        guard = guard.heard(Probe(21.0, None, 1, False), key)
    guard, _ = judge(guard, 22.0, QUIET)
    assert guard.returned is None
    guard = guard.swept(12.0, 43.0, up=100, answered=0)
    assert judge(guard, 43.0, QUIET) == (guard, ())


def test_a_fleet_still_missing_when_all_canaries_answer_is_really_missing() -> None:
    guard = blind_guard()
    for key in CANARIES:
        guard = guard.heard(Probe(16.0, 500, 0, False), key)
    guard = judge(guard, 16.1, QUIET).guard.swept(20.0, 51.0, up=100, answered=0)
    guard, events = judge(guard, 51.0, QUIET)
    assert events == (
        BlindEnded(at=moment(51.0), unobserved_from=moment(1.0), unobserved_until=moment(51.0)),
    )
    assert guard.sight is Sight.CLEAR


def test_a_fleet_still_missing_while_a_canary_is_silent_confirms_nothing() -> None:
    guard = blind_guard()
    for key in (-1, -2):
        guard = guard.heard(Probe(16.0, 500, 0, False), key)
    guard = judge(guard, 16.1, QUIET).guard.swept(20.0, 51.0, up=100, answered=0)
    assert judge(guard, 51.0, QUIET) == (guard, ())
    early = replace(guard, returned=60.0).swept(50.0, 81.0, up=100, answered=100)
    assert early.confirmed is None


def test_a_fleet_that_answers_ends_the_blindness_though_canaries_stay_silent() -> None:
    guard = blind_guard().swept(20.0, 51.0, up=100, answered=90)
    assert (guard.returned, guard.returned_by) == (51.0, "fleet")
    assert judge(guard, 52.0, QUIET).guard is guard
    guard, events = judge(guard.swept(52.0, 83.0, up=100, answered=99), 83.0, QUIET)
    assert len(events) == 1
    assert guard.sight is Sight.CLEAR


def test_a_sweep_of_nobody_says_nothing() -> None:
    guard = blind_guard()
    assert guard.swept(20.0, 51.0, up=0, answered=0).returned is None


def test_noise_and_young_suspicions_say_nothing_about_sight() -> None:
    guard = guarding({}, Caution())
    for fleet in (
        Fleet(up=100, suspects=2, oldest_miss=10.0, interval=30.0),
        Fleet(up=100, suspects=50, oldest_miss=95.0, interval=30.0),
        Fleet(up=100, suspects=5, oldest_miss=70.0, interval=30.0),
    ):
        assert judge(guard, 100.0, fleet).guard.sight is Sight.CLEAR


def test_time_in_which_no_poller_ran_is_unobserved() -> None:
    assert unwatched(100.0, 125.0) is None
    assert unwatched(100.0, 500.0) == (100.0, 500.0)
