"""Planned work is left out of the uptime, shown, and never rewrites what is past."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ronda.devices.models import Area, Ont, Site
from ronda.monitoring.models import Outage, Window, Work
from ronda.monitoring.rules.intervals import Span
from ronda.monitoring.service import maintenance
from ronda.monitoring.service.uptime import uptimes

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# 20:00 WIB; windows below begin at 21:00 WIB, an hour later.
NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.fixture
def onts() -> list[Ont]:
    site = Site.objects.create(name="Kalisari")
    areas = [Area.objects.create(site=site, name=name) for name in ("Utara", "Selatan")]
    made = Ont.objects.bulk_create(
        Ont(
            site=site,
            area=areas[n % 2],
            customer_id=f"K{n}",
            name=f"RT {n}",
            address=f"192.0.2.{n}",
        )
        for n in range(4)
    )
    Ont.objects.update(created_at=NOW - hours(1000))
    return made


def plan(onts: list[Ont] = (), **values: object) -> Window:  # type: ignore[assignment] # none
    usual = {
        "name": "Ganti tiang",
        "repeat": "once",
        "zone": "WIB",
        "first": date(2026, 11, 20),
        "at": time(21),
        "minutes": 120,
        "made_at": NOW,
    }
    window = Window(**{**usual, **values})
    return maintenance.save(window, [ont.pk for ont in onts], NOW)


def figures(onts: list[Ont], until: float) -> list[tuple[float, float, int]]:
    """Hours down, hours left out, and outages of each ONT from now to so many hours later."""
    found = uptimes(Span(NOW, NOW + hours(until)), now=NOW + hours(until))
    return [
        (one.down / hours(1), one.excluded / hours(1), one.outages)
        for one in (found.of(ont.pk) for ont in onts)
    ]


def lose(ont: Ont, start: float, end: float | None) -> None:
    Outage.objects.create(
        ont=ont,
        started_at=NOW + hours(start),
        confirmed_at=NOW + hours(start),
        ended_at=None if end is None else NOW + hours(end),
    )


def test_work_on_an_area_leaves_its_time_out_and_no_other(onts):
    plan(area=onts[0].area)
    lose(onts[0], 0.5, 4)
    lose(onts[1], 0.5, 4)

    assert maintenance.begin_due(NOW + hours(0.9)) == 0
    assert maintenance.begin_due(NOW + hours(1)) == 1
    assert maintenance.begin_due(NOW + hours(1)) == 0

    assert figures(onts[:2], 5) == [(1.5, 2, 1), (3.5, 0, 1)]
    assert figures(onts[2:], 5) == [(0, 2, 0), (0, 0, 0)]


def test_work_is_over_a_site_or_chosen_onts_too(onts):
    plan(site=onts[0].site)
    plan(onts[:1], name="Ganti ONT", minutes=180)
    maintenance.begin_due(NOW + hours(1.5))

    covering = maintenance.covering([ont.pk for ont in onts[:2]], NOW + hours(2))

    assert [covering[ont.pk].name for ont in onts[:2]] == ["Ganti ONT", "Ganti tiang"]
    assert maintenance.covered(NOW + hours(2)) == {ont.pk for ont in onts}
    assert maintenance.covered(NOW + hours(3.5)) == {onts[0].pk}
    assert [figure[1] for figure in figures(onts, 6)] == [3, 2, 2, 2]


def test_turns_that_were_missed_while_nothing_ran_are_written_down(onts):
    plan(site=onts[0].site, repeat="daily", last=date(2026, 11, 24))

    assert maintenance.begin_due(NOW + hours(49)) == 3
    assert maintenance.begin_due(NOW + hours(1000)) == 2
    assert Window.objects.get().next_at is None


def test_a_window_that_is_made_longer_or_shorter_in_the_middle_of_an_outage(onts):
    window = plan(site=onts[0].site)
    lose(onts[0], 0.5, None)
    maintenance.begin_due(NOW + hours(1))

    window.minutes = 240
    maintenance.save(window, [], NOW + hours(2))
    assert figures(onts[:1], 6) == [(1.5, 4, 1)]
    window.minutes = 60  # it should have been over already
    maintenance.save(window, [], NOW + hours(3))

    assert figures(onts[:1], 6) == [(3.5, 2, 1)]
    assert Work.objects.count() == 1


def test_a_window_that_moves_to_another_area_leaves_what_was_as_it_was(onts):
    window = plan(area=onts[0].area)
    maintenance.begin_due(NOW + hours(1))
    window.area = onts[1].area

    maintenance.save(window, [], NOW + hours(2))

    assert [figure[1] for figure in figures(onts[:2], 6)] == [1, 1]


def test_a_window_that_is_taken_away_ends_what_runs_and_keeps_its_past(onts):
    window = plan(site=onts[0].site, repeat="daily")
    maintenance.begin_due(NOW + hours(1))
    maintenance.begin_due(NOW + hours(25))

    maintenance.take_away(window, NOW + hours(25.5))

    assert maintenance.begin_due(NOW + hours(1000)) == 0
    assert [figure[1] for figure in figures(onts[:1], 100)] == [2.5]


def test_changing_a_plan_changes_nothing_that_is_past(onts):
    window = plan(site=onts[0].site, repeat="daily")
    maintenance.begin_due(NOW + hours(1))
    window.minutes = 600
    window.name = "Lain"

    maintenance.save(window, [], NOW + hours(12))

    assert [figure[1] for figure in figures(onts[:1], 13)] == [2]
    assert Work.objects.get().name == "Ganti tiang"
    assert window.next_at == NOW + hours(25)


def test_work_that_was_forgotten_is_written_down_afterwards(onts):
    plan(site=onts[0].site, first=date(2026, 11, 19))

    assert maintenance.covered(NOW - hours(22)) == {ont.pk for ont in onts}


def test_a_window_made_while_it_runs_begins_with_its_turn(onts):
    plan(site=onts[0].site, at=time(19))
    plan(site=onts[0].site, at=time(19), repeat="daily")

    assert sorted(work.started_at for work in Work.objects.all()) == [NOW - hours(1), NOW]


def test_the_cost_does_not_follow_the_number_of_windows(onts):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            maintenance.spans(NOW, NOW + hours(9))
        return len(queries)

    plan(site=onts[0].site)
    maintenance.begin_due(NOW + hours(1))
    one = cost()
    for number in range(20):
        plan(area=onts[0].area, name=str(number))
    maintenance.begin_due(NOW + hours(1))

    assert cost() == one == 2
