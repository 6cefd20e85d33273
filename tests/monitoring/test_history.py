"""The long memory: nothing lost, doubled or moved, wherever the samples are just now."""

import random  # noqa: TID251 -- seeded simulation
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from django.db import transaction

from ronda.monitoring.events import moment
from ronda.monitoring.history import charts, store
from ronda.monitoring.history.packing import RTT_US, code_of
from ronda.monitoring.models import DayChunk, HourChunk, HourColumn, Poller, Sweep, Unobserved
from ronda.monitoring.service import newest_rtt_ms
from ronda.monitoring.service.chart import Columns
from ronda.monitoring.service.chart import chart as page_chart
from ronda.monitoring.tasks import tasks

pytestmark = [pytest.mark.database, pytest.mark.django_db]

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
ZERO = MIDNIGHT.timestamp()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Column(NamedTuple):
    started_at: float
    finished_at: float
    rtts: "array[int]"


def column(at: float, rtts: list[int]) -> Column:
    return Column(ZERO + at, ZERO + at + 20, array("I", rtts))


def coded(rtt_us: int) -> float:
    """What a round trip reads as after it was kept, in ms."""
    return RTT_US[code_of(rtt_us)] / 1000


def hourly(hours: int, onts: int = 6, every: int = 600) -> list[Column]:
    """Sweeps of `onts` ONTs; ONT 2 is silent in every odd hour, slot 0 is nobody."""
    return [
        column(
            at,
            [0, *[1 if ont == 2 and at // 3600 % 2 else 1000 * ont for ont in range(1, onts + 1)]],
        )
        for at in range(0, hours * 3600, every)
    ]


def day_chart(ont: int, hours: int, points: int) -> list[tuple[int, int, float | None]]:
    found = charts.chart(ont, MIDNIGHT, MIDNIGHT + hours * HOUR, points, MIDNIGHT + 90 * DAY)
    return [(point.probes, point.answered, point.mean_ms) for point in found.points]


def test_samples_read_the_same_from_journal_hours_and_days() -> None:
    store.append(hourly(30))
    expected = [(6, 0, None) if hour % 2 else (6, 6, coded(2000)) for hour in range(30)]

    assert day_chart(2, 30, 30) == [
        (probes, answered, pytest.approx(mean) if mean else None)
        for probes, answered, mean in expected
    ]
    before = {ont: day_chart(ont, 30, 45) for ont in range(9)}
    assert store.seal(MIDNIGHT + 29.5 * HOUR) == 29
    assert Sweep.objects.count() == 6
    assert {ont: day_chart(ont, 30, 45) for ont in range(9)} == before
    assert store.compact(MIDNIGHT + 29.5 * HOUR) == 1
    assert (HourChunk.objects.count(), DayChunk.objects.count()) == (5, 6)
    assert {ont: day_chart(ont, 30, 45) for ont in range(9)} == before
    assert before[0] == before[8] == [(0, 0, None)] * 45


def test_points_have_the_mean_and_most_of_their_time() -> None:
    store.append([column(0, [0, 1000]), column(30, [0, 3000]), column(60, [0, 1])])
    found = charts.chart(1, MIDNIGHT, MIDNIGHT + timedelta(minutes=3), 2, MIDNIGHT + HOUR)
    assert found.step_s == 90.0
    first, second = found.points
    assert (first.probes, first.answered, first.loss) == (3, 2, pytest.approx(1 / 3))
    assert first.most_ms == coded(3000)
    assert first.mean_ms == pytest.approx((coded(1000) + coded(3000)) / 2)
    assert second == charts.Point(MIDNIGHT + timedelta(seconds=90), 0, 0, None, None)
    assert second.loss is None


def test_appending_and_sealing_twice_changes_nothing() -> None:
    store.append(hourly(2))
    store.append(hourly(2))
    assert Sweep.objects.count() == 12
    assert store.seal(MIDNIGHT + 3 * HOUR) == 2
    kept = list(HourColumn.objects.values_list()), list(HourChunk.objects.values_list())
    assert store.seal(MIDNIGHT + 3 * HOUR) == 0
    assert (list(HourColumn.objects.values_list()), list(HourChunk.objects.values_list())) == kept


def test_the_present_hour_and_the_minutes_after_it_stay_open() -> None:
    store.append(hourly(2))
    assert store.seal(MIDNIGHT + HOUR + timedelta(minutes=4)) == 0
    assert store.seal(MIDNIGHT + HOUR + timedelta(minutes=5)) == 1
    assert Sweep.objects.count() == 6


def test_sweeps_that_come_after_their_hour_was_sealed_are_added_to_it() -> None:
    early, late = hourly(1)[:4], [column(2400, [0, 500]), column(3000, [0, *[700] * 12])]
    store.append(early)
    store.seal(MIDNIGHT + 2 * HOUR)
    store.append(late)
    before = {ont: day_chart(ont, 1, 6) for ont in range(14)}
    assert store.seal(MIDNIGHT + 2 * HOUR) == 1
    assert {ont: day_chart(ont, 1, 6) for ont in range(14)} == before
    assert [point[0] for point in before[1]] == [1] * 6
    assert [point[0] for point in before[12]] == [0, 0, 0, 0, 0, 1]
    # A narrower column after a wider one.
    store.append([column(3300, [0, 900])])
    store.seal(MIDNIGHT + 2 * HOUR)
    assert [point[0] for point in day_chart(12, 1, 6)] == [0, 0, 0, 0, 0, 1]
    assert [point[0] for point in day_chart(1, 1, 6)] == [1, 1, 1, 1, 1, 2]


def test_appending_again_what_was_sealed_doubles_nothing() -> None:
    store.append(hourly(1)[:4])
    store.seal(MIDNIGHT + 2 * HOUR)
    store.append(hourly(1))
    assert [point[0] for point in day_chart(1, 1, 6)] == [1] * 6
    store.seal(MIDNIGHT + 2 * HOUR)
    assert [point[0] for point in day_chart(1, 1, 6)] == [1] * 6
    store.append(hourly(1))
    assert store.seal(MIDNIGHT + 2 * HOUR) == 1
    assert Sweep.objects.count() == 0


def test_sweeps_of_a_day_that_is_packed_already_are_dropped() -> None:
    store.append(hourly(24))
    store.seal(MIDNIGHT + 2 * DAY)
    store.compact(MIDNIGHT + 2 * DAY)
    before = day_chart(1, 24, 24)
    store.append([column(7205, [0, 500])])
    assert store.seal(MIDNIGHT + 2 * DAY) == 1
    assert Sweep.objects.count() == 0
    assert day_chart(1, 24, 24) == before


def test_a_day_with_an_unsealed_hour_is_not_packed_yet() -> None:
    store.append(hourly(24))
    store.seal(MIDNIGHT + 12 * HOUR)
    assert store.compact(MIDNIGHT + 2 * DAY) == 0
    assert DayChunk.objects.count() == 0


def test_silence_in_unobserved_time_is_not_known_and_answers_in_it_stay() -> None:
    Unobserved.objects.create(
        poller="main", started_at=moment(ZERO + 1205), ended_at=moment(ZERO + 1900), reason="blind"
    )
    store.append([column(at, [0, 1000, 1]) for at in range(0, 3600, 600)])
    expected_probes = {1: [1, 1, 1, 1, 1, 1], 2: [1, 1, 0, 0, 1, 1]}
    for _ in range(2):
        for ont, probes in expected_probes.items():
            assert [point[0] for point in day_chart(ont, 1, 6)] == probes
        store.seal(MIDNIGHT + 2 * HOUR)
    chart = charts.chart(2, MIDNIGHT, MIDNIGHT + HOUR / 2, 6, MIDNIGHT + DAY)
    assert chart.unobserved == [(moment(ZERO + 1205), MIDNIGHT + HOUR / 2)]


def test_an_open_blindness_reaches_until_now() -> None:
    Unobserved.objects.create(poller="main", started_at=moment(ZERO + 1205), reason="blind")
    Unobserved.objects.create(poller="two", started_at=moment(ZERO + 9000), reason="blind")
    store.append([column(at, [0, 1]) for at in range(0, 3600, 600)])
    chart = charts.chart(1, MIDNIGHT, MIDNIGHT + HOUR, 6, moment(ZERO + 3000))
    assert [point.probes for point in chart.points] == [1, 1, 0, 0, 0, 1]
    assert chart.unobserved == [(moment(ZERO + 1205), moment(ZERO + 3000))]


def test_averages_of_the_fleet_come_from_whole_hours() -> None:
    store.append(hourly(3, onts=3))
    store.seal(MIDNIGHT + DAY)
    assert charts.averages(MIDNIGHT, MIDNIGHT + DAY) == {
        1: charts.Average(1.0, pytest.approx(coded(1000))),
        2: charts.Average(pytest.approx(2 / 3), pytest.approx(coded(2000))),
        3: charts.Average(1.0, pytest.approx(coded(3000))),
    }
    assert charts.averages(MIDNIGHT + DAY, MIDNIGHT + 2 * DAY) == {}


def test_forgotten_samples_live_on_in_their_hours() -> None:
    store.append(hourly(60))
    store.seal(MIDNIGHT + 10 * DAY)
    store.compact(MIDNIGHT + 10 * DAY)
    before = day_chart(2, 60, 60)
    now = MIDNIGHT + 4 * DAY
    assert store.forget(now, keep_samples=2 * DAY, keep_hours=30 * DAY) == 2
    assert sorted({chunk.id >> store.PLACE for chunk in DayChunk.objects.all()}) == [
        int(ZERO) // 86400 + 2
    ]
    after = day_chart(2, 60, 60)
    assert [point[:2] for point in after] == [point[:2] for point in before]
    assert store.forget(now, keep_samples=2 * DAY, keep_hours=DAY) == 0
    assert [point[0] for point in day_chart(2, 60, 60)] == [0] * 48 + [6] * 12


@pytest.mark.parametrize("points", [0, 5001])
def test_a_chart_of_nothing_is_refused(points: int) -> None:
    with pytest.raises(ValueError, match="needs a period"):
        charts.chart(1, MIDNIGHT, MIDNIGHT + HOUR, points, MIDNIGHT)
    with pytest.raises(ValueError, match="needs a period"):
        charts.chart(1, MIDNIGHT, MIDNIGHT, 10, MIDNIGHT)


def test_sealing_gives_way_to_another_that_sealed_the_hour_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.append(hourly(1))
    real, calls = store._starts_of, iter(["now", "then"])

    def another(hour: int) -> "array[int]":
        return real(hour) if next(calls) == "now" else array("H", [1, 2, 3])

    monkeypatch.setattr(store, "_starts_of", another)
    assert store.seal(MIDNIGHT + 2 * HOUR) == 0
    assert (Sweep.objects.count(), HourColumn.objects.count()) == (6, 0)


class Broken(Exception):
    pass


def test_a_step_that_fails_midway_leaves_everything_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.append(hourly(24))
    before = {ont: day_chart(ont, 24, 48) for ont in range(8)}

    def fail(*_: object) -> Iterator[list[int]]:
        raise Broken

    for step in (store.seal, store.compact):
        with monkeypatch.context() as patched:
            patched.setattr(store, "_batched", fail)
            with pytest.raises(Broken), transaction.atomic():
                step(MIDNIGHT + 2 * DAY)
        assert {ont: day_chart(ont, 24, 48) for ont in range(8)} == before
        step(MIDNIGHT + 2 * DAY)
        assert {ont: day_chart(ont, 24, 48) for ont in range(8)} == before


@pytest.mark.parametrize("seed", range(4))
def test_charts_equal_counting_every_sample_whatever_was_sealed_and_packed(seed: int) -> None:
    draw = random.Random(seed)
    at, onts, kept = 0.0, 11, []
    while at < 3 * 86400:
        rtts = [0, *[draw.choice([0, 1, draw.randrange(60, 10**6)]) for _ in range(onts)]]
        kept.append(column(at, rtts[: draw.randrange(2, onts + 2)]))
        at += draw.choice([30, 300, 900, 4000, 20_000]) + draw.random()
        if draw.random() < 0.1:
            store.append(kept[-30:])
            store.seal(moment(ZERO + at))
        if draw.random() < 0.05:
            store.compact(moment(ZERO + at))
    store.append(kept[-50:])
    for _ in range(24):
        # With few points a packed day is shared out as a whole, or parted where its bucket ends.
        ont, points = draw.randrange(onts + 3), draw.choice([1, 2, draw.randrange(1, 60)])
        start = MIDNIGHT + timedelta(seconds=draw.randrange(-90_000, 200_000))
        end = start + timedelta(seconds=draw.randrange(100, 300_000))
        chart = charts.chart(ont, start, end, points, MIDNIGHT + 9 * DAY)
        step = (end - start).total_seconds() / points
        expected = [[0, 0] for _ in range(points)]
        for sweep in kept:
            rtt = sweep.rtts[ont] if ont < len(sweep.rtts) else 0
            # Starts are kept to a tenth of a second.
            offset = int(sweep.started_at * 10) / 10 - start.timestamp()
            if rtt and 0 <= offset < points * step:
                place = expected[min(points - 1, int(offset / step + 1e-9))]
                place[0] += 1
                place[1] += rtt > 1
        assert [[point.probes, point.answered] for point in chart.points] == expected


def test_the_newest_round_trip_is_that_of_the_newest_sweep() -> None:
    assert newest_rtt_ms(1) is None
    store.append([column(0, [0, 500]), column(30, [0, 1000, 1])])
    assert [newest_rtt_ms(ont) for ont in range(4)] == [None, coded(1000), None, None]


def test_the_page_chart_has_points_two_rounds_apart_at_least() -> None:
    Poller.objects.create(name="main", started_at=MIDNIGHT, alive_at=MIDNIGHT, interval_s=60.0)
    store.append([column(at, [0, 1 if at == 660 else 1000]) for at in range(0, 1200, 60)])
    assert page_chart(1, MIDNIGHT, MIDNIGHT + timedelta(minutes=22), 400) == Columns(
        at=[int(ZERO) + 120 * n for n in range(11)],
        rtt_ms=[round(coded(1000), 3)] * 10 + [None],
        worst_ms=[round(coded(1000), 3)] * 10 + [None],
        loss=[0.0] * 5 + [0.5] + [0.0] * 4 + [None],
    )
    assert len(page_chart(1, MIDNIGHT, MIDNIGHT + DAY, 50).at) == 50
    assert len(page_chart(1, MIDNIGHT, MIDNIGHT + timedelta(seconds=5), 50).at) == 1


def test_the_chores_seal_pack_and_forget() -> None:
    store.append(hourly(24))
    for task in tasks(keep_samples=2 * DAY, keep_hours=30 * DAY):
        task.run()
    # The day of these tests is long gone: sealed, packed and forgotten in one go.
    assert [table.objects.count() for table in (Sweep, HourChunk, DayChunk)] == [0, 0, 0]
