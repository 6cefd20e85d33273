"""Guessing passwords is slow, and nobody is locked out by it but who guesses."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from ronda.accounts.errors import Locked
from ronda.accounts.events import NEW_DEVICE
from ronda.accounts.models import Device, Person, SignIn
from ronda.accounts.service import devices, expired, lockout, setup
from ronda.accounts.service import people as service
from ronda.accounts.service.devices import Visitor
from ronda.work import feed

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GOOD = "tujuh-gajah-lewat"
WRONG = "wrong-wrong-wrong"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sari() -> Person:
    return service.add("sari", "owner", email="sari@example.net", password=GOOD)


def sign_in(client: Client, name: str = "sari", password: str = GOOD) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": password})


def wrong_from(person: Person | None, places: int, tries: int) -> None:
    """Wrong tries in the last minutes, from so many places."""
    who = lockout.digest_of(person, "nobody")
    SignIn.objects.bulk_create(
        SignIn(
            at=timezone.now() - timedelta(minutes=2),
            person=person,
            who=who,
            outcome="wrong",
            way="password",
            place=f"198.51.100.{number % places}",
        )
        for number in range(tries)
    )


def test_whoever_guesses_from_elsewhere_locks_out_only_themselves(sari: Person) -> None:
    attacker, owner = Client(REMOTE_ADDR="192.0.2.66"), Client(REMOTE_ADDR="192.0.2.1")
    for _ in range(6):
        sign_in(attacker, password=WRONG)
    assert "locked" in str(sign_in(attacker).context["form"].errors.as_json())
    assert sign_in(owner).status_code == 302


def test_a_known_device_still_lets_in_while_a_thousand_places_guess(sari: Person) -> None:
    mine, other = Client(), Client()
    mine.cookies["django_language"] = other.cookies["django_language"] = "en"
    assert sign_in(mine).status_code == 302
    mine.post("/accounts/logout/")
    wrong_from(sari, places=50, tries=50)
    refused = sign_in(other)
    assert "still lets you in, as does a one-time link. From this one, try again in 58 minutes" in (
        refused.content.decode()
    )
    assert sign_in(mine).status_code == 302
    assert other.post(setup.link_for(sari), {"password": GOOD, "again": GOOD}).status_code == 302


def test_a_known_device_is_not_held_up_by_what_its_neighbours_try(sari: Person) -> None:
    mine, neighbour = Client(), Client()
    sign_in(mine)
    mine.post("/accounts/logout/")
    for number in range(10):
        sign_in(neighbour, f"name{number}", WRONG)
    assert "locked" in str(sign_in(neighbour).context["form"].errors.as_json())
    assert sign_in(mine).status_code == 302


def test_a_stolen_known_device_has_five_tries_too(sari: Person) -> None:
    mine = Client()
    sign_in(mine)
    mine.post("/accounts/logout/")
    for _ in range(5):
        sign_in(mine, password=WRONG)
    assert "locked" in str(sign_in(mine).context["form"].errors.as_json())
    assert sign_in(Client()).status_code == 302


def test_names_that_nobody_has_are_locked_alike() -> None:
    wrong_from(None, places=50, tries=50)
    with pytest.raises(Locked):
        lockout.begin("Nobody ", Visitor("192.0.2.1"))
    lockout.begin("somebody", Visitor("192.0.2.1"))


def test_a_right_password_is_not_held_against_anybody(sari: Person) -> None:
    for _ in range(6):
        assert sign_in(Client()).status_code == 302
    assert not SignIn.objects.filter(outcome="wrong").exists()


def test_one_address_of_a_network_is_as_good_as_the_next() -> None:
    places = [
        Visitor(address).place
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "192.0.2.7", "")
    ]
    assert places == ["2001:db8:1:2::", "2001:db8:1:2::", "192.0.2.7", ""]


def test_what_was_typed_is_nowhere_kept() -> None:
    lockout.begin("hunter2-in-the-wrong-field", Visitor("192.0.2.1"))
    row = SignIn.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", row.who)
    assert "hunter2" not in str(row.__dict__)


def test_the_cookie_of_a_device_is_closed_and_a_planted_one_is_not_taken(sari: Person) -> None:
    client = Client()
    client.cookies[devices.COOKIE] = "planted" * 6
    sign_in(client)
    cookie = client.cookies[devices.COOKIE]
    assert cookie.value != "planted" * 6
    assert (cookie["httponly"], cookie["samesite"], len(cookie.value)) == (True, "Lax", 43)


def test_people_who_share_a_browser_share_its_cookie(sari: Person) -> None:
    service.add("wayan", "noc", password=GOOD)
    client = Client()
    for name in ("sari", "wayan", "sari"):
        sign_in(client, name)
        client.post("/accounts/logout/")
    assert Device.objects.count() == 2
    assert len({device.digest for device in Device.objects.all()}) == 1


def test_only_the_newest_devices_of_a_person_are_known(
    sari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST", 2)
    found = [devices.remember(sari, Visitor(), NOW + timedelta(days=day)) for day in range(4)]
    assert [one.pk for one in devices.listed(sari)] == [found[3].device.pk, found[2].device.pk]


def test_the_history_tells_good_and_wrong_and_new_devices(sari: Person) -> None:
    first = Client(headers={"user-agent": PHONE})
    first.cookies["django_language"] = "en"
    sign_in(first, password=WRONG)
    sign_in(first)
    assert feed.read(0, topics={NEW_DEVICE}) == []
    sign_in(Client(headers={"user-agent": "curl/8"}))
    (event,) = feed.read(0, topics={NEW_DEVICE})
    assert event.payload["person"] == sari.pk
    assert [(row.outcome, row.way, row.is_new) for row in SignIn.objects.order_by("id")] == [
        ("wrong", "password", False),
        ("good", "password", False),
        ("good", "password", True),
    ]
    page = first.get("/sign-ins/").content.decode()
    assert page.count("Chrome on Android") == 3
    assert "new device" in page
    assert "Sign-ins" in first.get(f"/people/{sari.pk}/").content.decode()


def test_ending_a_session_forgets_its_device_and_the_list_says_when_each_was_seen(
    sari: Person,
) -> None:
    here, lost = Client(), Client(headers={"user-agent": PHONE})
    sign_in(here)
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        sign_in(lost)
        page = here.get("/accounts/sessions/")
        (session,) = [one for one in page.context["sessions"] if "Android" in one.user_agent]
        (mine,) = [one for one in page.context["sessions"] if "Android" not in one.user_agent]
        assert here.post(f"/sessions/{session.pk}/end/").status_code == 302
        mine.refresh_from_db()
        assert mine.last_seen_at == timezone.now()
    assert lost.get("/profile/").status_code == 302
    assert Device.objects.count() == 1


def test_old_sign_ins_and_devices_are_thrown_away(sari: Person) -> None:
    sign_in(Client())
    assert expired.forget(timezone.now()) == 0
    assert expired.forget(timezone.now() + timedelta(days=401)) >= 2
    assert (SignIn.objects.count(), Device.objects.count()) == (0, 0)
