"""The figures of reports, recomputed second by second from random histories."""

import random  # noqa: TID251 -- seeded
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.devices.models import Ont
from ronda.kernel.periods import period_of
from ronda.monitoring.history.packing import RTT_US
from ronda.monitoring.models import HourColumn, Outage, Transition, Unobserved
from ronda.overview.service import reports
from ronda.overview.service.report_hours import percentile, stride, sum_of
from tests.devices.factories import make_area, make_ont, make_site

pytestmark = [pytest.mark.database]

ZONE = ZoneInfo("Asia/Jakarta")
PERIOD = period_of("day", date(2026, 11, 20), None, ZONE)
START, DAY = PERIOD.start.astimezone(UTC), 86_400


@dataclass
class Story:
    """One ONT's life in seconds from the period's start; None: not over."""

    born: int
    outages: list[tuple[int, int | None]]
    paused: list[tuple[int, int | None]]


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def spans(chance, most: int, *, open_end: bool) -> list[tuple[int, int | None]]:
    """Spans apart from each other, some before and after the day."""
    edges = sorted(chance.sample(range(-DAY, 2 * DAY), 2 * chance.randint(0, most)))
    found = list(zip(edges[::2], edges[1::2], strict=True))
    if found and open_end and chance.random() < 0.4:
        found[-1] = (found[-1][0], None)
    return found


def tell(chance) -> tuple[dict[int, Story], list[tuple[int, int | None]]]:
    """Write a random history of a few ONTs; what was written."""
    holes = spans(chance, 3, open_end=True)
    for first, last in holes:
        Unobserved.objects.create(
            poller="main", started_at=at(first), ended_at=last and at(last), reason="blind"
        )
    stories = {}
    for number in range(6):
        site = make_site(chance.choice(["Sleman", "Bantul"]))
        area = chance.choice([None, make_area("Atas", site), make_area("Bawah", site)])
        ont = make_ont(number + 1, site, area=area, category=chance.choice(["csr", "apbd"]))
        born = chance.choice([-2 * DAY, -2 * DAY, chance.randint(0, DAY)])
        story = Story(born, spans(chance, 4, open_end=True), [])
        if chance.random() < 0.4:
            story.paused = spans(chance, 2, open_end=True)
        Ont.objects.filter(pk=ont.pk).update(created_at=at(born))
        for first, last in story.outages:
            Outage.objects.create(
                ont=ont, started_at=at(first), confirmed_at=at(first), ended_at=last and at(last)
            )
        for first, last in story.paused:
            _set_aside(ont, first, "up", "paused")
            if last is not None:
                _set_aside(ont, last, "paused", "up")
        stories[ont.pk] = story
    return stories, holes


def _set_aside(ont: Ont, second: int, before: str, after: str) -> None:
    Transition.objects.create(
        ont=ont, at=at(second), decided_at=at(second), before=before, after=after, reason="person"
    )


def covered(found, now: int) -> set[int]:
    return {
        second
        for first, last in found
        for second in range(max(first, 0), min(now if last is None else last, now))
    }


def brute_force(story: Story, holes, now: int) -> Counter:
    """What each second of one ONT's day was."""
    paused, unseen = covered(story.paused, now), covered(holes, now)
    down = covered(story.outages, now)
    seconds: Counter = Counter()
    for second in range(max(0, story.born), now):
        if second in paused:
            seconds["excluded"] += 1
        elif second in unseen:
            seconds["unobserved"] += 1
        else:
            seconds["down" if second in down else "up"] += 1
    return seconds


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("now", [DAY + 5000, 40_000])
def test_every_figure_is_what_counting_seconds_gives(seed, now):
    stories, holes = tell(random.Random(f"{seed} {now}"))
    expected = {ont: brute_force(story, holes, min(now, DAY)) for ont, story in stories.items()}
    expected = {ont: seconds for ont, seconds in expected.items() if seconds.total()}

    made = reports.report(PERIOD, "ont", now=at(now))

    assert {row.key: _seconds(row.uptime) for row in made.rows} == expected
    assert _seconds(made.totals.uptime) == sum(expected.values(), Counter())
    for by in ("site", "area", "category"):
        rows = reports.report(PERIOD, by, now=at(now), onts=None)
        assert sum((_seconds(row.uptime) for row in rows.rows), Counter()) == sum(
            expected.values(), Counter()
        )
        assert sum(row.onts for row in rows.rows) == len(expected)
        assert rows.onts == made.rows
        percents = [row.share_up for row in rows.rows if row.share_up is not None]
        assert percents == sorted(percents)


def _seconds(part) -> Counter:
    found = {name: getattr(part, name) for name in ("up", "down", "unobserved", "excluded")}
    return Counter({name: int(value.total_seconds()) for name, value in found.items() if value})


@pytest.mark.django_db
def test_the_totals_are_the_sum_of_the_outage_rows_to_the_second():
    chance = random.Random(5)
    for number in range(1, 30):
        ont = make_ont(number)
        Ont.objects.filter(pk=ont.pk).update(created_at=at(-DAY))
        for first, last in spans(chance, 6, open_end=True):
            Outage.objects.create(
                ont=ont, started_at=at(first), confirmed_at=at(first), ended_at=last and at(last)
            )

    made = reports.report(PERIOD, "site", now=at(3 * DAY))

    parts = [
        min(row.ended_at or PERIOD.end, PERIOD.end) - max(row.started_at, PERIOD.start)
        for row in Outage.objects.all()
        if row.started_at < PERIOD.end and (row.ended_at or PERIOD.end) > PERIOD.start
    ]
    assert (made.totals.uptime.down, made.totals.uptime.outages, made.totals.uptime.longest) == (
        sum(parts, timedelta()),
        len(parts),
        max(parts),
    )
    began = Outage.objects.filter(started_at__gte=PERIOD.start, started_at__lt=PERIOD.end).count()
    assert sum(bar.count for bar in made.bars) == began
    before = reports.report(PERIOD.before(), "site", now=at(3 * DAY))
    assert made.totals.before == before.totals.uptime
    assert made.still_down == sum(
        row.started_at < PERIOD.end and (row.ended_at is None or row.ended_at >= PERIOD.end)
        for row in Outage.objects.all()
    )


@pytest.mark.django_db
def test_who_is_not_on_the_list_or_was_never_watched_is_in_no_figure():
    kept = make_ont(1)
    make_ont(2, address="")
    make_ont(3, monitored=False)
    make_ont(4, deleted_at=at(0))
    later = make_ont(5)
    set_aside = make_ont(6, monitored=False)
    Ont.objects.update(created_at=at(-DAY))
    Ont.objects.filter(pk=later.pk).update(created_at=at(DAY + 1))
    _set_aside(set_aside, DAY // 2, "up", "paused")

    made = reports.report(PERIOD, "ont", now=at(2 * DAY))

    assert {row.key for row in made.rows} == {kept.pk, set_aside.pk}
    assert made.totals.uptime.excluded == timedelta(hours=12)


@pytest.mark.django_db
def test_a_period_that_has_not_begun_is_empty_and_not_perfect():
    make_ont(1)

    made = reports.report(PERIOD, now=at(-5))

    assert (made.rows, made.onts, made.totals.onts, made.totals.share_up) == ([], [], 0, None)


@pytest.mark.django_db
def test_rtt_and_loss_come_from_the_hours_of_the_period():
    first, second = make_ont(1), make_ont(2, category="csr")
    Ont.objects.update(created_at=at(-DAY))
    width = second.pk + 1
    begin = int(START.timestamp()) // 3600
    for hour in (begin - 1, begin, begin + 1, begin + 24):
        shares, rtts = bytearray(b"\xff" * width), bytearray(b"\xff" * width)
        inside = begin <= hour < begin + 24
        shares[first.pk], rtts[first.pk] = (250, 100) if inside else (0, 0)
        if hour == begin:
            shares[second.pk], rtts[second.pk] = 125, 120
        HourColumn.objects.create(id=hour, starts=b"", shares=bytes(shares), rtts=bytes(rtts))

    made = reports.report(PERIOD, "category", now=at(DAY))

    by_key = {row.key: row.quality for row in made.rows}
    assert by_key["general"].loss == 0
    assert by_key["general"].rtt_ms == RTT_US[100] / 1000
    assert (by_key["csr"].loss, by_key["csr"].rtt95_ms) == (0.5, RTT_US[120] / 1000)
    assert made.totals.quality.loss == pytest.approx(1 - 625 / 750)
    assert made.totals.quality.rtt_ms == RTT_US[107] / 1000


@given(st.binary(min_size=1, max_size=3000).map(lambda some: bytes(1 + b % 254 for b in some)))
def test_the_percentile_and_the_sum_are_those_of_plain_counting(codes):
    needed = -(-len(codes) * 95 // 100)

    assert percentile(codes, 0.95) == sorted(codes)[needed - 1]
    assert sum_of(codes) == sum(codes)


@given(st.integers(0, 50_000), st.integers(1, 1_000_000))
def test_a_long_period_is_read_in_steps_that_meet_every_time_of_day(hours, width):
    every = stride(hours, width)

    assert {(step * every) % 24 for step in range(24)} == set(range(24))
    assert every == 1 or (hours / every) * width <= 8_000_000 + width
