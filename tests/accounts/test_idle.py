"""Sessions that nobody uses end; whoever signs out leaves nothing in the browser."""

import time
from collections.abc import Iterator

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from ronda.accounts.auth import person_of_cookie
from ronda.accounts.models import Person
from ronda.accounts.service import people as service
from ronda.work import tuning

pytestmark = [pytest.mark.django_db, pytest.mark.database]
GOOD = "tujuh-gajah-lewat"
START = 1_795_262_400.0
HOUR = 3600


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def wayan(client: Client, clock: time_machine.Traveller) -> Client:
    service.add("sari", "owner", password=GOOD)
    service.add("wayan", "noc", password=GOOD)
    client.post("/accounts/login/", {"login": "wayan", "password": GOOD})
    return client


def cookie(client: Client) -> str:
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def test_who_comes_back_within_three_days_stays_signed_in(
    wayan: Client, clock: time_machine.Traveller
) -> None:
    for day in (2, 4, 6):
        clock.move_to(START + day * 24 * HOUR)
        assert wayan.get("/profile/").status_code == 200


def test_a_session_that_nobody_used_is_over_at_every_door(
    wayan: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(START + 72 * HOUR - 1)
    assert isinstance(person_of_cookie(cookie(wayan)), Person)
    clock.move_to(START + 72 * HOUR)
    assert person_of_cookie(cookie(wayan)) is None
    assert wayan.get("/api/v1/me").status_code == 401
    before = cookie(wayan)
    answer = wayan.get("/profile/")
    assert answer.headers["Location"].startswith("/accounts/login/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert cookie(wayan) != before


def test_an_open_page_does_not_bring_it_back(wayan: Client, clock: time_machine.Traveller) -> None:
    clock.move_to(START + 80 * HOUR)
    assert wayan.get("/api/v1/me").status_code == 401
    assert person_of_cookie(cookie(wayan)) is None


def test_the_hours_are_the_owners(wayan: Client, clock: time_machine.Traveller) -> None:
    tuning.change("idle_hours", 1, by="sari")
    clock.move_to(START + HOUR - 1)
    assert wayan.get("/profile/").status_code == 200
    assert wayan.session["ronda_seen"] == int(time.time())
    clock.move_to(START + 2 * HOUR)
    assert wayan.get("/profile/").status_code == 302


def test_signing_out_clears_what_the_browser_kept(wayan: Client) -> None:
    assert "Clear-Site-Data" not in wayan.get("/profile/").headers
    answer = wayan.post("/accounts/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in wayan.get("/accounts/login/").headers
