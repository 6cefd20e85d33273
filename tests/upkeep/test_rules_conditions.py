"""When something about a router is a trouble, and when it is over."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ronda.upkeep.rules.conditions import (
    DISK,
    SMALL_DISK,
    Condition,
    Limit,
    disk_limit,
    is_lost,
    step,
    used_share,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMIT = Limit(90, 70, 3)


def tell(values: list[float | None], limit: Limit = LIMIT) -> tuple[Condition, list[bool]]:
    condition, told = Condition(), []
    for number, value in enumerate(values):
        condition, news = step(condition, value, limit, NOW + number * MINUTE)
        if news:
            told.append(condition.on)
    return condition, told


def test_a_trouble_needs_bad_readings_in_a_row_and_is_dated_from_the_first():
    assert tell([95, 95, 10, 95, 95])[1] == []
    condition, told = tell([10, 95, 95, 95])
    assert (told, condition) == ([True], Condition(True, 3, NOW + MINUTE))


def test_a_value_at_the_limit_does_not_tell_again_and_again():
    assert tell([95, 95, 95, 89, 91, 89, 95, 71])[1] == [True]
    condition, told = tell([95, 95, 95, 69])
    assert (told, condition) == ([True, False], Condition(False, 0, NOW + 3 * MINUTE))


def test_what_is_not_known_changes_nothing():
    assert tell([95, None, 95, None, 95])[1] == [True]
    assert tell([None])[0] == Condition()


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=40))
def test_beginnings_and_ends_alternate(values):
    told = tell(values)[1]
    assert told == [number % 2 == 0 for number in range(len(told))]


def test_shares_of_nonsense_are_unknown():
    assert used_share(25, 100) == 75
    assert [used_share(*pair) for pair in ((None, 1), (1, None), (1, 0), (2, 1), (-1, 1))] == [
        None
    ] * 5


def test_a_small_flash_is_full_later():
    assert disk_limit(16 * 2**20) == SMALL_DISK
    assert disk_limit(128 * 2**20) == disk_limit(None) == DISK


def test_one_failed_attempt_or_a_short_absence_is_not_a_lost_router():
    assert not is_lost(NOW, 1, NOW + timedelta(hours=1))
    assert not is_lost(NOW, 5, NOW + timedelta(seconds=59))
    assert is_lost(NOW, 2, NOW + timedelta(seconds=60))
