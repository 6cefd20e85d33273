"""The dashboard and the screens name the worst incidents first, before single ONTs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from ronda.accounts import screens
from ronda.incidents.models import Incident
from ronda.incidents.service import acting
from tests.incidents.fleet import lose, make_onts, passing

pytestmark = pytest.mark.django_db


def test_the_worst_incident_stands_first_with_who_sees_to_it(
    client: Client, people: dict[str, Any]
) -> None:
    lose(make_onts(40, "Niron", "Sleman")[:1], 0)
    lose(make_onts(40, "Dukuh")[:9], 1000)
    passing(1060)
    acting.acknowledge(Incident.objects.get(ont=None), people["technician"])
    client.force_login(people["viewer"])
    page = client.get("/").content.decode()
    assert page.index("Area Dukuh") < page.index("Niron RT 0")
    assert "9 ONTs out" in page
    assert "joko" in page
    television = Client()
    television.get(f"/wall/{screens.make(people['noc'], 'Pos')}/")
    assert "Area Dukuh" in television.get("/wall/").content.decode()


def test_without_incidents_there_is_no_card_and_more_cost_no_more_queries(
    client: Client, people: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    client.force_login(people["viewer"])
    assert "incidents-now" not in client.get("/overview/ongoing/").content.decode()
    lose(make_onts(40, "Dukuh")[:1], 0)
    passing(60)
    with django_assert_max_num_queries(40) as at_one:
        assert "incidents-now" in client.get("/overview/ongoing/").content.decode()
    for number in range(7):
        lose(make_onts(40, f"Dukuh {number}", f"Situs {number}")[:9], 1000 * (number + 1))
        passing(1000 * (number + 1) + 60)
    with django_assert_max_num_queries(len(at_one.captured_queries)):
        page = client.get("/overview/ongoing/").content.decode()
    assert page.count("<li>") == 5
