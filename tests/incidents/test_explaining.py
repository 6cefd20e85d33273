"""Outages become incidents: grouped, grown, closed once; on both databases."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ronda.devices.models import Site
from ronda.incidents.models import Held, Incident, IncidentOnt
from ronda.incidents.service.explaining import explain
from ronda.monitoring.models import Outage, Watch
from ronda.routers.models import Router
from ronda.upkeep.models import Trouble
from ronda.work.models import Event
from tests.incidents.fleet import after, give_back, lose, make_onts, passing, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def told() -> list[tuple[int, str]]:
    return [
        (event.payload["incident"], event.payload["change"])
        for event in Event.objects.filter(topic="incidents.changed").order_by("pk")
    ]


def changes(*names: str) -> list[str]:
    return [change for _incident, change in told() if not names or change in names]


def shape(incident: Incident) -> tuple[str, str, int, int, bool]:
    incident.refresh_from_db()
    return (
        incident.kind,
        incident.scope,
        incident.onts,
        incident.out,
        incident.closed_at is not None,
    )


def test_one_ont_is_an_incident_of_its_own_and_is_closed_when_it_stays_back():
    onts = make_onts(40)
    lose(onts[:1], 0)
    passing(60)
    give_back(onts[:1], 300)
    passing(310, 330)
    assert changes() == ["opened", "shrank"]

    passing(361, 400)

    incident = Incident.objects.get()
    assert changes() == ["opened", "shrank", "closed"]
    assert shape(incident) == ("outage", "ont", 1, 0, True)
    assert (incident.ont, incident.facts["name"]) == (onts[0], "Dukuh RT 0")
    assert incident.began_at == after(0)


def test_onts_of_one_area_lost_near_in_time_are_one_incident_that_grows():
    onts = make_onts(40)
    lose(onts[:1], 0)
    passing(60)
    lose(onts[1:9], 50)
    passing(120)
    lose(onts[20:21], 1000)
    passing(1100)

    first, second = Incident.objects.order_by("pk")
    assert shape(first) == ("outage", "area", 9, 9, False)
    assert shape(second) == ("outage", "ont", 1, 1, False)
    assert changes() == ["opened", "grew", "opened"]


def test_a_site_lost_bit_by_bit_is_one_incident_which_takes_its_parts_in():
    north, south = make_onts(20, "Utara"), make_onts(20, "Selatan")
    lose(north[:3], 0)
    lose(south[:1], 20)
    passing(60)
    assert changes() == ["opened", "opened"]
    lose([*north[3:], *south[1:]], 70)

    passing(140)

    whole = Incident.objects.get(closed_at=None)
    part = Incident.objects.exclude(closed_at=None).get()
    assert shape(whole) == ("outage", "site", 40, 40, False)
    assert part.merged_into == whole
    assert changes() == ["opened", "opened", "grew", "merged"]
    give_back([*north, *south], 500)
    passing(600, 700)
    assert changes("closed") == ["closed"]


def test_several_sites_at_once_are_one_incident():
    for site in ("Kalisari", "Sleman", "Niron"):
        lose(make_onts(10, site=site), 0)

    passing(60)

    assert shape(Incident.objects.get()) == ("outage", "fleet", 30, 30, False)


def test_a_thousand_onts_behind_a_router_that_comes_back_first_are_one_incident_closed_once():
    onts = make_onts(700, "Utara") + make_onts(324, "Selatan")
    site = Site.objects.get()
    router = Router.objects.create(site=site, name="Induk", host="router.test", user="ronda")
    sweep(0)
    lose(onts[:500], 30)
    lose(onts[500:], 55)
    Trouble.objects.create(router=router, kind="lost", on=True, since=after(28))
    passing(100)
    Trouble.objects.update(on=False)
    sweep(290)
    passing(300)  # the parent is back; the children are stale
    sweep(320)
    give_back(onts[:600], 321)
    passing(331)
    give_back(onts[600:], 335)
    passing(345, 360, 380, 420, 500)

    assert changes("opened", "closed", "merged") == ["opened", "closed"]
    incident = Incident.objects.get()
    assert shape(incident) == ("router", "router", 1024, 0, True)
    assert IncidentOnt.objects.filter(back_at=None).count() == 0


def test_what_stays_out_after_the_router_is_back_is_told_once_it_was_checked():
    onts = make_onts(40)
    router = Router.objects.create(
        site=Site.objects.get(), name="Induk", host="router.test", user="ronda"
    )
    Trouble.objects.create(router=router, kind="lost", on=True, since=after(28))
    lose(onts, 30)
    sweep(60)
    passing(100)
    Trouble.objects.update(on=False)
    give_back(onts[3:], 300)
    sweep(280)
    passing(310, 340)
    assert Incident.objects.filter(kind="outage").count() == 0

    sweep(311)
    passing(330)  # the round is over, but its answers may still be on their way
    assert Incident.objects.filter(kind="outage").count() == 0
    passing(340, 400)

    rest = Incident.objects.get(kind="outage")
    assert shape(rest) == ("outage", "area", 3, 3, False)
    assert shape(Incident.objects.get(kind="router")) == ("router", "router", 40, 0, True)


def test_a_site_outage_turns_out_to_be_its_router():
    onts = make_onts(20, "Utara") + make_onts(20, "Selatan")
    router = Router.objects.create(
        site=Site.objects.get(), name="Induk", host="router.test", user="ronda"
    )
    lose(onts, 0)
    passing(50)
    Trouble.objects.create(router=router, kind="lost", on=True, since=after(5))

    passing(100)

    incident = Incident.objects.get()
    assert (shape(incident), incident.router) == (("router", "router", 40, 40, False), router)
    assert changes("opened") == ["opened"]


def test_a_router_without_onts_is_an_incident_too():
    site = Site.objects.create(name="Kalisari")
    router = Router.objects.create(site=site, name="Induk", host="router.test", user="ronda")
    Trouble.objects.create(router=router, kind="lost", on=True, since=after(0))
    passing(10, 20)
    Trouble.objects.update(on=False)
    passing(100, 120)
    assert changes() == ["opened"]

    passing(161)

    assert changes() == ["opened", "closed"]


def test_an_ont_that_comes_and_goes_keeps_its_incident_open():
    onts = make_onts(40)
    for at in (0, 100, 200):
        lose(onts[:1], at)
        passing(at + 30)
        give_back(onts[:1], at + 60)
        passing(at + 70)
    Watch.objects.filter(ont=onts[0]).update(flapping=True)
    passing(500)
    assert changes("opened", "closed") == ["opened"]

    Watch.objects.filter(ont=onts[0]).update(flapping=False)
    passing(600)

    assert changes("opened", "closed") == ["opened", "closed"]
    incident = Incident.objects.get()
    assert shape(incident)[2:4] == (1, 0)
    assert incident.members.count() == 3


def test_an_ont_that_never_answered_opens_nothing_and_the_reason_is_kept():
    onts = make_onts(3)
    lose(onts, 0, reason="never-answered")

    passing(60, 100)

    assert not Incident.objects.exists()
    assert Held.objects.filter(why="never").count() == 3


def test_what_was_found_after_a_restart_is_on_record_but_no_news():
    onts = make_onts(3)
    lose(onts, 0, reason="found-after-restart")

    passing(60)

    assert Incident.objects.get().silent
    assert Event.objects.get(topic="incidents.changed").payload["silent"]


def test_what_was_over_before_anybody_looked_is_written_down():
    onts = make_onts(40)
    outages = lose(onts, 0)
    brief = lose(make_onts(1, "Selatan"), 0)
    Outage.objects.update(ended_at=after(60))
    Outage.objects.filter(pk__in=[one.pk for one in outages]).update(ended_at=after(3600))

    explain(after(7200), ended=[one.pk for one in [*outages, *brief]])

    assert changes() == ["opened", "closed"]
    assert shape(Incident.objects.get()) == ("outage", "area", 40, 0, True)


def test_losses_wait_until_the_oldest_is_old_enough():
    from datetime import timedelta

    lose(make_onts(1), 0)
    explain(after(60), wait=timedelta(seconds=45))
    assert not Incident.objects.exists()

    explain(after(72), wait=timedelta(seconds=45))

    assert Incident.objects.exists()


def test_what_was_down_long_before_the_first_incident_is_no_news():
    old, new, never = make_onts(40)[:3]
    lose([old], 0)
    lose([never], 0, reason="never-answered")
    lose([new], 7200)

    passing(7260)

    assert list(Incident.objects.order_by("pk").values_list("ont", "silent")) == [
        (old.pk, True),
        (new.pk, False),
    ]


def test_imported_outages_are_no_incidents():
    lose(make_onts(3), 0)
    Outage.objects.update(cause="imported")

    passing(60)

    assert not Incident.objects.exists()


def test_the_cost_of_a_pass_does_not_follow_the_number_of_onts():
    lose(make_onts(4), 0)
    passing(60)

    def cost(count: int, area: str, at: float) -> int:
        lose(make_onts(count, area), at)
        with CaptureQueriesContext(connection) as queries:
            passing(at + 60)
        return len(queries)

    assert cost(20, "Utara", 1000) == cost(190, "Selatan", 2000)
