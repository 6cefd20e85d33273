"""The first owner's link: once, for a day, for one visitor."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from ronda.accounts.errors import DeadLink, OwnerExists, WeakPassword
from ronda.accounts.models import AuditRow, Person, SetupLink
from ronda.accounts.service import expired, people, setup

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GOOD = "tujuh-gajah-lewat"


def key_of(path: str) -> str:
    return path.removeprefix("/setup/").removesuffix("/")


def test_the_visitor_of_the_link_becomes_the_owner() -> None:
    assert not setup.has_owner()
    owner = setup.make_owner(setup.find(key_of(setup.one_time_link())), "sari", GOOD)
    assert (owner.role, owner.check_password(GOOD), setup.has_owner()) == ("owner", True, True)
    assert owner.password.startswith("argon2$argon2id$")
    assert [row.action for row in AuditRow.objects.all()] == ["person.add"]


def test_the_table_does_not_hold_the_key() -> None:
    key = key_of(setup.one_time_link())
    assert len(key) == 43
    assert key not in str(SetupLink.objects.values().get())


def test_a_link_works_once() -> None:
    link = setup.find(key_of(setup.one_time_link()))
    setup.make_owner(link, "sari", GOOD)
    with pytest.raises(DeadLink):
        setup.make_owner(link, "mallory", GOOD)
    assert Person.objects.count() == 1


def test_a_link_is_dead_after_a_day() -> None:
    key = key_of(setup.one_time_link())
    link = setup.find(key)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        with pytest.raises(DeadLink):
            setup.find(key)
        with pytest.raises(DeadLink):
            setup.make_owner(link, "sari", GOOD)


def test_only_the_newest_link_opens() -> None:
    first, second = key_of(setup.one_time_link()), key_of(setup.one_time_link())
    with pytest.raises(DeadLink):
        setup.find(first)
    assert setup.find(second).person is None


def test_no_set_up_link_is_made_or_opened_once_there_is_an_owner() -> None:
    key = key_of(setup.one_time_link())
    people.add("sari", "owner", password=GOOD)
    with pytest.raises(OwnerExists):
        setup.one_time_link()
    with pytest.raises(DeadLink):
        setup.find(key)


@pytest.mark.parametrize("password", ["kopi", "1234567890", "password12", "sari-sari-sari"])
def test_a_weak_password_changes_nothing_and_leaves_the_link_good(password: str) -> None:
    key = key_of(setup.one_time_link())
    with pytest.raises(WeakPassword):
        setup.make_owner(setup.find(key), "sari-sari", password)
    assert not setup.has_owner()
    setup.make_owner(setup.find(key), "sari", GOOD)


def test_a_link_for_a_person_gives_a_new_password_and_is_refused_when_they_are_disabled() -> None:
    people.add("sari", "owner", password=GOOD)
    wayan = people.add("wayan", "noc")
    key = key_of(setup.link_for(wayan))
    people.disable(wayan)
    with pytest.raises(DeadLink):
        setup.find(key)
    people.enable(wayan)
    setup.choose_password(setup.find(key_of(setup.link_for(wayan))), GOOD)
    wayan.refresh_from_db()
    assert (wayan.check_password(GOOD), wayan.must_change_password) == (True, False)


def test_a_link_for_a_person_makes_no_owner() -> None:
    wayan = people.add("wayan", "noc")
    link = setup.find(key_of(setup.link_for(wayan)))
    with pytest.raises(DeadLink):
        setup.enter_demo(link)
    assert not setup.has_owner()


def test_the_demo_link_signs_in_once_as_the_demo_owner() -> None:
    link = setup.find(key_of(setup.demo_link()))
    assert (setup.enter_demo(link).username, setup.has_owner()) == ("demo", True)
    with pytest.raises(DeadLink):
        setup.enter_demo(link)
    again = setup.find(key_of(setup.demo_link()))
    assert setup.enter_demo(again) == link.person


def test_what_no_longer_opens_anything_is_thrown_away(client: Client) -> None:
    sari = people.add("sari", "owner", password=GOOD)
    setup.choose_password(setup.find(key_of(setup.link_for(sari))), "delapan-sapi-mandi")
    kept = setup.link_for(sari)
    client.post("/accounts/login/", {"login": "sari", "password": "delapan-sapi-mandi"})
    now = timezone.now()
    assert expired.forget(now) == 1  # the used link
    assert setup.find(key_of(kept)).person == sari
    assert client.get("/profile/").status_code == 200
    assert expired.forget(now + timedelta(days=15)) == 2
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    assert not SetupLink.objects.exists()
