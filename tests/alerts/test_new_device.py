"""Whoever signs in with a new device hears of it, once, wherever they are reached."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.events import NEW_DEVICE
from ronda.accounts.models import SignIn
from ronda.alerts.models import Outgoing
from ronda.alerts.service import addresses, listening_people
from ronda.work import feed
from ronda.work.models import Event

pytestmark = pytest.mark.django_db

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def signed_in(person: Any) -> Event:
    row = SignIn.objects.create(
        at=timezone.now(), person=person, who="x", outcome="good", way="password",
        address="203.0.113.9", agent=CHROME, is_new=True,
    )  # fmt: skip
    feed.append(NEW_DEVICE, {"person": person.pk, "sign_in": row.pk})
    return Event.objects.get(topic=NEW_DEVICE)


def test_the_person_is_told_at_every_address_and_only_once(people: dict[str, Any]) -> None:
    noc = people["noc"]
    event = signed_in(noc)
    listening_people.tell_of_access([event])
    listening_people.tell_of_access([event])
    assert Outgoing.objects.count() == len(addresses.of(noc)) >= 1
    row = Outgoing.objects.first()
    assert row is not None
    subject, text = listening_people.words(row.about) or ("", "")
    assert subject == "Signed in with a new device"
    assert "wayan" in text
    assert "Chrome on Android" in text
    assert "203.0.113.9" in text


def test_what_was_forgotten_is_told_no_more(people: dict[str, Any]) -> None:
    event = signed_in(people["noc"])
    SignIn.objects.all().delete()
    listening_people.tell_of_access([event])
    assert not Outgoing.objects.exists()
    assert listening_people.words(event.payload["sign_in"]) is None
