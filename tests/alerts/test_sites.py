"""Whoever sees some sites only is told of these, and reads nowhere of another."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.alerts.models import Letter, Occurrence, Suppressed
from ronda.alerts.rules.occurrences import What
from ronda.alerts.service import rehearsals, telling, wording_alerts
from ronda.alerts.service.occurrences import Beginning, begin
from ronda.devices.models import Site
from ronda.devices.service import scope
from ronda.incidents.models import Incident
from tests.alerts.telling_world import Clock, letters, rule
from tests.incidents import fleet
from tests.shop.orders_made import make_method, make_order, make_router, pay

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

CREW = [["role", "technician"], ["role", "noc"]]


def trouble(name: str, site: Site) -> Occurrence:
    facts = {"name": name, "trouble": "temperature", "value": 85, "text": "", "since": None}
    row = begin(Beginning(name, What.HEALTH, timezone.now(), facts, site=site.pk))
    telling.consider([row], timezone.now())
    return row


def test_another_site_is_neither_told_nor_listed_and_the_reason_says_so(
    clock: Clock, people: dict[str, Any], as_: Callable[[str], Client]
) -> None:
    mine, other = Site.objects.create(name="Sleman"), Site.objects.create(name="Bantul")
    scope.set_sites(people["technician"], [mine.pk], by=None)
    kept = rule(CREW, hold_s=0)
    trouble("Induk Sleman", mine)
    there = trouble("Induk Bantul", other)
    clock.forward(seconds=10)

    assert sorted(letters()) == [("alarm", "joko"), ("alarm", "wayan"), ("alarm", "wayan")]
    reason = Suppressed.objects.get(to=f"person:{people['technician'].pk}")
    assert (reason.occurrence_id, reason.reason) == (there.pk, "scope")

    page = as_("technician").get("/alerts/told/").content.decode()
    assert "Induk Sleman" in page
    assert "Bantul" not in page
    noc = as_("noc").get(f"/alerts/told/?person={people['technician'].pk}").content.decode()
    assert "not told: It is at a site that is not theirs" in noc

    would = rehearsals.preview(kept, timezone.now())
    assert dict(would.people) == {
        f"person:{people['technician'].pk}": 1,
        f"person:{people['noc'].pk}": 2,
    }


def test_who_sees_some_sites_asks_for_themselves_only(
    clock: Clock, people: dict[str, Any], as_: Callable[[str], Client]
) -> None:
    site = Site.objects.create(name="Sleman")
    scope.set_sites(people["noc"], [site.pk], by=None)
    page = as_("noc").get(f"/alerts/told/?person={people['technician'].pk}").content.decode()
    assert "joko" not in page


def test_of_an_incident_of_several_sites_one_reads_the_part_that_is_ones_own(
    clock: Clock, people: dict[str, Any], as_: Callable[[str], Client]
) -> None:
    north, south = fleet.make_onts(6, "Utara"), fleet.make_onts(6, "Selatan", "Bantul")
    scope.set_sites(people["technician"], [north[0].site_id], by=None)
    rule(CREW, whats=["outage"], hold_s=0)
    fleet.lose([*north, *south], (timezone.now() - fleet.NOON).total_seconds() - 26)
    clock.forward(minutes=1)

    assert Incident.objects.get().scope == "fleet"
    told = {one.person.username: wording_alerts.words(one.pk) for one in Letter.objects.all()}
    assert "6 ONTs" in told["joko"][1]
    assert "Utara (6)" in told["joko"][1]
    assert "Selatan" not in told["joko"][1]
    assert "12 ONTs" in told["wayan"][1]
    assert "Selatan (6)" in told["wayan"][1]
    number = Incident.objects.get().pk
    assert "joko" in as_("technician").get(f"/alerts/told/incident/{number}/").content.decode()


def test_what_is_not_theirs_any_more_when_it_is_sent_is_not_said(
    clock: Clock, people: dict[str, Any]
) -> None:
    mine, other = Site.objects.create(name="Sleman"), Site.objects.create(name="Bantul")
    rule([["role", "technician"]], hold_s=0)
    trouble("Induk Bantul", other)
    letter = Letter.objects.get()
    assert wording_alerts.words(letter.pk) is not None
    scope.set_sites(people["technician"], [mine.pk], by=None)
    assert wording_alerts.words(letter.pk) is None


def test_money_for_an_order_is_at_the_site_of_its_router(
    clock: Clock, people: dict[str, Any]
) -> None:
    mine, other = Site.objects.create(name="Sleman"), Site.objects.create(name="Bantul")
    scope.set_sites(people["technician"], [mine.pk], by=None)
    rule([["role", "technician"]], whats=["payment"], hold_s=0, sites=[mine.pk, other.pk])
    method = make_method()
    orders = [
        make_order(router=make_router(one.name, site=one), method=method) for one in (mine, other)
    ]
    for number, order in enumerate([*orders, None]):
        pay(order, f"ev-{number}", method=method, amount=77)
    clock.forward(seconds=10)

    found = Occurrence.objects.order_by("pk")
    assert [one.sites for one in found] == [[mine.pk], [other.pk], []]
    # Money that names no order is at no site: neither narrowed rules nor narrowed people hear of it.
    assert letters() == [("alarm", "joko")]
    assert [*Suppressed.objects.values_list("occurrence", "reason")] == [(found[1].pk, "scope")]
