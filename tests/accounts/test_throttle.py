"""No caller keeps the JSON doors busy alone."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from ronda.accounts.service import tokens

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(settings: Any) -> Iterator[None]:
    settings.RONDA = settings.RONDA.model_copy(update={"api_per_minute": 3})
    cache.clear()
    yield
    cache.clear()


def test_who_asks_too_often_waits_for_the_next_minute_and_the_others_do_not(
    people: dict[str, Any],
) -> None:
    busy, other = (
        Client(headers={"authorization": f"Bearer {tokens.make(people[role], 'x', role)[1]}"})
        for role in ("noc", "viewer")
    )
    with time_machine.travel("2026-11-21T03:00:20Z", tick=False) as clock:
        paths = ("/api/v1/me", "/api/v1/sites", "/api/notifications", "/api/v1/me")
        answers = [busy.get(path) for path in paths]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].headers["Retry-After"] == "40"
        assert answers[-1].json()["error"]["code"] == "too-often"
        assert other.get("/api/v1/me").status_code == 200
        clock.shift(41)
        assert busy.get("/api/v1/me").status_code == 200


def test_a_person_counts_once_with_all_tokens(people: dict[str, Any]) -> None:
    programs = [
        Client(headers={"authorization": f"Bearer {tokens.make(people['noc'], name, 'noc')[1]}"})
        for name in ("a", "b")
    ]
    with time_machine.travel("2026-11-21T03:00:20Z", tick=False):
        codes = [programs[number % 2].get("/api/v1/me").status_code for number in range(4)]
    assert codes == [200, 200, 200, 429]
