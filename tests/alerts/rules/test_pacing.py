"""How fast something may be sent: never more than agreed in any stretch of time, and never less than fair."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ronda.alerts.rules.pacing import free_at, used

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def sent(gaps: list[float], count: int, burst: int) -> list[datetime]:
    """When what was wanted after these gaps (seconds) really went out."""
    now, until, out = NOON, None, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        now = max(now, free_at(until, count, MINUTE, burst, now))
        until = used(until, count, MINUTE, now)
        out.append(now)
    return out


@given(st.lists(st.floats(0, 90), max_size=80), st.integers(1, 30), st.integers(1, 10))
def test_no_minute_holds_more_than_burst_and_rate(
    gaps: list[float], count: int, burst: int
) -> None:
    out = sent(gaps, count, burst)
    for start in out:
        inside = [one for one in out if start <= one < start + MINUTE]
        assert len(inside) <= burst + count


def test_a_burst_goes_at_once_and_the_rest_evenly() -> None:
    out = sent([0] * 5, 6, 3)
    assert [(one - NOON).total_seconds() for one in out] == [0, 0, 0, 10, 20]


def test_who_waited_may_burst_again() -> None:
    out = sent([0, 0, 0, 600, 0, 0], 6, 3)
    assert [(one - NOON).total_seconds() for one in out[3:]] == [600, 600, 600]


def test_several_at_once_use_as_much_as_one_by_one() -> None:
    assert used(None, 6, MINUTE, NOON, many=3) == NOON + timedelta(seconds=30)
