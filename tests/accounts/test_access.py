"""Programs that sign in with name and password: access and refresh tokens, revocable at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import ApiSession, AuditRow, Person, SignIn
from ronda.accounts.service import access, tokens
from ronda.accounts.service import people as service

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GOOD = "tujuh-gajah-lewat"
OTHER = "delapan-sapi-mandi"
ME, TOKEN, REFRESH, REVOKE = (
    "/api/v1/me",
    "/api/v1/auth/token",
    "/api/v1/auth/refresh",
    "/api/v1/auth/revoke",
)


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def wayan(db: None) -> Person:
    service.add("sari", "owner", password=GOOD)
    return service.add("wayan", "noc", email="wayan@example.net", password=GOOD)


def post(path: str, body: dict[str, str], **client: Any) -> Any:
    client.setdefault("headers", {"accept-language": "en"})
    return Client(**client).post(path, body, content_type="application/json")


def signed_in(login: str = "wayan", **more: str) -> dict[str, str]:
    answer = post(TOKEN, {"login": login, "password": GOOD, **more})
    assert answer.status_code == 200, answer.content
    pair: dict[str, str] = answer.json()
    return pair


def status(token: str) -> int:
    return Client(headers={"authorization": f"Bearer {token}"}).get(ME).status_code


@pytest.mark.parametrize("login", ["wayan", "WAYAN", "Wayan@Example.Net"])
def test_a_program_signs_in_and_acts_as_the_person(wayan: Person, login: str) -> None:
    pair = signed_in(login)
    me = Client(headers={"authorization": f"Bearer {pair['access']}"}).get(ME).json()
    assert (me["name"], me["role"], pair["token_type"]) == ("wayan", "noc", "Bearer")
    assert [(row.outcome, row.way) for row in SignIn.objects.all()] == [("good", "program")]
    assert GOOD not in str(list(AuditRow.objects.values()))


def test_an_access_token_ends_after_a_quarter_of_an_hour_and_a_refresh_token_gives_more(
    wayan: Person,
) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        pair = signed_in()
    with time_machine.travel(start + access.ACCESS - timedelta(seconds=1), tick=False):
        assert status(pair["access"]) == 200
    with time_machine.travel(start + access.ACCESS, tick=False):
        assert status(pair["access"]) == 401
        assert status(pair["refresh"]) == 401  # it opens nothing but a new pair
        again = post(REFRESH, {"token": pair["refresh"]}).json()
        assert status(again["access"]) == 200
        assert post(REFRESH, {"token": again["access"]}).status_code == 401
    with time_machine.travel(start + access.ACCESS + access.REFRESH, tick=False):
        assert post(REFRESH, {"token": again["refresh"]}).status_code == 401


def test_a_session_is_not_refreshed_for_ever(wayan: Person) -> None:
    start = timezone.now()
    refresh = signed_in()["refresh"]
    for days in range(13, 200, 13):
        with time_machine.travel(start + timedelta(days=days), tick=False):
            answer = post(REFRESH, {"token": refresh})
        if answer.status_code != 200:
            break
        refresh = answer.json()["refresh"]
    assert days == 91


def test_a_refresh_token_that_comes_again_ends_the_session(wayan: Person) -> None:
    pair = signed_in()
    other = signed_in()
    thief = post(REFRESH, {"token": pair["refresh"]}).json()
    assert status(thief["access"]) == 200
    answer = post(REFRESH, {"token": pair["refresh"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign-in")
    assert [status(one) for one in (pair["access"], thief["access"])] == [401, 401]
    assert post(REFRESH, {"token": thief["refresh"]}).status_code == 401
    assert AuditRow.objects.filter(action="api.refresh_reused").count() == 1
    assert status(other["access"]) == 200


@pytest.mark.parametrize("which", ["access", "refresh"])
def test_revoking_ends_the_session_at_once(wayan: Person, which: str) -> None:
    pair = signed_in()
    for _ in range(2):
        assert post(REVOKE, {"token": pair[which]}).status_code == 204
    assert status(pair["access"]) == 401
    assert post(REFRESH, {"token": pair["refresh"]}).status_code == 401
    assert post(REVOKE, {"token": "x.y.z"}).status_code == 204
    assert AuditRow.objects.filter(action="api.sign_out").count() == 1


def test_what_ends_a_persons_access_ends_their_programs(wayan: Person) -> None:
    for deed in (
        lambda: service.disable(Person.objects.get(pk=wayan.pk)),
        lambda: service.sign_out_everywhere(wayan),
        lambda: service.set_password(wayan, OTHER, must_change=False),
    ):
        Person.objects.filter(pk=wayan.pk).update(is_active=True, password=wayan.password)
        pair = signed_in()
        assert status(pair["access"]) == 200
        deed()
        assert status(pair["access"]) == 401
        service.enable(Person.objects.get(pk=wayan.pk))
        assert status(pair["access"]) == 401


def test_a_person_who_changes_the_password_on_the_page_ends_their_programs(wayan: Person) -> None:
    pair = signed_in()
    client = Client()
    client.post("/accounts/login/", {"login": "wayan", "password": GOOD})
    change = {"oldpassword": GOOD, "password1": OTHER, "password2": OTHER}
    assert client.post("/accounts/password/change/", change).status_code == 302
    assert status(pair["access"]) == 401


def test_wrong_tries_wait_as_on_the_page(wayan: Person) -> None:
    for _ in range(5):
        answer = post(TOKEN, {"login": "wayan", "password": "wrong-wrong-wrong"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign-in")
    assert post(TOKEN, {"login": "wayan", "password": GOOD}).status_code == 429
    page = Client().post("/accounts/login/", {"login": "wayan", "password": GOOD})
    assert "locked" in str(page.context["form"].errors.as_json())
    assert (
        post(TOKEN, {"login": "wayan", "password": GOOD}, REMOTE_ADDR="192.0.2.9").status_code
        == 200
    )


def test_unknown_names_disabled_people_and_wrong_passwords_look_alike(wayan: Person) -> None:
    service.add("gone", "viewer", password=GOOD)
    Person.objects.filter(username="gone").update(is_active=False)
    bodies = {
        post(TOKEN, {"login": login, "password": password}).content
        for login, password in (("nobody", GOOD), ("gone", GOOD), ("wayan", "wrong-wrong-wrong"))
    }
    assert len(bodies) == 1


def test_who_has_to_choose_a_new_password_does_so_on_the_page(wayan: Person) -> None:
    pair = signed_in()
    Person.objects.filter(pk=wayan.pk).update(must_change_password=True)
    assert post(TOKEN, {"login": "wayan", "password": GOOD}).status_code == 403
    assert status(pair["access"]) == 401


def test_the_second_step_is_asked_for(wayan: Person) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(wayan, secret)
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    for more in ({}, {"otp": "000000"}):
        answer = post(TOKEN, {"login": "wayan", "password": GOOD, **more})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "otp")
    assert status(signed_in(otp=code)["access"]) == 200
    for _ in range(6):
        answer = post(TOKEN, {"login": "wayan", "password": GOOD, "otp": "000000"})
    assert answer.status_code == 429


def test_who_has_only_a_passkey_makes_a_token_on_the_page(wayan: Person) -> None:
    Authenticator.objects.create(user=wayan, type=Authenticator.Type.WEBAUTHN, data={})
    assert post(TOKEN, {"login": "wayan", "password": GOOD}).status_code == 403


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_what_was_signed_otherwise_opens_nothing(wayan: Person, settings: Any) -> None:
    pair = signed_in()
    claims = jwt.decode(pair["access"], options={"verify_signature": False})
    (name, key), *_others = access._keys().items()
    forged = [
        jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": name}),
        jwt.encode(claims, "", algorithm="none", headers={"kid": name}),
        jwt.encode(claims, key, algorithm="HS512", headers={"kid": name}),
        jwt.encode(claims, key, algorithm="HS256"),
        jwt.encode(claims | {"iss": "other"}, key, algorithm="HS256", headers={"kid": name}),
        jwt.encode(claims | {"sid": "0" * 32}, key, algorithm="HS256", headers={"kid": name}),
        pair["access"][:-2],
        "..",
    ]
    cache.clear()
    assert [status(text) for text in forged] == [401] * len(forged)
    assert status(pair["access"]) == 200


def test_a_changed_key_verifies_what_the_old_one_signed_until_it_is_taken_off(
    wayan: Person, settings: Any
) -> None:
    pair = signed_in()
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 40, [old]
    assert status(pair["access"]) == 200
    fresh = post(REFRESH, {"token": pair["refresh"]}).json()
    settings.SECRET_KEY_FALLBACKS = []
    assert (status(pair["access"]), status(fresh["access"])) == (401, 200)


def test_the_sessions_of_ones_programs_are_listed_and_ended(wayan: Person) -> None:
    pair = signed_in()
    client, stranger = Client(), Client()
    client.force_login(wayan)
    stranger.force_login(Person.objects.get(username="sari"))
    session = ApiSession.objects.get()
    assert client.get("/tokens/").context["programs"].get() == session
    assert stranger.post(f"/programs/{session.pk}/end/").status_code == 404
    assert client.post(f"/programs/{session.pk}/end/").status_code == 302
    assert status(pair["access"]) == 401
    assert not client.get("/tokens/").context["programs"].exists()


def test_a_call_with_an_access_token_asks_the_database_once_for_it(
    wayan: Person, django_assert_num_queries: Any
) -> None:
    token = signed_in()["access"]
    with django_assert_num_queries(1):
        assert tokens.judge(token)
