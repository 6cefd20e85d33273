"""Signing in and what an attacker would try at it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import people as service

pytestmark = [pytest.mark.django_db]

GOOD = "tujuh-gajah-lewat"
OTHER = "delapan-sapi-mandi"


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sari() -> Person:
    return service.add("sari", "owner", email="sari@example.net", password=GOOD)


def sign_in(client: Client, name: str, password: str, **more: Any) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": password, **more})


@pytest.mark.parametrize("name", ["sari", "SARI", "sari@example.net", "Sari@Example.Net"])
def test_one_signs_in_by_name_or_address(client: Client, sari: Person, name: str) -> None:
    assert sign_in(client, name, GOOD).headers["Location"] == "/"
    assert client.get("/profile/").status_code == 200


def test_a_wrong_password_and_an_unknown_name_look_alike(client: Client, sari: Person) -> None:
    texts = []
    for name in ("sari", "nobody"):
        answer = sign_in(client, name, "wrong-wrong-wrong")
        assert answer.status_code == 200
        text = answer.content.decode().replace(name, "NAME")
        texts.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("name", ["sari", "nobody", "wayan"])
def test_every_failed_sign_in_costs_one_hash(
    client: Client, sari: Person, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A name that exists is not told by the time taken. (wayan exists and has no password yet.)"""
    service.add("wayan", "noc")
    hashes = []
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify
    monkeypatch.setattr(
        Argon2PasswordHasher, "encode", lambda *a, **k: hashes.append("encode") or encode(*a, **k)
    )
    monkeypatch.setattr(
        Argon2PasswordHasher, "verify", lambda *a, **k: hashes.append("verify") or verify(*a, **k)
    )
    sign_in(client, name, "wrong-wrong-wrong")
    assert len(hashes) == 1


def test_after_five_wrong_tries_the_name_is_locked_and_the_page_says_how_long(
    client: Client, sari: Person
) -> None:
    client.cookies["django_language"] = "en"
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        for _ in range(5):
            sign_in(client, "sari", "wrong-wrong-wrong")
    with time_machine.travel(start + timedelta(seconds=61), tick=False):
        answer = sign_in(client, "sari", GOOD)
        assert "Too many failed sign-ins. Try again in 4 minutes." in answer.content.decode()
    with time_machine.travel(start + timedelta(seconds=270), tick=False):
        answer = sign_in(client, "sari", GOOD)
        assert "Try again in 30 seconds." in answer.content.decode()
    with time_machine.travel(start + timedelta(seconds=301), tick=False):
        assert sign_in(client, "sari", GOOD).status_code == 302


def test_tries_by_name_by_address_and_at_other_ports_count_together(
    client: Client, sari: Person
) -> None:
    for number in range(5):
        name = ("sari", "SARI@example.net")[number % 2]
        client.post(
            "/accounts/login/",
            {"login": name, "password": "wrong-wrong-wrong"},
            headers={"host": f"localhost:{number + 1}"},
        )
    assert "locked" in str(sign_in(client, "sari", GOOD).context["form"].errors.as_json())


def test_one_address_cannot_try_many_names(client: Client, sari: Person) -> None:
    for number in range(10):
        sign_in(client, f"name{number}", "wrong-wrong-wrong")
    assert "locked" in str(sign_in(client, "sari", GOOD).context["form"].errors.as_json())
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert sign_in(elsewhere, "sari", GOOD).status_code == 302


def test_the_session_gets_a_new_key_at_sign_in_and_is_gone_after_sign_out(
    client: Client, sari: Person
) -> None:
    """Session fixation: a key that somebody planted is worth nothing afterwards."""
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["ronda_session"] = planted
    sign_in(client, "sari", GOOD)
    key = client.cookies["ronda_session"].value
    assert key != planted
    assert not Session.objects.filter(session_key=planted).exists()
    assert client.get("/accounts/logout/").status_code == 200
    assert Session.objects.filter(session_key=key).exists()
    client.post("/accounts/logout/")
    assert not Session.objects.filter(session_key=key).exists()


def test_a_made_up_session_key_is_never_taken_over(client: Client, sari: Person) -> None:
    client.cookies["ronda_session"] = "attackerchosenattackerchosen0000"
    sign_in(client, "sari", GOOD)
    assert client.cookies["ronda_session"].value != "attackerchosenattackerchosen0000"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\thttps://evil.example",
    ],
)
def test_sign_in_leads_to_no_other_server(client: Client, sari: Person, target: str) -> None:
    assert sign_in(client, "sari", GOOD, next=target).headers["Location"] == "/"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(client: Client, sari: Person) -> None:
    asked = client.get("/people/")
    assert asked.headers["Location"] == "/accounts/login/?next=/people/"
    assert sign_in(client, "sari", GOOD, next="/people/").headers["Location"] == "/people/"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example"]
)
def test_a_forged_host_is_refused(client: Client, sari: Person, host: str) -> None:
    assert client.get("/accounts/login/", headers={"host": host}).status_code == 400


def test_a_forged_forwarded_host_is_not_believed_without_a_proxy(
    client: Client, sari: Person
) -> None:
    client.force_login(sari)
    answer = client.post(
        "/people/", {"name": "tini", "role": "viewer"}, headers={"x-forwarded-host": "evil.example"}
    )
    assert "http://testserver/setup/" in answer.content.decode()


def test_the_cookies_are_closed_to_scripts_and_other_sites(client: Client, sari: Person) -> None:
    sign_in(client, "sari", GOOD)
    session = client.cookies["ronda_session"]
    assert (session["httponly"], session["samesite"], session["secure"]) == (True, "Lax", "")
    assert client.cookies["csrftoken"]["samesite"] == "Lax"


def test_over_https_the_cookies_are_secure(client: Client, sari: Person, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client.get("/accounts/login/", secure=True)
    client.post("/accounts/login/", {"login": "sari", "password": GOOD}, secure=True)
    assert client.cookies["ronda_session"]["secure"] is True
    assert client.cookies["csrftoken"]["secure"] is True


def test_a_disabled_person_is_out_at_once_and_cannot_come_back(
    client: Client, sari: Person
) -> None:
    wayan = service.add("wayan", "noc", password=GOOD)
    sign_in(client, "wayan", GOOD)
    assert client.get("/profile/").status_code == 200
    service.disable(wayan, by=sari)
    assert client.get("/profile/").status_code == 302
    assert "ronda_session" not in client.cookies or client.get("/profile/").status_code == 302
    assert sign_in(client, "wayan", GOOD).headers.get("Location") == "/accounts/inactive/"
    assert client.get("/profile/").status_code == 302


def test_a_password_from_somebody_else_must_be_changed_first(client: Client, sari: Person) -> None:
    wayan = service.add("wayan", "noc", password=GOOD, must_change=True, by=sari)
    sign_in(client, "wayan", GOOD)
    for page in ("/profile/", "/tokens/", "/accounts/2fa/", "/accounts/sessions/"):
        assert client.get(page).headers["Location"] == "/accounts/password/change/"
    change = {"oldpassword": GOOD, "password1": GOOD, "password2": GOOD}
    assert client.post("/accounts/password/change/", change).status_code == 200
    wayan.refresh_from_db()
    assert wayan.must_change_password
    client.post("/accounts/password/change/", change | {"password1": OTHER, "password2": OTHER})
    wayan.refresh_from_db()
    assert not wayan.must_change_password
    again = Client()
    sign_in(again, "wayan", OTHER)
    assert again.get("/profile/").status_code == 200


def test_a_changed_password_ends_the_other_sessions(client: Client, sari: Person) -> None:
    other = Client()
    sign_in(client, "sari", GOOD)
    sign_in(other, "sari", GOOD)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": GOOD, "password1": OTHER, "password2": OTHER},
    )
    assert other.get("/profile/").status_code == 302


def test_sign_ins_and_failures_are_in_the_trail_without_what_was_typed(
    client: Client, sari: Person
) -> None:
    sign_in(client, "hunter2-typed-in-the-wrong-field", "wrong-wrong-wrong")
    sign_in(client, "sari", "wrong-wrong-wrong")
    sign_in(client, "sari", GOOD)
    rows = [(row.actor, row.action, row.subject) for row in AuditRow.objects.order_by("id")]
    assert rows[1:] == [
        ("system", "person.sign_in_failed", "?"),
        ("system", "person.sign_in_failed", "sari"),
        ("sari", "person.sign_in", "sari"),
    ]


def test_nobody_signs_up_and_no_mail_is_sent(client: Client, sari: Person, mailoutbox: Any) -> None:
    for page in ("/accounts/signup/", "/accounts/email/", "/accounts/password/reset/key/1-x/"):
        assert client.get(page).status_code == 404
        assert client.post(page, {"email": "a@example.net"}).status_code == 404
    assert (
        client.post("/accounts/password/reset/", {"email": "sari@example.net"}).status_code == 405
    )
    assert "ronda user link" in client.get("/accounts/password/reset/").content.decode()
    sign_in(client, "sari", GOOD)
    assert (mailoutbox, Person.objects.count()) == ([], 1)
