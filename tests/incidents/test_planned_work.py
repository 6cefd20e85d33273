"""Planned work opens no incident; an outage that outlasts it does, once, after it was checked."""

from datetime import time, timedelta

import pytest

from ronda.devices.models import Ont, Site
from ronda.incidents.models import Held, Incident
from ronda.incidents.service.explaining import explain
from ronda.monitoring.models import Watch, Window
from ronda.monitoring.service import maintenance
from ronda.work.models import Event
from tests.incidents.fleet import NOON, after, give_back, lose, make_onts, passing, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# 12:00 UTC is 19:00 WIB.
BEGIN, END = 600, 4200


@pytest.fixture
def onts() -> list[Ont]:
    """Twenty ONTs whose site is worked on from ten past seven for an hour."""
    made = make_onts(20)
    window = Window(
        name="Ganti tiang",
        site=Site.objects.get(),
        zone="WIB",
        first=NOON.date(),
        at=time(19, 10),
        minutes=60,
        made_at=NOON,
    )
    maintenance.save(window, [], NOON)
    return made


def lose_at_work(onts: list[Ont], at: float) -> None:
    """As the keeper shows what is lost under planned work."""
    lose(onts, at, told=False)
    Watch.objects.filter(ont__in=[ont.pk for ont in onts]).update(state="maintenance")


def told() -> list[str]:
    rows = Event.objects.filter(topic="incidents.changed").order_by("pk")
    return [row.payload["change"] for row in rows]


def test_what_is_lost_and_back_within_the_work_is_no_incident(onts):
    passing(BEGIN)
    lose_at_work(onts, BEGIN + 30)
    passing(BEGIN + 100)
    give_back(onts, END - 300)
    passing(END - 200, END + 100, END + 500)

    assert (told(), Incident.objects.count()) == ([], 0)
    assert Held.objects.filter(why="window", released_at__isnull=False).count() == 20


def test_what_outlasts_the_work_is_one_incident_once_a_round_has_asked_it_again(onts):
    passing(BEGIN)
    lose_at_work(onts, BEGIN + 30)
    passing(BEGIN + 100)
    give_back(onts[5:], END - 300)
    sweep(END - 20)
    passing(END + 5)
    Watch.objects.filter(state="maintenance").update(state="down")
    passing(END + 20)
    sweep(END + 10)
    passing(END + 30)
    assert told() == []

    passing(END + 40, END + 60)

    assert told() == ["opened"]
    incident = Incident.objects.get()
    assert (incident.onts, incident.scope, incident.began_at) == (5, "area", after(BEGIN + 30))


def test_work_that_goes_on_longer_holds_longer(onts):
    passing(BEGIN)
    lose_at_work(onts, BEGIN + 30)
    passing(BEGIN + 100)
    window = Window.objects.get()
    window.minutes = 120
    maintenance.save(window, [], after(END - 60))
    sweep(END + 100)
    passing(END + 200)

    assert told() == []


def test_work_that_ends_early_holds_no_longer(onts):
    passing(BEGIN)
    lose_at_work(onts, BEGIN + 30)
    passing(BEGIN + 100)
    maintenance.take_away(Window.objects.get(), after(1000))
    Watch.objects.update(state="down")
    passing(1010)
    sweep(1030)

    passing(1060)

    assert told() == ["opened"]


def test_what_was_over_before_anybody_looked_was_work_if_all_of_it_was(onts):
    explain(after(BEGIN))
    within = lose(onts[:5], BEGIN + 30, told=False)
    give_back(onts[:5], BEGIN + 900, told=False)
    beyond = lose(onts[5:], BEGIN - 300, told=False)
    give_back(onts[5:], BEGIN + 900, told=False)

    explain(after(9000), ended=[one.pk for one in [*within, *beyond]])

    assert Incident.objects.get().onts == 15
    assert timedelta(0) < Held.objects.latest("pk").held_at - NOON
