"""Outages of long ago are put together by site and time."""

from datetime import timedelta

from ronda.alerts.rules.grouping import Loss, group
from tests.alerts.rules.test_deciding import NOON, minutes


def loss(at: float, until: float | None = None, *, site: int = 1, area: int | None = 1) -> Loss:
    return Loss(minutes(at), None if until is None else minutes(until), site, area, "general")


def test_outages_of_one_site_that_begin_together_are_one_trouble():
    found = group([loss(1, 9, area=2), loss(0, 5), loss(1, 3, site=2), loss(30, area=None)])

    assert [(one.opened_at, one.closed_at, one.size) for one in found] == [
        (NOON, minutes(9), 2),
        (minutes(1), minutes(3), 1),
        (minutes(30), None, 1),
    ]
    assert (found[0].sites, found[0].areas) == (frozenset({1}), frozenset({1, 2}))


def test_a_trouble_goes_on_until_the_last_of_its_onts_is_back():
    assert group([loss(0, 5), loss(1)])[0].closed_at is None
    assert group([loss(0), loss(4)])[1].opened_at == NOON + timedelta(minutes=4)
