"""Many changes become few notices, and each ONT is told of once."""

from hypothesis import given
from hypothesis import strategies as st

from ronda.alerts.rules.onts import Kind, News, Step, tell

T = "2026-11-21T12:00:{:02}+00:00".format


def step(ont: int, before: str, after: str, second: int = 0, **more: object) -> Step:
    fields = {"reason": "confirmed-silent" if after == "down" else "two-replies", "flapping": False}
    return Step(ont=ont, before=before, after=after, since=T(second), **{**fields, **more})


def test_a_thousand_onts_lost_in_one_sweep_are_one_piece_of_news():
    told = tell([step(ont, "suspect", "down", ont % 30) for ont in range(1000)])

    assert list(told) == [Kind.DOWN]
    assert len(told[Kind.DOWN]) == 1000
    assert told[Kind.DOWN][0] == News(0, Kind.DOWN, T(0))


def test_an_ont_that_came_back_within_the_hold_was_down_for_a_moment():
    told = tell([step(1, "suspect", "down", 1), step(1, "down", "up", 9)])

    assert told == {Kind.BRIEF: [News(1, Kind.BRIEF, T(1))]}


def test_an_ont_that_came_back_and_fell_again_is_no_news():
    assert tell([step(1, "down", "up", 1), step(1, "suspect", "down", 9)]) == {}


def test_a_suspicion_that_was_wrong_is_no_news():
    steps = [step(1, "up", "suspect"), step(1, "suspect", "up", reason="answered-again")]

    assert tell(steps) == {}


def test_flapping_is_one_piece_of_news_in_and_one_out():
    begin = step(1, "up", "up", 3, reason="started-flapping", flapping=True)
    middle = [
        step(1, "suspect", "down", 10, flapping=True),
        step(1, "down", "up", 20, flapping=True),
    ]
    end = step(1, "up", "up", 40, reason="settled-down")

    assert list(tell([step(1, "suspect", "down"), begin])) == [Kind.FLAPPING]
    assert tell(middle) == {}
    assert list(tell([end])) == [Kind.SETTLED]


def test_what_changed_while_nobody_watched_is_told_apart():
    told = tell([step(1, "up", "down", reason="found-after-restart")])

    assert told == {Kind.AWAY: [News(1, Kind.AWAY, T(0))]}


def test_an_ont_that_never_answered_is_not_called_an_outage_of_today():
    assert list(tell([step(1, "unknown", "down", reason="never-answered")])) == [Kind.NEVER]


changes = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["up", "suspect", "down", "unknown", "paused"])),
    max_size=30,
)


@given(changes)
def test_whatever_happens_an_ont_is_told_of_at_most_once_and_in_its_last_state(moves: list):
    state = dict.fromkeys(range(1, 6), "up")
    steps = []
    for second, (ont, after) in enumerate(moves):
        steps.append(step(ont, state[ont], after, second))
        state[ont] = after

    told = tell(steps)

    onts = [news.ont for group in told.values() for news in group]
    assert len(onts) == len(set(onts))
    assert all(state[news.ont] == "down" for news in told.get(Kind.DOWN, []))
    assert all(state[news.ont] != "down" for news in told.get(Kind.UP, []))
