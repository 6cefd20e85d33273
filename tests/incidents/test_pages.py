"""The incidents' pages and JSON doors: who sees what, who may act, and what a page costs."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ronda.accounts.service import tokens
from ronda.devices.models import Scope as SiteScope
from ronda.devices.models import Site
from ronda.incidents.models import Incident
from tests.incidents.fleet import give_back, lose, make_onts, passing

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def incidents() -> list[Incident]:
    """One ONT of Sleman, then an area of Kalisari, then one ONT that is over."""
    lose(make_onts(40, "Niron", "Sleman")[:1], 0)
    lose(make_onts(40, "Dukuh")[:9], 1000)
    passing(1060)
    gone = make_onts(40, "Pakem", "Pakem")[:1]
    lose(gone, 5000)
    passing(5100)
    give_back(gone, 5200)
    passing(5210, 5300)
    return list(Incident.objects.order_by("pk"))


def page(client: Client, person, address: str = "/incidents/") -> str:
    client.force_login(person)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_what_is_open_worst_first(client, people, incidents):
    text = page(client, people["viewer"])

    assert text.index("Area Dukuh") < text.index("Niron RT 0")
    assert "Pakem RT 0" not in text
    assert 'value="acknowledge"' not in text


def test_filters_narrow_the_list(client, people, incidents):
    single, area, over = incidents
    site = Site.objects.get(name="Kalisari")
    Incident.objects.filter(pk=single.pk).update(assigned_to=people["noc"])

    def shown(query: str) -> set[int]:
        text = page(client, people["noc"], f"/incidents/?{query}")
        return {one.pk for one in incidents if f'href="/incidents/{one.pk}/"' in text}

    assert shown("state=over") == {over.pk}
    assert shown("state=all") == {one.pk for one in incidents}
    assert shown(f"site={site.pk}") == {area.pk}
    assert shown(f"area={area.area_id}") == {area.pk}
    assert shown("whose=mine") == {single.pk}
    assert shown("state=new") == {single.pk, area.pk}
    assert shown("state=seen") == set()
    assert shown("state=snoozed") == set()
    assert shown("state=nonsense&site=x&page=9") == {single.pk, area.pk}


def test_one_incident_tells_its_story(client, people, incidents):
    text = page(client, people["technician"], f"/incidents/{incidents[1].pk}/")

    assert "Opened with 9 ONTs." in text
    assert "Dukuh RT 8" in text
    assert f"#area={incidents[1].area_id}" in text
    assert 'data-key="a"' in text
    client.force_login(people["viewer"])
    assert client.get("/incidents/987654/").status_code == 404


def test_the_page_of_an_ont_names_its_incidents(client, people, incidents):
    ont = incidents[0].ont
    assert ont is not None

    text = page(client, people["viewer"], f"/onts/{ont.pk}/incidents/")

    assert f"/incidents/{incidents[0].pk}/" in text


def test_the_buttons_act_and_lead_back(client, people, incidents):
    one = incidents[1]
    client.force_login(people["technician"])
    address = reverse("incidents:act", args=[one.pk])

    def press(**values: object) -> str:
        answer = client.post(address, values)
        assert answer.status_code == 302
        one.refresh_from_db()
        return answer["Location"]

    assert press(do="acknowledge", back="/incidents/?state=new") == "/incidents/?state=new"
    assert one.acknowledged_by == people["technician"]
    assert press(do="unacknowledge", back="https://example.org/") == f"/incidents/{one.pk}/"
    assert press(do="unacknowledge", back="somewhere") == f"/incidents/{one.pk}/"
    press(do="take")
    assert (one.assigned_to, one.acknowledged_by) == (people["technician"],) * 2
    press(do="assign", person=people["noc"].pk)
    assert one.assigned_to == people["noc"]
    for nobody in (people["cashier"].pk, "9" * 20, "9" * 5000):
        press(do="assign", person=nobody)
    assert one.assigned_to == people["noc"]
    press(do="snooze", hours="4", note="menunggu PLN")
    assert one.snoozed_until is not None
    assert one.snoozed_until > timezone.now()
    press(do="unsnooze")
    press(do="note", note="di tiang 4")
    press(do="snooze", hours="5")
    assert (one.snoozed_until, one.steps.first() is not None) == (None, True)
    assert client.post(address, {"do": "dance"}).status_code == 404
    client.force_login(people["viewer"])
    assert client.post(address, {"do": "acknowledge"}).status_code == 403


def test_programs_list_read_and_act(client, people, incidents):
    def call(person: str, method: str, path: str, body: object = None) -> tuple[int, dict]:
        key = tokens.make(people[person], "test", people[person].role)[1]
        answer = client.generic(
            method,
            f"/api/v1/incidents{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        return answer.status_code, answer.json()

    one = incidents[1]
    status, listed = call("viewer", "GET", "")
    assert (status, listed["count"], listed["items"][0]["id"]) == (200, 2, one.pk)
    assert listed["items"][0]["title"] == "Area Dukuh"
    status, whole = call("viewer", "GET", f"/{one.pk}")
    assert (len(whole["members"]), whole["steps"][-1]["change"]) == (9, "opened")
    assert call("viewer", "POST", f"/{one.pk}/act", {"do": "acknowledge"})[0] == 403
    act = f"/{one.pk}/act"
    assert call("noc", "POST", act, {"do": "acknowledge", "note": "x"})[1]["acknowledged_by"]
    technician = people["technician"].username
    given = call("noc", "POST", act, {"do": "assign", "person": technician})
    assert given[1]["assigned_to"] == technician
    assert call("noc", "POST", act, {"do": "assign", "person": "nobody-here"})[0] == 422
    assert call("noc", "POST", act, {"do": "assign"})[1]["assigned_to"] is None
    assert call("noc", "POST", act, {"do": "snooze"})[1]["snoozed_until"]
    assert call("noc", "POST", act, {"do": "unsnooze"})[1]["snoozed_until"] is None
    assert call("noc", "POST", act, {"do": "unacknowledge"})[1]["acknowledged_at"] is None
    assert call("noc", "POST", act, {"do": "note", "note": ""})[0] == 409
    assert call("noc", "POST", f"/{incidents[2].pk}/act", {"do": "acknowledge"})[0] == 409
    assert call("viewer", "GET", "/987654")[0] == 404


def test_people_of_one_site_see_its_incidents_only(client, people, incidents):
    technician = people["technician"]
    technician.narrowed = True
    technician.save()
    SiteScope.objects.create(person=technician, site=Site.objects.get(name="Sleman"))

    text = page(client, technician)

    assert "Niron RT 0" in text
    assert "Area Dukuh" not in text
    assert client.get(f"/incidents/{incidents[1].pk}/").status_code == 404
    address = reverse("incidents:act", args=[incidents[1].pk])
    assert client.post(address, {"do": "acknowledge"}).status_code == 404


def test_a_page_costs_the_same_with_one_row_and_with_fifty(client, people):
    onts = make_onts(40)
    lose(onts[:1], 0)
    passing(60)
    client.force_login(people["noc"])

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    number = Incident.objects.get().pk
    one, few = cost("/incidents/"), cost(f"/incidents/{number}/")
    lose(onts[1:], 30)
    for site in range(10):
        lose(make_onts(4, "Pusat", f"Site {site}"), 1000 * (site + 1))
    passing(60, 20_000)

    assert cost("/incidents/") == one
    assert cost(f"/incidents/{number}/") == few
