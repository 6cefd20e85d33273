"""The first-hour guide ticks off what is there, tells what comes next, and can be put away."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.alerts.models import Address, Channel
from ronda.monitoring.models import State, Watch
from ronda.overview.service import first_hour
from ronda.routers.models import Status
from ronda.work import tuning
from tests.devices.factories import make_ont
from tests.routers.factories import make_router

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client, people: dict[str, Any]) -> Client:
    client.force_login(people["admin"])
    return client


def steps(person: Any) -> dict[str, first_hour.Step]:
    return {step.view: step for part in first_hour.guide(person).parts for step in part.steps}


def test_an_empty_installation_begins_with_the_list_of_onts(people: dict[str, Any]) -> None:
    guide = first_hour.guide(people["owner"])
    assert guide.next is not None
    assert guide.next.view == "devices:import"
    assert guide.done == 0


def test_what_is_there_is_ticked_off(people: dict[str, Any]) -> None:
    owner = people["owner"]
    ont = make_ont(latitude=-7.7, longitude=110.4)
    make_router(connection_status=Status.CONNECTED)
    found = steps(owner)
    assert found["devices:import"].done
    assert found["overview:map"].done
    assert found["routers:routers"].done
    # Nobody has pinged it yet, and no poller lives.
    Watch.objects.create(ont=ont, state=State.UP, since=ont.created_at)
    assert not steps(owner)["monitoring:health"].done


def test_only_an_address_that_was_proved_reaches_somebody(people: dict[str, Any]) -> None:
    owner, now = people["owner"], timezone.now()
    channel = Channel.objects.create(kind="telegram", name="Bot", active=True)
    address = Address.objects.create(person=owner, channel=channel, to="17", made_at=now)
    assert steps(owner)["alerts:channels"].done
    assert not steps(owner)["alerts:mine"].done
    address.verified_at = now
    address.save()
    assert steps(owner)["alerts:mine"].done
    assert not steps(people["admin"])["alerts:mine"].done


def test_optional_steps_never_come_next(people: dict[str, Any]) -> None:
    guide = first_hour.guide(people["owner"])
    optional = [step for part in guide.parts for step in part.steps if step.optional]
    assert optional
    assert guide.next not in optional
    assert guide.needed + len(optional) == sum(len(part.steps) for part in guide.parts)


def test_the_page_and_the_card_name_the_next_step(admin: Client) -> None:
    for address in ("/start/", "/start/card/"):
        page = admin.get(address).content.decode()
        assert "Bring in the list of ONTs" in page
        assert "0 of" in page
    assert 'aria-current="step"' in admin.get("/start/").content.decode()


def test_the_dashboard_leads_there_until_it_is_put_away(
    admin: Client, people: dict[str, Any]
) -> None:
    assert "/start/card/" in admin.get("/").content.decode()
    admin.post("/start/hide/")
    assert "/start/card/" not in admin.get("/").content.decode()
    row = AuditRow.objects.get(action="settings.change")
    assert (row.subject, row.before, row.after) == ("first_hour", {"value": True}, {"value": False})
    admin.post("/start/hide/", {"show": "1"})
    assert "/start/card/" in admin.get("/").content.decode()


def test_who_sets_nothing_up_is_not_led_there(client: Client, people: dict[str, Any]) -> None:
    client.force_login(people["viewer"])
    assert "/start/" not in client.get("/").content.decode()
    assert client.get("/start/").status_code == 403
    assert client.post("/start/hide/").status_code == 403
    assert tuning.value("first_hour") is True
