"""Messages lead to the page where one acts, at the address where people open Ronda."""

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from ronda.alerts.channels import KINDS
from ronda.alerts.models import Channel, Letter, Outgoing, OwnNotice
from ronda.alerts.rules.occurrences import What
from ronda.alerts.service import addresses, channels, places, sending, telling
from ronda.alerts.service.occurrences import Beginning, begin
from ronda.alerts.service.wordings import Told
from ronda.work import tuning
from tests.alerts.outside import Outside
from tests.alerts.telling_world import rule, send_all
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

OK = {"ok": True, "result": {"message_id": 5}}


def configure(settings: Any, **values: Any) -> None:
    settings.RONDA = settings.RONDA.model_copy(update=values)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, ""),
        ({"bind": "0.0.0.0:8000"}, ""),
        ({"bind": "[::1]:8000"}, ""),
        ({"bind": "192.0.2.7:8000"}, "http://192.0.2.7:8000"),
        ({"bind": "[2001:db8::7]:443", "https": True}, "https://[2001:db8::7]:443"),
        ({"hosts": ["ronda.lan", "other.lan"], "bind": "192.0.2.7:80"}, "http://ronda.lan"),
        ({"hosts": ["ronda.lan"], "https": True}, "https://ronda.lan"),
        ({"hosts": ["ronda.lan"], "public_address": "https://r.example:8"}, "https://r.example:8"),
    ],
)
def test_the_address_is_what_was_said_else_what_can_be_known(
    settings: Any, given: dict[str, Any], address: str
) -> None:
    configure(settings, **given)
    assert places.public_address() == address


def test_administrators_say_it_and_read_where_links_lead(people: dict[str, Any]) -> None:
    client = Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(people["owner"], backend=backend)
    page = client.get("/channels/").content.decode()
    assert "Messages carry no link to the page where one acts" in page
    assert "Your browser uses http://testserver." in page
    assert "Say at which address people open Ronda" in client.get("/start/").content.decode()

    with pytest.raises(tuning.WrongValue, match="Write an address such as"):
        tuning.change("public_address", "ronda.example/x", by="sari")
    tuning.change("public_address", "https://Ronda.example/", by="sari")
    page = client.get("/channels/").content.decode()
    assert "Links in messages lead to https://ronda.example." in page


def test_a_chat_ends_with_the_link_and_inside_the_notice_leads_there(
    server: Outside, people: dict[str, Any]
) -> None:
    switches, values = {"name": "Bot", "local": True}, {"token": "geheim", "url": server.url}
    bot = channels.save(Channel(kind="telegram"), switches, values, None)
    addresses.add(people["technician"], bot, "7", None, proved=True)
    rule([["role", "technician"]], whats=["health"], hold_s=0)
    tuning.change("public_address", "https://ronda.example", by="sari")
    server.say(200, OK)
    router = make_router()
    facts = {"trouble": "temperature", "router": router.pk, "name": "Induk", "value": 85}
    given = {**facts, "text": "", "since": None}
    row = begin(Beginning("hot", What.HEALTH, timezone.now(), given, site=router.site_id))
    telling.consider([row], timezone.now())
    send_all()

    path = f"/routers/{router.pk}/health/"
    assert server.asked[0].json["text"].endswith(f"\n\nhttps://ronda.example{path}")
    assert OwnNotice.objects.get().page == path
    client = Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(people["technician"], backend=backend)
    assert f'<a href="{path}">' in client.get("/for-me/").content.decode()


def test_a_link_is_never_cut_off_and_never_said_twice() -> None:
    gateway = KINDS["gateway"]
    long = Told("Title", "x" * 9000, "https://ronda.example/incidents/7/")
    text = sending.readable(long, gateway)
    assert len(text) == gateway.longest
    assert text.endswith("…\n\nhttps://ronda.example/incidents/7/")
    said = Told("Title", "See https://r.example/1", "https://r.example/1")
    assert sending.readable(said, gateway) == "See https://r.example/1"
    assert sending.readable(Told("T", "Text", "https://r.example/1"), KINDS["ntfy"]) == "Text"
    assert sending.readable(Told("T", "Text"), gateway) == "Text"


@pytest.mark.parametrize(
    ("what", "facts", "incident", "page"),
    [
        ("outage", {}, 7, "incidents:incident"),
        ("outage", {}, None, "incidents:incidents"),
        ("router", {"trouble": "lost"}, 7, "incidents:incident"),
        ("repeated", {"ont": 3}, 7, "devices:ont"),
        ("health", {"router": 2, "trouble": "temperature"}, None, "upkeep:router"),
        ("backup", {"router": 2, "trouble": "backup"}, None, "upkeep:copies"),
        ("backup", {"text": "No room"}, None, "devices:backups"),
        ("disk", {"free": 1, "size": 2}, None, "devices:backups"),
        ("limit", {"router": 2}, None, "hotspot:of-router"),
        ("use", {}, None, "hotspot:users"),
        ("payment", {"number": "R-1"}, None, "shop:order"),
        ("payment", {}, None, "shop:inbox"),
        ("blind", {"state": "blind"}, None, "monitoring:health"),
    ],
)
def test_every_trouble_has_the_page_where_one_acts(
    what: str, facts: dict[str, Any], incident: int | None, page: str
) -> None:
    row = begin(Beginning("x", What(what), timezone.now(), facts, incident=incident))
    assert resolve(places.of(row)).view_name == page


def test_a_message_of_several_leads_to_all_of_ones_own(people: dict[str, Any]) -> None:
    letter = Letter.objects.create(to="person:1", kind="digest", made_at=timezone.now())
    for key in ("a", "b"):
        row = begin(Beginning(key, What.DISK, timezone.now()))
        row.told.create(letter=letter, kind="digest", to="person:1")
    assert resolve(places.page(letter.pk)).view_name == "alerts:for-me"
    assert Outgoing.objects.count() == 0
