"""Uptime arithmetic: exact against counting every second, whatever the history looks like."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.monitoring.events import moment
from ronda.monitoring.rules.intervals import Span, Uptime, clip, subtract, uptime
from tests.rounds import ROUNDS

S = timedelta(seconds=1)
DAY = 120  # the imagined period is short, so that every second can be counted


def at(second: int) -> object:
    return moment(second)


def span(start: int, end: int | None) -> Span:
    return Span(moment(start), None if end is None else moment(end))


seconds = st.integers(-20, DAY + 20)
spans = st.lists(
    st.tuples(seconds, st.one_of(st.none(), st.integers(0, 60))).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
    ),
    max_size=4,
)


def contains(span: tuple[int, int | None], second: int, now: int) -> bool:
    start, end = span
    return start <= second < (now if end is None else end)


def counted(
    start: int,
    end: int | None,
    now: int,
    outages: list[tuple[int, int | None]],
    watched_from: int | None,
    unobserved: list[tuple[int, int | None]],
    excluded: list[tuple[int, int | None]],
) -> tuple[int, int, int, int]:
    """(total, down, unobserved, excluded) by asking each second what it was."""
    kinds = [0, 0, 0, 0]
    first = start if watched_from is None else max(start, watched_from)
    for second in range(first, now if end is None else min(end, now)):
        kinds[0] += 1
        if any(contains(span, second, now) for span in excluded):
            kinds[3] += 1
        elif any(contains(span, second, now) for span in unobserved):
            kinds[2] += 1
        elif any(contains(span, second, now) for span in outages):
            kinds[1] += 1
    return kinds[0], kinds[1], kinds[2], kinds[3]


def agree(
    end: int | None,
    now: int,
    outages: list[tuple[int, int | None]],
    watched_from: int | None,
    unobserved: list[tuple[int, int | None]],
    excluded: list[tuple[int, int | None]],
) -> None:
    result = uptime(
        span(0, end),
        moment(now),
        [span(*one) for one in outages],
        watched_from=None if watched_from is None else moment(watched_from),
        unobserved=[span(*one) for one in unobserved],
        excluded=[span(*one) for one in excluded],
    )
    total, down, unseen, out = counted(0, end, now, outages, watched_from, unobserved, excluded)
    assert (result.total, result.down, result.unobserved, result.excluded) == (
        total * S,
        down * S,
        unseen * S,
        out * S,
    )
    assert result.up + result.down + result.unobserved + result.excluded == result.total
    assert result.longest <= result.down
    assert (result.outages == 0) == (result.down == timedelta())
    observed = total - unseen - out
    if observed:
        assert result.uptime_percent == pytest.approx(100 * (observed - down) / observed)
    else:
        assert result.uptime_percent is None


history = (
    st.one_of(st.none(), st.just(DAY)),
    st.integers(0, DAY + 30),
    spans,
    st.one_of(st.none(), seconds),
    spans,
    spans,
)


@settings(deadline=None, max_examples=200)
@given(*history)
def test_uptime_equals_counting_every_second(end, now, outages, born, unseen, out) -> None:  # type: ignore[no-untyped-def]
    agree(end, now, outages, born, unseen, out)


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(deadline=None, max_examples=100 * ROUNDS)
@given(*history)
def test_uptime_equals_counting_every_second_in_thousands_of_histories(  # type: ignore[no-untyped-def]
    end, now, outages, born, unseen, out
) -> None:
    agree(end, now, outages, born, unseen, out)


def test_an_open_outage_counts_up_to_now() -> None:
    result = uptime(span(0, 100), moment(80), [span(60, None)])
    assert result == Uptime(80 * S, 20 * S, 0 * S, 0 * S, 1, 20 * S)
    assert result.uptime_percent == 75.0
    assert result.observed_percent == 100.0


def test_an_ont_created_within_the_period_is_not_charged_for_the_time_before() -> None:
    result = uptime(span(0, 100), moment(200), [span(50, 75)], watched_from=moment(50))
    assert (result.total, result.uptime_percent) == (50 * S, 50.0)


def test_unobserved_time_within_an_outage_is_not_downtime() -> None:
    result = uptime(span(0, 100), moment(200), [span(10, 60)], unobserved=[span(20, 50)])
    assert (result.down, result.longest, result.outages) == (20 * S, 20 * S, 1)
    assert result.uptime_percent == pytest.approx(100 * 50 / 70)
    assert result.observed_percent == 70.0


def test_an_outage_nobody_observed_is_none() -> None:
    result = uptime(span(0, 100), moment(200), [span(20, 40)], unobserved=[span(10, 50)])
    assert (result.outages, result.down, result.uptime_percent) == (0, 0 * S, 100.0)


def test_nothing_observed_gives_no_percentage() -> None:
    result = uptime(span(0, 100), moment(200), [], excluded=[span(-5, None)])
    assert (result.uptime_percent, result.observed_percent) == (None, None)
    assert uptime(span(50, 100), moment(20), []).total == 0 * S


def test_pieces_are_joined_clipped_and_cut() -> None:
    start, end = moment(0), moment(100)
    pieces = clip(
        [span(50, 70), span(-10, 10), span(60, 80), span(90, None), span(5, 5)], start, end
    )
    assert pieces == [
        (moment(0), moment(10)),
        (moment(50), moment(80)),
        (moment(90), moment(100)),
    ]
    holes = clip([span(5, 55), span(60, 65), span(70, 95)], start, end)
    assert subtract(pieces, holes) == [
        (moment(0), moment(5)),
        (moment(55), moment(60)),
        (moment(65), moment(70)),
        (moment(95), moment(100)),
    ]
