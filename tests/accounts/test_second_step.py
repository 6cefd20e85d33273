"""The authenticator as a second step, recovery codes, and sessions one can end."""

import re
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core.cache import cache
from django.test import Client

from ronda.accounts.events import SECOND_STEP_OFF
from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import people as service
from ronda.accounts.service import second_step, setup, tokens
from ronda.alerts.service import listening_people
from ronda.storage import resealing
from ronda.storage.sealing import FILE, keyring
from ronda.work import feed, tuning

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


def test_an_owner_takes_off_one_lost_second_step_or_all_and_the_person_is_told(
    client: Client, sari: Person
) -> None:
    set_up(client)
    key = Authenticator.objects.create(
        user=sari, type="webauthn", data={"name": "Kunci", "credential": {}}
    )
    budi = service.add("budi", "owner", password=GOOD)
    other = Client()
    other.force_login(budi)
    page = other.get(f"/people/{sari.pk}/").content.decode()
    assert f'<option value="{key.pk}">Kunci</option>' in page
    path = f"/people/{sari.pk}/second-step-off/"
    other.post(path, {"step": key.pk, "why": ""})
    assert Authenticator.objects.filter(user=sari).count() == 3
    other.post(path, {"step": key.pk, "why": "the key fell into the sea"})
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    assert sign_in(Client()) == "/accounts/2fa/authenticate/"
    other.post(path, {"why": "and the phone with it"})
    assert not Authenticator.objects.exists()
    assert sign_in(Client()) == "/"
    first, second = AuditRow.objects.filter(action="person.second_step_off").order_by("pk")
    assert (first.actor, first.subject, first.before) == ("budi", "sari", {"steps": ["Kunci"]})
    assert first.after
    assert first.after["why"] == "the key fell into the sea"
    told = feed.read(0, topics={SECOND_STEP_OFF})
    assert [event.payload["row"] for event in told] == [first.pk, second.pk]
    _subject, text = listening_people.step_off_words(second.pk) or ("", "")
    assert "budi" in text
    assert "and the phone with it" in text


def test_the_last_second_step_takes_recovery_codes_with_it(client: Client, sari: Person) -> None:
    set_up(client)
    app = Authenticator.objects.get(type="totp")
    second_step.take_off(sari, "lost", step=app.pk)
    assert not Authenticator.objects.exists()


def test_ones_own_second_step_is_taken_off_where_it_is_asked_for_first(
    client: Client, sari: Person
) -> None:
    set_up(client)
    client.post(f"/people/{sari.pk}/second-step-off/", {"why": "no more"})
    with time_machine.travel("2026-11-21T12:30:00Z", tick=False):
        page = client.post("/accounts/2fa/totp/deactivate/")
    assert page.headers["Location"].startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.count() == 2


def test_where_it_is_wanted_everybody_sets_one_up(client: Client, sari: Person) -> None:
    viewer = service.add("tini", "viewer", password=GOOD)
    tuning.change("second_step", True, by="sari")
    assert not second_step.is_missing(viewer)
    tuning.change("second_step_everybody", True, by="sari")
    assert second_step.is_missing(viewer)
    tuning.change("second_step", False, by="sari")
    assert second_step.is_missing(viewer)


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


def test_seeds_are_sealed_at_rest_and_with_a_new_key_anew(
    client: Client, sari: Person, data_folder: Path
) -> None:
    seed = set_up(client)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert seed not in kept
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    found = resealing.renew()
    assert found[resealing.Place("mfa.Authenticator", "data", "secret")].count == 1
    assert found[resealing.Place("mfa.Authenticator", "data", "seed")].count == 1
    for row in Authenticator.objects.all():
        assert keyring().is_newest(row.data.get("secret") or row.data["seed"])
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes
    other = Client()
    sign_in(other)
    assert other.post("/accounts/2fa/authenticate/", {"code": code(seed)}).status_code == 302


def test_a_seed_that_changed_meanwhile_is_not_overwritten(
    client: Client, sari: Person, data_folder: Path
) -> None:
    set_up(client)
    former = keyring().seal("JBSWY3DP")
    keyring().add_key()
    place = resealing.Place("mfa.Authenticator", "data", "secret")
    row = Authenticator.objects.get(type="totp")
    result = resealing.Resealed()
    for pk in (row.pk, 0):
        resealing._reseal_one(keyring(), place, pk, former, result)
    assert result == resealing.Resealed(0, 0)
    assert Authenticator.objects.get(type="totp").data == row.data


def test_where_the_keys_are_gone_the_page_says_what_to_do(
    client: Client, sari: Person, data_folder: Path
) -> None:
    seed = set_up(client)
    (data_folder / FILE).unlink()
    other = Client()
    sign_in(other)
    other.cookies["django_language"] = "en"
    page = other.post("/accounts/2fa/authenticate/", {"code": code(seed)})
    assert "is gone (seal.keys of the data folder)" in page.content.decode()
    assert client.get("/accounts/2fa/").status_code == 200


def test_seeds_from_before_they_were_sealed_are_sealed_where_they_lie(
    sari: Person, data_folder: Path
) -> None:
    step = import_module("ronda.accounts.migrations.0009_sealed_second_steps")
    Authenticator.objects.create(user=sari, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    for _ in range(2):
        step.seal(apps, None)
        sealed = Authenticator.objects.get().data["secret"]
        assert keyring().open(sealed) == "JBSWY3DPEHPK3PXP"
    step.unseal(apps, None)
    assert Authenticator.objects.get().data == {"secret": "JBSWY3DPEHPK3PXP"}
