"""Ending what lets somebody in: at once, all of it, and for good."""

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from ronda.accounts.errors import DeadLink, NotAllowed, Refused
from ronda.accounts.events import ENDED
from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import people as service
from ronda.accounts.service import setup, tokens
from ronda.work import feed

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GOOD = "tujuh-gajah-lewat"


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def may_come_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_disabling_ends_everything_and_enabling_brings_nothing_back(
    people: dict[str, Person],
) -> None:
    admin, owner = people["admin"], people["owner"]
    browser = signed_in(admin)
    _made, text = tokens.make(admin, "script", "viewer")
    own = setup.link_for(admin)
    invited = service.add("wati", "noc", by=admin)
    handed = setup.link_for(invited, by=admin)
    other = setup.link_for(people["viewer"], by=owner)
    assert may_come_in(browser)
    before = feed.last_id()

    service.disable(admin, by=owner)

    assert [event.payload for event in feed.read(before, topics={ENDED})] == [{"person": admin.pk}]
    row = AuditRow.objects.get(action="person.disable")
    assert row.after == {"active": False, "ended": {"sessions": 0, "programs": 1, "links": 2}}
    for _again in range(2):
        assert not may_come_in(browser)
        assert tokens.judge(text) is None
        for path in (own, handed):
            with pytest.raises(DeadLink):
                setup.find(path.split("/")[2])
        service.enable(Person.objects.get(pk=admin.pk))
    assert setup.find(other.split("/")[2]).person == people["viewer"]
    assert may_come_in(signed_in(Person.objects.get(pk=admin.pk)))


def test_a_session_that_is_in_no_list_yet_ends_too(people: dict[str, Person]) -> None:
    browser = signed_in(people["noc"])
    assert not UserSession.objects.exists()
    assert service.end_sessions(people["noc"]) == 0
    assert not may_come_in(browser)


def test_open_invitations_are_listed_renewed_and_withdrawn(people: dict[str, Person]) -> None:
    owner = signed_in(people["owner"])
    owner.cookies["django_language"] = "en"
    page = owner.post("/people/", {"name": "wati", "role": "noc", "phone": "0812-3456-7890"})
    text = page.content.decode()
    first = re.search(r"http://testserver(/setup/(\w+)/)", text)
    assert first
    assert "https://wa.me/6281234567890?text=wati%2C%20here" in text
    (waiting,) = setup.invitations()
    assert (waiting.person.username, waiting.made_by) == ("wati", "sari")
    assert waiting.expires_at

    owner.post(f"/people/{waiting.person.pk}/link/")
    with pytest.raises(DeadLink):  # only the newest opens
        setup.find(first[2])
    assert "Open invitations" in owner.get("/people/").content.decode()

    owner.post(f"/people/{waiting.person.pk}/withdraw/")
    assert setup.invitations() == []
    service.enable(Person.objects.get(username="wati"))
    (again,) = setup.invitations()
    assert (again.expires_at, again.made_by) == (None, "")


def test_who_has_come_is_no_invitation_any_more(people: dict[str, Person]) -> None:
    invited = service.add("wati", "noc")
    setup.choose_password(setup.find(setup.link_for(invited).split("/")[2]), GOOD, name="Wati")
    with pytest.raises(Refused, match="has come already"):
        service.withdraw(Person.objects.get(username="Wati"), by=people["admin"])
    assert setup.invitations() == []


def test_who_came_by_a_link_alone_is_no_invitation_either(people: dict[str, Person]) -> None:
    guest = Person.objects.create(username="tamu", role="viewer", last_login=timezone.now())
    guest.set_unusable_password()
    guest.save()
    assert guest.username not in [one.person.username for one in setup.invitations()]


def test_a_name_that_is_taken_leaves_the_invitation_open(people: dict[str, Person]) -> None:
    invited = service.add("wati", "noc")
    link = setup.find(setup.link_for(invited).split("/")[2])
    with pytest.raises(Refused, match="already"):
        setup.choose_password(link, GOOD, name="SARI")
    assert setup.choose_password(link, GOOD).username == "wati"


def test_nobody_withdraws_what_they_may_not_manage(people: dict[str, Person]) -> None:
    invited = service.add("wati", "owner")
    with pytest.raises(NotAllowed):
        service.withdraw(invited, by=people["admin"])


def test_a_link_for_a_person_keeps_their_user_name(people: dict[str, Any]) -> None:
    people["noc"].set_password(GOOD)
    people["noc"].save()
    link = setup.find(setup.link_for(people["noc"]).split("/")[2])
    assert setup.choose_password(link, GOOD + "x", name="mallory").username == "wayan"
