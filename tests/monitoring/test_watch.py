"""What is believed about one ONT: the transitions, one by one and as properties."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.monitoring.events import (
    Appeared,
    CameBack,
    Cleared,
    OntEvent,
    Paused,
    Probe,
    Reason,
    Resumed,
    Suspected,
    WentDown,
    from_dict,
    moment,
)
from ronda.monitoring.rules.belief import Folded, Sight, State, Watch, fresh, restored, shifted
from ronda.monitoring.rules.older import legacy_failures, legacy_status
from ronda.monitoring.rules.policy import Policy
from ronda.monitoring.rules.watch import EVIDENCE, pause, resume, roll_back, step

T = 1_790_000_000.0
REPLY, SILENT, UNREACHABLE, TTL_EXCEEDED, SEND_FAILED = range(5)


def reply(at: float, *, confirm: bool = False) -> Probe:
    return Probe(at, 6000, REPLY, confirm)


def miss(at: float, cause: int = SILENT, *, confirm: bool = True) -> Probe:
    return Probe(at, None, cause, confirm)


def up(since: float = T - 1000) -> Watch:
    return Watch(7, State.UP, since, last_at=since, last_ok=since)


def fold(
    watch: Watch, readings: Sequence[Probe], **how: object
) -> tuple[Watch, list[OntEvent], list[float | None]]:
    events: list[OntEvent] = []
    asked: list[float | None] = []
    for reading in readings:
        watch, new, again = step(watch, reading, **how)  # type: ignore[arg-type]
        events += new
        asked.append(again)
    return watch, events, asked


def test_the_first_answer_makes_an_unknown_ont_up() -> None:
    watch, events, again = step(fresh(7, T), reply(T + 3))
    assert (watch.state, watch.since, watch.last_ok) == (State.UP, T + 3, T + 3)
    assert events == (Appeared(ont=7, at=moment(T + 3)),)
    assert again is None


def test_four_missed_confirms_take_it_down_dated_from_the_first_miss() -> None:
    times = [T, T + 1, T + 3, T + 10, T + 25]
    watch, events, asked = fold(up(), [miss(at) for at in times])
    assert asked == [T + 1, T + 3, T + 10, T + 25, None]
    assert (watch.state, watch.since, watch.misses) == (State.DOWN, T, 5)
    assert events == [
        Suspected(ont=7, at=moment(T), last_ok=moment(T - 1000)),
        WentDown(
            ont=7,
            at=moment(T + 25),
            since=moment(T),
            last_ok=moment(T - 1000),
            reason=Reason.CONFIRMED_SILENT,
            cause=SILENT,
            probes=tuple(miss(at) for at in times),
        ),
    ]


def test_one_answer_clears_a_suspicion() -> None:
    watch, events, _ = fold(up(), [miss(T), miss(T + 1), reply(T + 3, confirm=True)])
    assert watch == replace(up(), last_at=T + 3, last_ok=T + 3)
    assert events[1:] == [Cleared(ont=7, at=moment(T + 3), since=moment(T), misses=2)]


def test_two_replies_five_seconds_apart_end_the_outage_at_the_first() -> None:
    down = fold(up(), [miss(T + t) for t in (0, 1, 3, 10, 25)])[0]
    watch, events, asked = fold(down, [reply(T + 90), reply(T + 92), reply(T + 95)])
    assert asked == [T + 95, None, None]
    assert (watch.state, watch.since, watch.last_ok) == (State.UP, T + 90, T + 95)
    assert events == [
        CameBack(
            ont=7,
            at=moment(T + 95),
            since=moment(T),
            until=moment(T + 90),
            reason=Reason.TWO_REPLIES,
            probes=(reply(T + 90), reply(T + 92), reply(T + 95)),
        )
    ]


def down() -> Watch:
    return fold(up(), [miss(T + t) for t in (0, 1, 3, 10, 25)])[0]


def test_a_probe_in_the_hope_that_is_missed_leaves_it_down() -> None:
    hoping = fold(down(), [reply(T + 90)])[0]
    watch, events, asked = fold(hoping, [miss(T + 95)])
    assert (watch.state, watch.answered, watch.probes) == (State.DOWN, None, down().probes)
    assert (events, asked) == ([], [None])


def test_a_second_reply_that_came_too_early_is_asked_again() -> None:
    hoping = fold(down(), [reply(T + 90)])[0]
    early = step(hoping, reply(T + 94.8, confirm=True))
    assert (early.watch.state, early.again) == (State.DOWN, T + 95)
    assert step(early.watch, reply(T + 95, confirm=True)).watch.state is State.UP


def test_an_ont_that_never_answered_goes_from_unknown_to_down() -> None:
    watch, events, _ = fold(fresh(7, T), [miss(T + 5 + t) for t in (0, 1, 3, 10)])
    assert (watch.state, watch.suspecting, events) == (State.UNKNOWN, True, [])
    watch, events, _ = fold(watch, [miss(T + 30)])
    (event,) = events
    assert isinstance(event, WentDown)
    assert (watch.state, event.since, event.last_ok) == (State.DOWN, moment(T + 5), None)
    assert (event.reason, event.silent) == (Reason.NEVER_ANSWERED, False)


def test_an_unknown_ont_that_answers_a_confirm_probe_just_appears() -> None:
    _, events, _ = fold(fresh(7, T), [miss(T + 5), reply(T + 6)])
    assert events == [Appeared(ont=7, at=moment(T + 6))]


def test_an_icmp_unreachable_is_a_miss_with_a_cause() -> None:
    causes = (UNREACHABLE, UNREACHABLE, SILENT, UNREACHABLE, TTL_EXCEEDED)
    readings = [miss(T + t, c) for t, c in zip((0, 1, 3, 10, 25), causes, strict=True)]
    event = fold(up(), readings)[1][-1]
    assert isinstance(event, WentDown)
    assert (event.cause, event.reason) == (UNREACHABLE, Reason.CONFIRMED_UNREACHABLE)


def test_a_probe_that_was_never_sent_proves_nothing_and_is_asked_again() -> None:
    assert step(up(), miss(T, SEND_FAILED)) == Folded(up())
    suspect = fold(up(), [miss(T)])[0]
    watch, events, again = step(suspect, miss(T + 1, SEND_FAILED))
    assert (watch.misses, events, again) == (1, (), T + 6)
    assert step(watch, miss(T + 2, SEND_FAILED)) == Folded(watch)  # one is asked for already
    hoping = fold(down(), [reply(T + 90)])[0]
    assert step(hoping, miss(T + 95, SEND_FAILED)).again == T + 100


def test_an_uncertain_round_never_takes_anything_down() -> None:
    watch, events, asked = fold(up(), [miss(T + t) for t in range(0, 90, 5)], certain=False)
    assert (watch, events, set(asked)) == (up(), [], {None})


def test_doubtful_sight_delays_the_verdict_and_keeps_its_date() -> None:
    watch, events, asked = fold(
        up(), [miss(T + t) for t in (0, 1, 3, 10, 25, 30)], sight=Sight.DOUBTFUL
    )
    assert (watch.state, len(events), asked[-2:]) == (State.SUSPECT, 1, [T + 30, T + 35])
    watch, (event,), _ = step(watch, miss(T + 35))
    assert isinstance(event, WentDown)
    assert (event.since, watch.misses) == (moment(T), 7)


def test_blind_eyes_change_nothing() -> None:
    for watch in (fresh(7, T), up(), fold(up(), [miss(T)])[0], down()):
        for reading in (reply(T + 99), miss(T + 99)):
            assert step(watch, reading, sight=Sight.BLIND) == Folded(watch)


def test_a_sweep_probe_between_confirm_probes_counts_but_asks_for_nothing() -> None:
    watch, _, asked = fold(up(), [miss(T), miss(T + 1), miss(T + 2, confirm=False)])
    assert (watch.misses, asked) == (3, [T + 1, T + 3, None])
    # Five misses were reached early, but the last confirm time was not.
    watch, events, asked = fold(watch, [miss(T + 3), miss(T + 10)])
    assert (watch.state, len(events), asked) == (State.SUSPECT, 0, [T + 25, None])


def test_late_confirm_probes_are_asked_for_at_once() -> None:
    # Every miss is known only 3 s after its sending, so the second confirm is late already.
    _, _, asked = fold(up(), [miss(T), miss(T + 3), miss(T + 6)])
    assert asked == [T + 1, T + 3.5, T + 10]


def test_a_lossy_site_is_asked_more_often_a_quiet_one_sooner() -> None:
    policy = Policy()
    assert policy.confirms(None) == policy.confirms(0.001) == (1, 3, 10, 25)
    assert policy.confirms(0.0) == policy.confirms(0.00003) == (1, 3, 7, 14)
    assert policy.confirms(0.01) == (1, 3, 10, 25, 35)
    assert policy.confirms(0.05) == (1, 3, 10, 25, 35, 40, 45, 50)
    assert len(policy.confirms(1.0)) == len(policy.confirms(0.6)) == policy.most_misses - 1
    watch = fold(up(), [miss(T + t) for t in (0, 1, 3, 7, 14)], loss=0.0)[0]
    assert watch.state is State.DOWN
    assert fold(up(), [miss(T + t) for t in (0, 1, 3, 10, 25)], loss=0.01)[0].suspecting


@pytest.mark.parametrize("times", [(), (0.0, 1.0), (3.0, 1.0), (1.0, 1.0)])
def test_a_policy_that_cannot_work_is_refused(times: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="positive and rising"):
        Policy(confirm_after=times)
    with pytest.raises(ValueError, match="most_misses"):
        Policy(most_misses=4)


def test_the_later_of_two_last_replies_is_the_one_shown() -> None:
    watch, (event,), _ = step(up(), miss(T), last_ok=T - 30)
    assert isinstance(event, Suspected)
    assert (watch.last_ok, event.last_ok) == (T - 30, moment(T - 30))
    assert step(up(), miss(T), last_ok=T + 30).watch.last_ok == T - 1000


def test_after_a_restart_up_is_confirmed_without_a_word() -> None:
    watch = restored(7, State.UP, T - 500, last_ok=T - 60)
    assert not watch.steady
    confirmed, events, _ = step(watch, reply(T))
    assert (confirmed.state, confirmed.since, confirmed.steady) == (State.UP, T - 500, True)
    assert events == ()


def test_after_a_restart_down_stays_down_without_a_word() -> None:
    watch = restored(7, State.DOWN, T - 500, last_ok=T - 560, misses=5)
    still, events, again = step(watch, miss(T))
    assert (still.state, still.since, events, again) == (State.DOWN, T - 500, (), None)
    assert step(still, miss(T + 30)) == Folded(still)


def test_what_the_first_look_after_a_restart_finds_is_on_record_but_no_news() -> None:
    _, events, _ = fold(
        restored(7, State.UP, T - 500, last_ok=T - 60), [miss(T + t) for t in (0, 1, 3, 10, 25)]
    )
    went = events[-1]
    assert isinstance(went, WentDown)
    assert (went.reason, went.silent, went.since) == (
        Reason.FOUND_AFTER_RESTART,
        True,
        moment(T),
    )
    _, (back,), _ = fold(restored(7, State.DOWN, T - 500), [reply(T), reply(T + 5)])
    assert isinstance(back, CameBack)
    assert (back.reason, back.silent) == (Reason.FOUND_AFTER_RESTART, True)
    assert (back.since, back.until) == (moment(T - 500), moment(T))


def test_a_suspicion_does_not_survive_a_restart() -> None:
    assert restored(7, State.SUSPECT, T - 500, last_ok=T, misses=3) == restored(
        7, State.UP, T - 500, last_ok=T
    )
    assert restored(7, State.UNKNOWN, T) == fresh(7, T)
    assert restored(7, State.PAUSED, T).provisional is False


def test_rolling_back_drops_suspicions_and_nothing_else() -> None:
    suspect = fold(up(), [miss(T), miss(T + 1)])[0]
    watch, events, _ = roll_back(suspect, T + 8)
    assert watch == replace(up(), last_at=T + 8)
    assert events == (
        Cleared(
            ont=7,
            at=moment(T + 8),
            since=moment(T),
            misses=2,
            reason=Reason.POLLER_WAS_BLIND,
        ),
    )
    unknown = fold(fresh(7, T), [miss(T + 1)])[0]
    assert roll_back(unknown, T + 8) == Folded(replace(fresh(7, T), last_at=T + 8))
    for other in (up(), down(), fresh(7, T)):
        assert roll_back(other, T + 99) == Folded(other)


def test_a_person_pauses_and_resumes() -> None:
    watch, events, _ = pause(down(), T + 60)
    assert events == (Paused(ont=7, at=moment(T + 60), since=moment(T)),)
    assert (watch.state, watch.since) == (State.PAUSED, T + 60)
    assert pause(watch, T + 70) == Folded(watch)
    assert step(watch, miss(T + 80)) == Folded(watch)
    watch, events, _ = resume(watch, T + 90)
    assert events == (Resumed(ont=7, at=moment(T + 90)),)
    assert (watch.state, watch.since) == (State.UNKNOWN, T + 90)
    assert resume(watch, T + 99) == Folded(watch)
    assert pause(up(), T).events == (Paused(ont=7, at=moment(T), since=None),)


def test_a_clock_jump_moves_what_this_process_stamped() -> None:
    hoping = fold(down(), [reply(T + 90)])[0]
    moved = shifted(hoping, 3600.0, since=T - 10)
    assert (moved.since, moved.first_miss, moved.answered) == (T + 3600, T + 3600, T + 3690)
    assert (moved.due, moved.last_at, moved.last_ok) == (T + 3695, T + 3690, T - 1000)
    assert moved.probes[0].at == T + 3600
    assert shifted(fresh(7, T), -5.0, since=T).since == T - 5


def test_no_outage_ends_before_it_began_though_the_clock_was_set_back() -> None:
    watch = shifted(down(), -3600.0, since=T + 20)  # only what came after T + 20 moves
    _, events, _ = fold(watch, [reply(T - 3000), reply(T - 2990)])
    (back,) = events
    assert isinstance(back, CameBack)
    assert back.since == back.until == moment(T)


def test_the_evidence_keeps_the_first_probe_and_the_latest() -> None:
    readings = [miss(T + 5 * n) for n in range(20)]
    watch = fold(up(), readings, sight=Sight.DOUBTFUL)[0]
    assert len(watch.probes) == EVIDENCE
    assert (watch.probes[0], watch.probes[-1]) == (readings[0], readings[-1])


@pytest.mark.parametrize(
    ("state", "failures", "word"),
    [
        (State.UP, 0, "ON"),
        (State.SUSPECT, 1, "OFF(Waiting Connection)"),
        (State.SUSPECT, 2, "OFF(RTO)"),
        (State.SUSPECT, 5, "OFF(RTO)"),
        (State.SUSPECT, 6, "OFF"),
        (State.DOWN, 5, "OFF"),
        (State.UNREACHABLE, 0, "OFF"),
        (State.UNKNOWN, 4, "UNKNOWN"),
        (State.MAINTENANCE, 0, "UNKNOWN"),
        (State.PAUSED, 0, "UNKNOWN"),
    ],
)
def test_the_older_api_gets_its_own_words(state: State, failures: int, word: str) -> None:
    assert legacy_status(state, failures) == word


def test_three_silent_probes_are_the_older_systems_first_failure() -> None:
    assert [legacy_failures(misses) for misses in range(7)] == [0, 0, 0, 1, 2, 3, 4]


@settings(deadline=None)
@given(st.floats(T, T + 1e6), st.booleans(), st.sampled_from(list(Sight)), st.booleans())
def test_a_reply_changes_nothing_about_a_settled_up_and_a_miss_nothing_about_a_settled_down(
    at: float, confirm: bool, sight: Sight, certain: bool
) -> None:
    settled_up = up()
    folded = step(settled_up, reply(at, confirm=confirm), sight=sight, certain=certain)
    assert folded.watch is settled_up
    assert (folded.events, folded.again) == ((), None)
    settled_down = down()
    folded = step(settled_down, miss(at, confirm=confirm), sight=sight, certain=certain)
    assert folded.watch is settled_down
    assert (folded.events, folded.again) == ((), None)


readings_of_life = st.lists(
    st.tuples(
        st.sampled_from([0.2, 1.0, 2.0, 5.0, 7.0, 15.0, 30.0, 4000.0]),
        st.sampled_from([REPLY, REPLY, SILENT, SILENT, SILENT, UNREACHABLE, SEND_FAILED]),
        st.sampled_from([Sight.CLEAR, Sight.CLEAR, Sight.CLEAR, Sight.DOUBTFUL, Sight.BLIND]),
        st.sampled_from([None, 0.0, 0.02]),
    ),
    max_size=120,
)


@settings(deadline=None)
@given(readings_of_life, st.sampled_from(["fresh", "up", "down"]))
def test_outages_alternate_never_overlap_and_begin_at_a_first_missed_probe(
    life: list[tuple[float, int, Sight, float | None]], begin: str
) -> None:
    watch = fresh(7, T) if begin == "fresh" else restored(7, State(begin), T - 100, last_ok=T - 160)
    at, seen, is_down, last_end = T, [], begin == "down", T - 200.0
    for wait, cause, sight, loss in life:
        at += wait
        reading = reply(at) if cause == REPLY else miss(at, cause)
        seen.append(reading)
        watch, events, again = step(watch, reading, loss=loss, sight=sight)
        if sight is Sight.BLIND:
            assert (events, again) == ((), None)
        assert again is None or again > at
        for event in events:
            assert json.loads(json.dumps(event.to_dict())) == event.to_dict()
            assert from_dict(json.loads(json.dumps(event.to_dict()))) == event
            if isinstance(event, WentDown):
                assert not is_down
                assert sight is Sight.CLEAR
                is_down = True
                since = event.since.timestamp()
                assert since >= last_end
                assert all(probe in seen and probe.rtt_us is None for probe in event.probes)
                assert event.probes[0].at == pytest.approx(since)
                # Nothing that we could see was answered between the first miss and the verdict.
                assert event.at.timestamp() - since >= 13.4
            elif isinstance(event, CameBack):
                assert is_down
                is_down = False
                last_end = event.until.timestamp()
                assert event.since <= event.until <= event.at
                assert (event.at - event.until).total_seconds() >= 5.0 - 1e-5
                assert all(probe.rtt_us for probe in event.probes)
        assert is_down == (watch.state is State.DOWN)
        assert (watch.first_miss is None) == (watch.state in (State.UP, State.PAUSED)) or (
            watch.state is State.UNKNOWN
        )
        older = reading._replace(at=watch.last_at)
        assert step(watch, older) == Folded(watch)
