"""Which automatic backups stay."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ronda.storage.retention import kept

START = datetime(2026, 11, 1, tzinfo=UTC)
moments = st.lists(st.integers(0, 60 * 24 * 60).map(lambda m: START + timedelta(minutes=m)))


@given(moments, st.integers(-1, 30))
def test_the_newest_stays_and_never_more_than_asked_for(taken, keep):
    stay = kept(taken, keep)
    assert stay <= set(taken)
    assert len(stay) == min(len(set(taken)), max(1, keep))
    if taken:
        assert max(taken) in stay


@given(moments)
def test_keeping_again_changes_nothing(taken):
    stay = kept(taken, 12)
    assert kept(stay, 12) == stay


def test_a_busy_day_leaves_earlier_days_one_each():
    busy = [START + timedelta(days=10, minutes=n) for n in range(100)]
    before = [START + timedelta(days=day, hours=hour) for day in range(10) for hour in (1, 5)]
    stay = kept(busy + before, 9)
    assert sorted(stay) == [
        *(START + timedelta(days=day, hours=5) for day in (7, 8, 9)),
        *busy[-6:],
    ]
