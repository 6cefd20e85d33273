"""A screen on the wall: one address, one page, nothing else, and off when somebody says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client

from ronda.accounts import screens
from ronda.accounts.models import ApiToken, AuditRow
from ronda.app.asgi import identify
from ronda.devices.models import Scope
from ronda.monitoring.models import Outage, State, Watch
from tests.devices.factories import make_ont, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_tries_before() -> None:
    cache.clear()


def down(number: int, **values: Any) -> Any:
    ont = make_ont(number, **values)
    Watch.objects.create(ont=ont, state=State.DOWN, since=ont.created_at)
    Outage.objects.create(ont=ont, started_at=ont.created_at, confirmed_at=ont.created_at)
    return ont


@pytest.fixture
def screen(people: dict[str, Any]) -> Client:
    """A television that opened its address once."""
    television = Client()
    key = screens.make(people["noc"], "Pos ronda")
    answer = television.get(f"/wall/{key}/")
    assert answer.status_code == 302
    assert answer["Location"] == "/wall/"
    return television


def test_a_screen_shows_the_wallboard_without_a_way_into_the_rest(screen: Client) -> None:
    page = screen.get("/wall/").content.decode()
    assert 'class="wall"' in page
    assert "/wall/ongoing/" in page
    assert "Back to the dashboard" not in page
    assert screen.get("/wall/ongoing/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/onts/", "/outages/", "/people/", "/wallboard/"])
def test_every_other_page_asks_a_screen_to_sign_in(screen: Client, path: str) -> None:
    assert screen.get(path).status_code == 302


def test_its_token_opens_no_address_of_the_api(people: dict[str, Any], client: Client) -> None:
    key = screens.make(people["noc"], "Pos ronda")
    bearer = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/onts", headers=bearer).status_code == 403
    assert client.get("/metrics", headers=bearer).status_code in {401, 403}


def test_live_data_comes_to_a_screen_as_far_as_its_maker_sees(people: dict[str, Any]) -> None:
    own, other = make_site("Timur"), make_site("Barat")
    maker = people["noc"]
    maker.narrowed = True
    maker.save()
    Scope.objects.create(person=maker, site=own)
    names = down(1, site=own).name, down(2, site=other, name="Warung Barat").name
    television = Client()
    key = screens.make(maker, "Timur")
    television.get(f"/wall/{key}/")
    page = television.get("/wall/").content.decode()
    assert names[0] in page
    assert names[1] not in page
    caller = identify({"cookie": f"{screens.COOKIE}={key}"}, "192.0.2.7")
    assert getattr(caller, "sites", None) == frozenset({own.pk})
    assert not getattr(caller, "public", True)


def test_a_screen_is_switched_off_for_good(
    people: dict[str, Any], screen: Client, client: Client
) -> None:
    client.force_login(people["noc"])
    token = ApiToken.objects.get()
    page = client.get("/wallboard/screens/").content.decode()
    assert "Pos ronda" in page
    client.post(f"/wallboard/screens/{token.pk}/end/", follow=True)
    assert AuditRow.objects.filter(action="token.revoke").count() == 1
    assert screen.get("/wall/").status_code == 302
    assert screen.get("/wall/ongoing/").status_code == 302
    cookie = screen.cookies[screens.COOKIE].value
    assert identify({"cookie": f"{screens.COOKIE}={cookie}"}, "192.0.2.7") is None
    assert "Pos ronda" not in client.get("/wallboard/screens/").content.decode()


def test_the_address_is_shown_once_and_works(people: dict[str, Any], client: Client) -> None:
    client.force_login(people["noc"])
    page = client.post("/wallboard/screens/", {"name": "Balai"}).content.decode()
    key = page.split("/wall/")[1].split("/")[0]
    assert Client().get(f"/wall/{key}/").status_code == 302
    assert key not in client.get("/wallboard/screens/").content.decode()


def test_a_wrong_address_and_another_token_open_nothing(
    people: dict[str, Any], client: Client
) -> None:
    from ronda.accounts.service import tokens

    _token, text = tokens.make(people["owner"], "backup", "owner")
    for key in ("rnd_wrong", text):
        assert client.get(f"/wall/{key}/").status_code == 404
        client.cookies[screens.COOKIE] = key
        assert client.get("/wall/ongoing/").status_code == 302


def test_the_cookie_is_kept_from_scripts(people: dict[str, Any]) -> None:
    television = Client()
    television.get(f"/wall/{screens.make(people['noc'], 'Pos')}/")
    cookie = television.cookies[screens.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert bool(cookie["secure"]) is django_settings.SESSION_COOKIE_SECURE


def test_who_only_looks_makes_no_addresses(people: dict[str, Any], client: Client) -> None:
    client.force_login(people["viewer"])
    assert client.get("/wallboard/screens/").status_code == 403
    assert client.post("/wallboard/screens/", {"name": "x"}).status_code == 403
