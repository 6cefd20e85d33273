"""Which losses are one incident, and when what was suppressed is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.incidents.rules.gathering import Gathered, Lost, Open, Reach, Sizes, gather
from ronda.incidents.rules.suppressed import Suppressed, Verdict, judge

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SIZES = Sizes({(1, 10): 40, (1, 11): 40, (1, None): 20, (2, 20): 100})


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def lost(*onts: int, area: int | None = 10, site: int = 1, at: float = 0) -> list[Lost]:
    return [Lost(ont, site, area, after(at)) for ont in onts]


def being(number: int, reach: Reach = Reach.ONT, **values: object) -> Open:
    usual = Open(number, reach, 1, 10, after(0), after(0), 1)
    return replace(usual, **values)  # type: ignore[arg-type] # whatever a test changes


def test_one_is_alone_and_two_of_an_area_are_together():
    assert gather(lost(1), [], SIZES) == [Gathered(Reach.ONT, 1, 10, (1,))]
    assert gather(lost(1, 2), [], SIZES) == [Gathered(Reach.AREA, 1, 10, (1, 2))]


def test_two_of_a_large_area_are_chance():
    sizes = Sizes({(1, None): 10_000})

    assert [one.reach for one in gather(lost(1, 2, area=None), [], sizes)] == [Reach.ONT] * 2


def test_what_is_far_apart_in_time_is_not_together():
    found = gather(lost(1) + lost(2, at=121), [], SIZES)

    assert [one.onts for one in found] == [(1,), (2,)]


def test_a_chain_of_losses_ends_after_ten_minutes():
    many = [one for n in range(10) for one in lost(n, at=100 * n)]

    assert [one.onts for one in gather(many, [], SIZES)] == [tuple(range(7)), (7, 8, 9)]


def test_an_open_incident_of_the_place_grows():
    assert gather(lost(2, at=100), [being(5)], SIZES) == [Gathered(Reach.AREA, 1, 10, (2,), 5)]
    assert gather(lost(2, at=130), [being(5)], SIZES) == [Gathered(Reach.ONT, 1, 10, (2,))]
    assert gather(lost(2, area=11), [being(5)], SIZES) == [Gathered(Reach.ONT, 1, 11, (2,))]


def test_a_site_wide_incident_takes_in_whatever_is_lost_there():
    whole = being(5, Reach.SITE, area=None, out=50)

    assert gather(lost(1) + lost(2, area=11), [whole, being(6)], SIZES) == [
        Gathered(Reach.SITE, 1, None, (1, 2), 5, (6,))
    ]


def test_an_incident_of_everything_takes_in_every_site():
    everything = being(5, Reach.FLEET, site=None, area=None, out=100)

    assert gather(lost(1) + lost(90, area=20, site=2), [everything], SIZES) == [
        Gathered(Reach.FLEET, None, None, (1, 90), 5)
    ]


def test_an_ont_that_its_incident_knows_goes_there_again():
    known = being(5, last=after(-9000), first=after(-9000), onts=frozenset({1}))

    assert gather(lost(1, 2), [known, being(7, first=after(-9000), last=after(-9000))], SIZES) == [
        Gathered(Reach.ONT, 1, 10, (1,), 5),
        Gathered(Reach.ONT, 1, 10, (2,)),
    ]


def test_half_of_everything_in_two_sites_is_one():
    onts = lost(*range(40)) + lost(*range(100, 160), area=20, site=2)

    assert [one.reach for one in gather(onts, [], SIZES)] == [Reach.FLEET]
    assert [one.reach for one in gather(onts[:70], [], SIZES)] == [Reach.AREA] * 2


LOSSES = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from([10, 11, None]), st.integers(0, 2000)),
    unique_by=lambda one: one[0],
)


@settings(max_examples=25)
@given(LOSSES, st.lists(st.tuples(st.sampled_from(Reach), st.integers(0, 2000)), max_size=4))
def test_every_loss_is_in_exactly_one_incident_and_none_is_absorbed_twice(losses, incidents):
    rows = [Lost(ont, 1, area, after(at)) for ont, area, at in losses]
    present = [
        being(number, reach, first=after(at), last=after(at))
        for number, (reach, at) in enumerate(incidents, 1)
    ]

    found = gather(rows, present, SIZES)

    assert sorted(ont for one in found for ont in one.onts) == sorted(row.ont for row in rows)
    absorbed = [number for one in found for number in one.absorbs]
    assert len(absorbed) == len(set(absorbed))
    assert all(one.incident not in one.absorbs for one in found)


@settings(max_examples=25)
@given(LOSSES)
def test_a_single_batch_and_its_order_do_not_matter(losses):
    rows = [Lost(ont, 1, area, after(at)) for ont, area, at in losses]

    def groups(items: list[Lost]) -> set[frozenset[int]]:
        return {frozenset(one.onts) for one in gather(items, [], SIZES)}

    assert groups(rows) == groups(rows[::-1])


STALE = Suppressed("down", "up", after(0), after(10), after(20))


@pytest.mark.parametrize(
    ("changed", "at", "verdict"),
    [
        ({}, 35, Verdict.TELL),
        ({"free_from": None}, 35, Verdict.WAIT),
        ({"free_from": after(40)}, 35, Verdict.WAIT),
        ({"state": "suspect"}, 35, Verdict.WAIT),
        ({"checked_from": after(-1)}, 35, Verdict.WAIT),
        ({"checked_from": None, "checked_to": None}, 35, Verdict.WAIT),
        ({}, 34, Verdict.WAIT),
        ({"state": "up"}, 35, Verdict.DROP),
        ({"before": "down"}, 35, Verdict.DROP),
    ],
)
def test_what_was_suppressed_is_told_when_all_five_conditions_hold(changed, at, verdict):
    assert judge(replace(STALE, **changed), after(at)) is verdict
