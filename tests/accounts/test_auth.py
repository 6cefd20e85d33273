"""Tokens and cookies at the JSON doors."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client
from django.urls import path
from django.utils import timezone
from ninja import NinjaAPI

from ronda.accounts import auth, errors
from ronda.accounts.errors import NotAllowed, OutOfScope, TooManyTries
from ronda.accounts.models import ApiToken, AuditRow, Person, Role
from ronda.accounts.service import people as service
from ronda.accounts.service import tokens
from ronda.web.answers import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.urls(__name__)]

api = NinjaAPI(urls_namespace="doors-under-test", docs_url=None)


@api.get("/read", auth=auth.session_or_token(Role.VIEWER))
def read(request: HttpRequest) -> dict[str, str]:
    return {"who": request.user.get_username()}


@api.post("/write", auth=auth.session_or_token(Role.NOC))
def write(request: HttpRequest) -> dict[str, str]:
    return {"who": request.user.get_username(), "role": request.user.role}


urlpatterns = [path("api/test/", api.urls)]


@pytest.fixture(autouse=True)
def no_earlier_tries() -> None:
    cache.clear()


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def test_a_stranger_gets_401_for_reading_and_writing(client: Client) -> None:
    assert client.get("/api/test/read").status_code == 401
    assert client.post("/api/test/write").status_code == 401


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
def test_a_token_opens_by_either_header_without_a_csrf_token(
    client: Client, people: dict[str, Person], header: str
) -> None:
    _token, text = tokens.make(people["noc"], "script", "noc")
    value = f"Bearer {text}" if header == "authorization" else text
    answer = client.post("/api/test/write", headers={header: value})
    assert (answer.status_code, answer.json()) == (200, {"who": "wayan", "role": "noc"})


def test_a_token_below_the_role_gets_403(client: Client, people: dict[str, Person]) -> None:
    _token, text = tokens.make(people["owner"], "screen", "viewer")
    assert client.get("/api/test/read", headers=bearer(text)).status_code == 200
    assert client.post("/api/test/write", headers=bearer(text)).status_code == 403


def test_a_token_sinks_with_its_person(client: Client, people: dict[str, Person]) -> None:
    _token, text = tokens.make(people["admin"], "script", "admin")
    service.change_role(people["admin"], "viewer")
    assert client.post("/api/test/write", headers=bearer(text)).status_code == 403
    assert client.get("/api/test/read", headers=bearer(text)).status_code == 200


def test_revoked_expired_and_disabled_are_refused_at_once(
    client: Client, people: dict[str, Person]
) -> None:
    soon = timezone.now() + timedelta(hours=1)
    token, revoked = tokens.make(people["noc"], "a", "noc")
    _token, expired = tokens.make(people["noc"], "b", "noc", expires_at=soon)
    _token, orphan = tokens.make(people["viewer"], "c", "viewer")
    assert all(tokens.judge(text) for text in (revoked, expired, orphan))
    tokens.revoke(token, by=people["noc"])
    service.disable(people["viewer"])
    assert client.get("/api/test/read", headers=bearer(revoked)).status_code == 401
    assert client.get("/api/test/read", headers=bearer(orphan)).status_code == 401
    with time_machine.travel(soon):
        assert client.get("/api/test/read", headers=bearer(expired)).status_code == 401


def test_a_wrong_token_does_not_fall_back_to_the_cookie(
    client: Client, people: dict[str, Person]
) -> None:
    client.force_login(people["owner"])
    assert client.get("/api/test/read").status_code == 200
    assert client.get("/api/test/read", headers=bearer("rnd_nonsense")).status_code == 401


def test_a_cookie_needs_the_csrf_token_to_write(client: Client, people: dict[str, Person]) -> None:
    client.force_login(people["noc"])
    assert client.post("/api/test/write").status_code == 403
    client.cookies["csrftoken"] = "x" * 32
    answer = client.post("/api/test/write", headers={"x-csrftoken": "x" * 32})
    assert (answer.status_code, answer.json()["who"]) == (200, "wayan")


def test_a_cookie_below_the_role_gets_403_and_a_disabled_person_401(
    client: Client, people: dict[str, Person]
) -> None:
    client.cookies["csrftoken"] = "x" * 32
    client.force_login(people["viewer"])
    headers = {"x-csrftoken": "x" * 32}
    assert client.post("/api/test/write", headers=headers).status_code == 403
    assert client.get("/api/test/read").status_code == 200
    Person.objects.filter(pk=people["viewer"].pk).update(is_active=False)
    assert client.get("/api/test/read").status_code == 401


def test_who_must_choose_a_password_reads_nothing_by_cookie(
    client: Client, people: dict[str, Person]
) -> None:
    Person.objects.filter(pk=people["noc"].pk).update(must_change_password=True)
    client.force_login(people["noc"])
    assert client.get("/api/test/read").status_code == 403


def test_many_wrong_tokens_make_an_address_wait_but_not_its_neighbours(
    client: Client, people: dict[str, Person]
) -> None:
    _token, good = tokens.make(people["noc"], "script", "noc")
    for _ in range(tokens.WRONG_PER_MINUTE):
        assert client.get("/api/test/read", headers=bearer("rnd_wrong")).status_code == 401
    assert client.get("/api/test/read", headers=bearer("rnd_wrong")).status_code == 429
    assert client.get("/api/test/read", headers=bearer(good)).status_code == 200
    elsewhere = client.get("/api/test/read", headers=bearer("rnd_x"), REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 401


def test_the_last_use_is_written_at_most_once_a_minute(people: dict[str, Person]) -> None:
    token, text = tokens.make(people["noc"], "script", "noc")
    start = timezone.now()
    for seconds, noted in ((0, 0), (59, 0), (61, 61)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            assert tokens.judge(text)
        token.refresh_from_db()
        assert token.used_at == start + timedelta(seconds=noted)


def test_the_text_of_a_token_is_nowhere_in_the_database(people: dict[str, Person]) -> None:
    _token, text = tokens.make(people["noc"], "script", "noc", by=people["noc"])
    rows = f"{list(ApiToken.objects.values())} {list(AuditRow.objects.values())}"
    assert text not in rows
    assert text[12:] not in rows


def test_nobody_makes_a_token_above_their_role_or_for_an_owner(people: dict[str, Person]) -> None:
    with pytest.raises(NotAllowed):
        tokens.make(people["noc"], "x", "admin", by=people["noc"])
    with pytest.raises(NotAllowed):
        tokens.make(people["owner"], "x", "viewer", by=people["admin"])


def test_identify_needs_only_headers(client: Client, people: dict[str, Person]) -> None:
    client.force_login(people["admin"])
    key = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    _token, text = tokens.make(people["noc"], "live", "viewer")
    cookie = {"Cookie": f"theme=dark; {django_settings.SESSION_COOKIE_NAME}={key}"}
    assert auth.identify(cookie) == auth.Identity(people["admin"].pk, "budi", "admin")
    assert auth.identify({"X-API-Key": text}) == auth.Identity(people["noc"].pk, "wayan", "viewer")
    assert auth.identify({"Authorization": "bearer " + text}) is not None
    for headers in ({}, {"Cookie": "ronda_session=forged"}, {"Authorization": "Basic eDp5"}):
        assert auth.identify(headers) is None


def test_identify_refuses_the_disabled_and_a_changed_password(
    client: Client, people: dict[str, Person]
) -> None:
    client.force_login(people["noc"])
    cookie = {"cookie": f"ronda_session={client.cookies['ronda_session'].value}"}
    assert auth.identify(cookie) is not None
    Person.objects.filter(pk=people["noc"].pk).update(is_active=False)
    assert auth.identify(cookie) is None
    Person.objects.filter(pk=people["noc"].pk).update(is_active=True, password="other")
    assert auth.identify(cookie) is None


def test_identify_makes_a_known_address_wait(people: dict[str, Person]) -> None:
    for _ in range(tokens.WRONG_PER_MINUTE):
        assert auth.identify({"x-api-key": "rnd_wrong"}, address="192.0.2.5") is None
    with pytest.raises(TooManyTries):
        auth.identify({"x-api-key": "rnd_wrong"}, address="192.0.2.5")


def test_a_token_is_good_for_what_it_names_and_says_so_otherwise(people: dict[str, Person]) -> None:
    _made, text = tokens.make(
        people["noc"], "x", "noc", read_only=True, groups=["monitoring"], addresses="127.0.0.1"
    )
    grant = tokens.judge(text, address="127.0.0.1")
    assert grant
    told = []
    for use in (
        {"reads": True, "group": "monitoring", "address": "127.0.0.1"},
        {"reads": False, "group": "monitoring", "address": "127.0.0.1"},
        {"reads": True, "group": "shop", "address": "127.0.0.1"},
        {"reads": True, "group": "monitoring", "address": "192.0.2.1"},
    ):
        try:
            tokens.check_scope(grant, **use)  # type: ignore[arg-type] # the table above
            told.append("")
        except OutOfScope as refused:
            told.append(str(refused))
    assert told == [
        "",
        "This token may only read.",
        "This token is for monitoring only.",
        "This token may not be used from this address.",
    ]
    assert ApiToken.objects.get().used_from == "127.0.0.1"
    assert auth.identify({"x-api-key": text}, address="127.0.0.1", group="monitoring")
    assert auth.identify({"x-api-key": text}, address="127.0.0.1", group="shop") is None


def test_a_scope_is_refused_before_anything_is_done(
    client: Client, people: dict[str, Person]
) -> None:
    _made, text = tokens.make(people["noc"], "x", "noc", read_only=True)
    assert client.get("/api/test/read", headers=bearer(text)).status_code == 200
    with pytest.raises(Refused, match="only read"):  # the product's own API answers it with 403
        client.post("/api/test/write", headers=bearer(text))


@pytest.mark.parametrize("wrong", [{"groups": ["everything"]}, {"addresses": "besok"}])
def test_a_scope_that_cannot_be_is_refused(people: dict[str, Person], wrong: Any) -> None:
    with pytest.raises(errors.Refused):
        tokens.make(people["noc"], "x", "noc", **wrong)
    assert not ApiToken.objects.exists()
