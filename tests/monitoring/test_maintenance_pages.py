"""The pages and JSON doors of planned work: who may, what is refused, what is shown."""

import json
from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.accounts.service import tokens
from ronda.devices.models import Area, Ont, Scope, Site
from ronda.monitoring.models import Outage, Window, Work
from ronda.monitoring.service import maintenance
from ronda.monitoring.service.maintenance_wording import calendar, describe, next_ones
from tests.monitoring.test_maintenance import NOW, hours, plan

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def onts() -> list[Ont]:
    site = Site.objects.create(name="Kalisari")
    area = Area.objects.create(site=site, name="Utara")
    return [
        Ont.objects.create(
            site=site, area=area, customer_id=f"K{n}", name=f"RT {n}", address=f"192.0.2.{n}"
        )
        for n in (1, 2)
    ]


def filled(**values: object) -> dict[str, object]:
    usual = {
        "name": "Ganti tiang",
        "repeat": "weekly",
        "first": "2026-11-20",
        "at": "21:00",
        "minutes": "120",
        "zone": "WITA",
        "weekdays": ["0", "4"],
        "last": "",
    }
    return {**usual, **values}


def test_a_window_is_made_changed_and_taken_away(client: Client, people, onts):
    client.force_login(people["noc"])
    area = onts[0].area

    made = client.post("/maintenance/new/", filled(area=area.pk))
    window = Window.objects.get()

    assert made.status_code == 302
    assert (window.area, window.days, window.zone) == (area, [0, 4], "WITA")
    assert window.next_at is not None
    text = client.get("/maintenance/").content.decode()
    assert "Every week on Monday, Friday at 21:00 WITA, for 2 h." in text
    changed = filled(onts="K1, K2", repeat="monthly", monthdays="1, 31", last="2030-01-01")
    assert client.post(f"/maintenance/{window.pk}/", changed).status_code == 302
    window.refresh_from_db()
    assert (window.area, window.days, window.onts.count()) == (None, [1, 31], 2)
    assert "K1, K2" in client.get(f"/maintenance/{window.pk}/").content.decode()
    assert client.get(f"/maintenance/{window.pk}/end/").status_code == 200
    assert client.post(f"/maintenance/{window.pk}/end/").status_code == 302
    assert client.get(f"/maintenance/{window.pk}/").status_code == 404
    actions = AuditRow.objects.filter(action__startswith="maintenance.").order_by("pk")
    assert [row.action for row in actions] == [
        "maintenance.create",
        "maintenance.edit",
        "maintenance.end",
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "Choose one"),
        ({"onts": "K1, K9"}, "customer ID K9"),
        ({"onts": "K1", "weekdays": []}, "at least one day"),
        ({"onts": "K1", "repeat": "monthly"}, "at least one day"),
        ({"onts": "K1", "repeat": "monthly", "monthdays": "0"}, "1 to 31"),
        ({"onts": "K1", "last": "2026-11-19"}, "before it begins"),
        ({"onts": "K1", "first": "9999-12-31"}, "Write a day"),
        ({"onts": "K1", "minutes": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(client, people, onts, wrong, said):
    client.force_login(people["noc"])

    answer = client.post("/maintenance/new/", filled(**wrong))

    assert (answer.status_code, Window.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_the_form_says_the_next_times_while_it_is_filled_in(client, people, onts):
    client.force_login(people["noc"])
    tomorrow = timezone.localdate() + timedelta(days=1)

    def said(**values: object) -> str:
        return client.get("/maintenance/preview/", filled(**values)).content.decode()

    assert "Once, on" in said(repeat="once", first=tomorrow.isoformat())
    assert "Next:" in said(repeat="daily")
    assert said(first="nonsense").strip() == "<span></span>"


def test_words_of_plans():
    night = Window(
        name="x", repeat="daily", zone="WIT", first=date(2026, 11, 20), at=time(23), minutes=120
    )
    once = Window(
        name="x", repeat="once", zone="WIB", first=date(2026, 11, 20), at=time(9), minutes=60
    )
    night.last = date(2026, 11, 21)

    assert describe(maintenance.plan_of(night)).endswith("until 21 Nov 2026.")
    assert "Fri 20 Nov 23:00\N{EN DASH}Sat 21 Nov 01:00" in next_ones(
        maintenance.plan_of(night), NOW - hours(9)
    )
    assert next_ones(maintenance.plan_of(once), NOW) == "It is not done again."
    weeks = calendar([night], date(2026, 11, 18))
    shown = [(day.day, entry.time) for week in weeks for day in week for entry in day.entries]
    assert shown == [(date(2026, 11, 20), "23:00 WIT"), (date(2026, 11, 21), "23:00 WIT")]


def test_viewers_read_and_people_of_another_site_see_nothing(client, people, onts):
    plan(area=onts[0].area)
    plan(onts[:1], name="Satu ONT")
    maintenance.begin_due(NOW + hours(1))
    Work.objects.update(ended_at=timezone.now())
    client.force_login(people["viewer"])
    text = client.get("/maintenance/").content.decode()
    assert "Ganti tiang" in text
    assert "/maintenance/new/" not in text
    assert client.get("/maintenance/new/").status_code == 403
    noc = people["noc"]
    noc.narrowed = True
    noc.save()
    Scope.objects.create(person=noc, site=Site.objects.create(name="Sleman"))
    client.force_login(noc)

    text = client.get("/maintenance/").content.decode()

    assert "Ganti tiang" not in text
    assert "Satu ONT" not in text
    assert client.get(f"/maintenance/{Window.objects.first().pk}/").status_code == 404
    assert client.get(f"/maintenance/new/?ont={onts[0].pk}").status_code == 200


def test_outages_and_uptime_say_what_was_planned(client, people, onts):
    now = timezone.now()
    Ont.objects.update(created_at=now - hours(99))
    Work.objects.create(
        name="x", area=onts[0].area, started_at=now - hours(3), ended_at=now - hours(1)
    )
    Outage.objects.create(ont=onts[0], started_at=now - hours(2), confirmed_at=now - hours(2))
    client.force_login(people["viewer"])

    text = client.get(f"/outages/?ont={onts[0].pk}").content.decode()

    assert "left out: maintenance or paused" in text
    assert "2 h" in text
    assert text.count("state-maintenance") == 1


def test_programs_plan_change_and_end(client, people, onts):
    def call(person: str, method: str, path: str, body: object = None) -> tuple[int, object]:
        key = tokens.make(people[person], "test", people[person].role)[1]
        answer = client.generic(
            method,
            f"/api/v1/maintenance{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        return answer.status_code, answer.json() if answer.content else None

    wanted = {
        "name": "Ganti tiang",
        "onts": [onts[0].pk],
        "repeat": "weekly",
        "days": [0, 4],
        "first": "2026-11-20",
        "at": "21:00",
        "minutes": 120,
        "zone": "WIT",
    }
    assert call("viewer", "POST", "", wanted)[0] == 403
    status, made = call("noc", "POST", "", wanted)
    assert (status, made["onts"], len(made["next"])) == (201, [onts[0].pk], 3)
    number = made["id"]
    status, changed = call(
        "noc", "PUT", f"/{number}", {**wanted, "onts": [], "area": onts[0].area_id}
    )
    assert (status, changed["area"], changed["onts"]) == (200, onts[0].area_id, [])
    assert [one["id"] for one in call("viewer", "GET", "")[1]] == [number]
    for wrong in (
        {"onts": []},
        {"onts": [987654]},
        {"onts": [], "site": 987654},
        {"days": [9]},
        {"at": "25:00"},
        {"first": "0001-01-01"},
    ):
        assert call("noc", "POST", "", {**wanted, **wrong})[0] == 422
    assert call("noc", "GET", "/done?days=400")[0] == 200
    assert call("noc", "DELETE", f"/{number}")[0] == 204
    assert call("noc", "DELETE", f"/{number}")[0] == 404
