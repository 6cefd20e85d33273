"""The authenticator as a second step, recovery codes, and sessions one can end."""

import re
import time
from collections.abc import Iterator

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from ronda.accounts.models import Person
from ronda.accounts.service import people as service
from ronda.accounts.service import setup, tokens
from ronda.work import tuning

pytestmark = [pytest.mark.django_db]

GOOD = "tujuh-gajah-lewat"


@pytest.fixture(autouse=True)
def _within_one_code() -> Iterator[None]:
    """A code lives 30 s, so that a slow machine could see it end within a test."""
    with time_machine.travel("2026-11-21T12:00:10Z", tick=False):
        yield


@pytest.fixture
def sari() -> Person:
    cache.clear()
    return service.add("sari", "owner", password=GOOD)


def sign_in(client: Client) -> str:
    answer = client.post("/accounts/login/", {"login": "sari", "password": GOOD})
    return str(answer.headers["Location"])


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up(client: Client) -> str:
    sign_in(client)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302  # the password once more
    client.post("/accounts/reauthenticate/", {"password": GOOD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert "data:image/svg+xml" in page
    secret = re.search(r'id="authenticator_secret"[^>]*value="(\w+)"', page)
    assert secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code(secret[1])})
    assert answer.status_code == 302
    cache.clear()  # the code was used; a second use within its 30 s is refused by a cache entry
    return secret[1]


def test_with_a_second_step_the_password_alone_opens_nothing(client: Client, sari: Person) -> None:
    secret = set_up(client)
    other = Client()
    assert sign_in(other) == "/accounts/2fa/authenticate/"
    assert other.get("/profile/").status_code == 302
    assert other.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert other.post("/accounts/2fa/authenticate/", {"code": code(secret)}).status_code == 302
    assert other.get("/profile/").status_code == 200


def test_the_page_of_second_steps_says_what_is_in_use(client: Client, sari: Person) -> None:
    sign_in(client)
    before = client.get("/accounts/2fa/").content.decode()
    assert "shows a new code every half minute" in before
    assert "for the day on which your phone is lost" in before

    set_up(client)

    after = client.get("/accounts/2fa/").content.decode()
    assert "In use: at sign-in you type the code that your app shows." in after
    assert "10 of 10 codes are left." in after


def test_a_recovery_code_works_once(client: Client, sari: Person) -> None:
    set_up(client)
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert "<script src=" not in page.split("<main", 1)[1]
    codes = Authenticator.objects.get(user=sari, type="recovery_codes").wrap().get_unused_codes()
    for expected in (302, 200):
        other = Client()
        sign_in(other)
        answer = other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert answer.status_code == expected


def test_a_link_for_a_new_password_does_not_go_round_the_second_step(
    client: Client, sari: Person
) -> None:
    set_up(client)
    other = Client()
    new = {"password": "delapan-sapi-mandi", "again": "delapan-sapi-mandi"}
    answer = other.post(setup.link_for(sari), new)
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert other.get("/profile/").status_code == 302


def test_one_session_is_ended_from_another(client: Client, sari: Person) -> None:
    other = Client()
    sign_in(client)
    sign_in(other)
    key = other.cookies["ronda_session"].value
    assert "testserver" not in client.get("/accounts/sessions/").content.decode()
    client.post(f"/sessions/{UserSession.objects.get(session_key=key).pk}/end/")
    assert other.get("/profile/").status_code == 302
    assert client.get("/profile/").status_code == 200


def test_nobody_ends_somebody_elses_session(client: Client, sari: Person) -> None:
    service.add("tini", "viewer", password=GOOD)
    other = Client()
    other.post("/accounts/login/", {"login": "tini", "password": GOOD})
    sign_in(client)
    mine = UserSession.objects.get(user=sari)
    assert other.post(f"/sessions/{mine.pk}/end/").status_code == 404
    assert client.get("/profile/").status_code == 200


def test_an_owner_takes_off_a_lost_second_step(client: Client, sari: Person) -> None:
    set_up(client)
    service.remove_second_step(sari)
    assert sign_in(Client()) == "/"


def test_where_it_is_wanted_administrators_set_one_up_before_anything_else(
    client: Client, sari: Person
) -> None:
    tuning.change("second_step", True, by="sari")
    sign_in(client)
    answer = client.get("/onts/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/2fa/")
    assert "second step" in client.get("/accounts/2fa/").content.decode()
    refused = client.get("/api/v1/onts")
    assert refused.status_code == 403
    assert "second step" in refused.json()["error"]["message"]
    program = {"login": "sari", "password": GOOD}
    assert (
        client.post("/api/v1/auth/token", program, content_type="application/json").status_code
        == 403
    )
    set_up(client)
    assert client.get("/onts/").status_code == 200
    assert client.get("/api/v1/onts").status_code == 200


def test_others_and_tokens_go_on_without_one(client: Client, sari: Person) -> None:
    tuning.change("second_step", True, by="sari")
    tini = service.add("tini", "viewer", password=GOOD)
    client.force_login(tini)
    assert client.get("/onts/").status_code == 200
    _token, text = tokens.make(sari, "backup", "viewer")
    bearer = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/onts", headers=bearer).status_code == 200
