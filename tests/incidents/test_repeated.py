"""An ONT that is lost again and again is told of once a period, and listed."""

import pytest
from django.utils import timezone

from ronda.devices.models import Ont
from ronda.incidents.models import Held, Incident, Repeated, Step
from ronda.incidents.service import repeating
from ronda.monitoring.models import Outage
from ronda.work import tuning
from ronda.work.models import Event
from tests.incidents.fleet import after, give_back, lose, make_onts, passing

HOUR = 3600

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def come_and_go(onts: list[Ont], *hours: float) -> None:
    for hour in hours:
        lose(onts, hour * HOUR)
        passing(hour * HOUR + 60)
        give_back(onts, hour * HOUR + 120)
        passing(hour * HOUR + 200)


def told() -> list[tuple[int, int]]:
    rows = Event.objects.filter(topic="incidents.repeated").order_by("pk")
    return [(row.payload["ont"], row.payload["count"]) for row in rows]


def test_the_third_outage_of_a_day_is_told_once_and_again_the_next_day():
    ont, other = make_onts(40)[:2]
    come_and_go([ont], 0, 2)
    come_and_go([other], 3)
    assert told() == []

    come_and_go([ont], 4, 6)
    assert told() == [(ont.pk, 3)]
    come_and_go([ont], 27, 29)

    assert told() == [(ont.pk, 3), (ont.pk, 3)]
    first = Repeated.objects.order_by("pk").first()
    assert first is not None
    assert (first.since, first.incident) == (after(0), Incident.objects.order_by("pk")[3])
    assert Step.objects.filter(change="repeated").count() == 2
    payload = Event.objects.filter(topic="incidents.repeated").first().payload
    assert payload["since"] == after(0).isoformat()


def test_planned_work_and_what_never_answered_do_not_count(people):
    ont = make_onts(40)[0]
    come_and_go([ont], 0, 2)
    for outage in Outage.objects.all():
        Held.objects.create(outage=outage, ont=ont, why="window", held_at=after(0))

    come_and_go([ont], 4)

    assert told() == []


def test_how_often_is_often_can_be_set_and_switched_off():
    ont = make_onts(40)[0]
    tuning.change("repeated_outages", 0, by="sari")
    come_and_go([ont], 0, 2, 4)
    assert told() == []
    assert not repeating.often_lost(None, after(5 * HOUR)).exists()
    tuning.change("repeated_outages", 2, by="sari")
    tuning.change("repeated_hours", 3, by="sari")

    come_and_go([ont], 6)

    assert told() == [(ont.pk, 2)]
    assert repeating.times_lost(ont.pk, after(6 * HOUR + 60)) == 2


def test_the_list_and_the_page_of_the_ont_say_so(client, people):
    often, seldom = make_onts(40)[:2]
    come_and_go([often], 0, 2, 4)
    come_and_go([seldom], 1)
    Outage.objects.update(started_at=timezone.now(), ended_at=timezone.now())
    client.force_login(people["viewer"])

    text = client.get("/incidents/often/").content.decode()

    assert f'href="/onts/{often.pk}/"' in text
    assert f'href="/onts/{seldom.pk}/"' not in text
    assert "Lost 3 times" in client.get(f"/onts/{often.pk}/incidents/").content.decode()
    assert "Lost" not in client.get(f"/onts/{seldom.pk}/incidents/").content.decode()
    listed = client.get("/api/v1/incidents/often").json()
    assert [(row["ont_id"], row["count"]) for row in listed] == [(often.pk, 3)]
