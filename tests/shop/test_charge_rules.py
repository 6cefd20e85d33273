"""When gateways are asked, and when not any more."""

from datetime import UTC, datetime, timedelta

import pytest

from ronda.shop.rules.charges import next_look, next_try

MADE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
EXPIRES = MADE + timedelta(hours=2)


@pytest.mark.parametrize(
    ("after", "pause"),
    [
        (timedelta(0), timedelta(seconds=20)),
        (timedelta(minutes=4), timedelta(minutes=1)),
        (timedelta(hours=1), timedelta(minutes=10)),
        # The look after it ran out comes right after, not ten minutes later.
        (timedelta(minutes=115), timedelta(minutes=5, seconds=20)),
        (timedelta(hours=2), timedelta(hours=1)),
        (timedelta(hours=25), timedelta(hours=1)),
    ],
)
def test_looks_grow_rarer(after: timedelta, pause: timedelta):
    assert next_look(MADE, EXPIRES, MADE + after) == MADE + after + pause


def test_a_day_after_it_ran_out_nobody_looks_any_more():
    assert next_look(MADE, EXPIRES, EXPIRES + timedelta(hours=24)) is None


def test_a_charge_is_tried_four_times():
    pauses = [next_try(tries, MADE) for tries in (1, 2, 3, 4)]

    assert pauses == [
        MADE + timedelta(seconds=2),
        MADE + timedelta(seconds=6),
        MADE + timedelta(seconds=18),
        None,
    ]
