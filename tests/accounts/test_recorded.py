"""The watch over the audit trail (tests/recorded.py) sees what it is to see, and excuses no address that is gone."""

from typing import Any

import pytest
from django.test import Client

from ronda.accounts.models import Person
from ronda.app.doors import doors
from tests import recorded

pytestmark = pytest.mark.django_db


def routes() -> set[str]:
    """Every address pattern of the product, as a request's match names it."""
    from django.urls import URLResolver, get_resolver

    found: set[str] = set()

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            else:
                found.add(f"/{route}")

    walk(get_resolver().url_patterns, "")
    return found


def test_every_excuse_is_for_an_address_that_exists_and_says_why() -> None:
    assert len(routes()) >= len(doors())
    assert [line for line in recorded.UNRECORDED if line.split(" ", 1)[1] not in routes()] == []
    assert [line for line, why in recorded.UNRECORDED.items() if len(why) < 10] == []


def test_a_change_without_a_row_is_noticed(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    client.force_login(people["admin"])
    body = {"message": "x"}
    with monkeypatch.context() as silent:
        silent.setattr("ronda.accounts.service.audit.record", lambda *_a, **_k: None)
        with pytest.raises(pytest.fail.Exception, match="changed alerts_notice and wrote no row"):
            client.post("/api/notifications", body, "application/json")
    assert client.post("/api/notifications", body, "application/json").status_code == 200
