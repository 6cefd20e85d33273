"""docs/doors.md is what the code says, and what the code says is what happens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client

from ronda.accounts.models import Person
from ronda.accounts.service import tokens
from ronda.accounts.throttle import CallerThrottle
from ronda.app.doors import STRANGER, VISITORS, Row, rows
from ronda.cli import doors as command

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[2] / "docs" / "doors.md"
#: Doors that judge by more than the role, which tests of their own try.
MORE_THAN_A_ROLE = {
    "/metrics": "asks for a token itself",
    "/setup/<str:key>/": "the link is the proof",
    "/sites/of/<int:pk>/": "nobody changes their own",
    "/api/v1/people/<int:pk>/sites": "nobody changes their own",
}


@pytest.fixture(autouse=True)
def _undisturbed(
    settings: Any, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> Iterator[None]:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.CSRF_FAILURE_VIEW = "tests.app.test_doors_table.refuse"
    monkeypatch.setattr("ronda.app.urls.handler403", refuse, raising=False)
    monkeypatch.setattr(CallerThrottle, "allow_request", lambda *_: True)
    cache.clear()
    yield
    cache.clear()


def refuse(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """A refusal without a page."""
    return HttpResponse(status=403)


def test_the_document_is_what_the_code_says() -> None:
    told = command.document()
    assert told == DOCUMENT.read_text(encoding="utf-8"), (
        "write it again: ronda doors > docs/doors.md"
    )


def test_every_command_stands_in_it_with_a_sentence() -> None:
    found = dict(command.commands())
    assert {"ronda doors", "ronda user add", "ronda routers test"} <= set(found)
    assert all(found.values())


def shut_out(row: Row, answer: Any) -> bool:
    """Whether somebody was refused for who they are."""
    if answer.status_code in {401, 403}:
        return True
    target = urlsplit(answer.headers.get("Location", "")).path
    return answer.status_code == 302 and target == "/accounts/login/"


@pytest.mark.slow
@pytest.mark.parametrize("visitor", VISITORS)
def test_each_row_lets_in(people: dict[str, Person], visitor: str) -> None:
    """Each row that is for this visitor is called; ids in it are those of nothing, so that nothing is changed.

    That every other row turns the visitor away is shown by tests/accounts/test_doors.py.
    """
    client = Client(raise_request_exception=False)
    headers = {}
    if visitor != STRANGER:
        client.force_login(people[visitor])
        headers = {"authorization": f"Bearer {tokens.make(people[visitor], 'test', visitor)[1]}"}
    wrong = []
    for row in rows():
        if row.route in MORE_THAN_A_ROLE or not row.lets_in(visitor):
            continue
        path = row.path.replace("/1", "/999999")
        program = headers if row.is_operation else {}
        answer = client.generic(row.method, path, headers=program)
        broken = answer.status_code >= 500 and answer.status_code != 503
        if shut_out(row, answer) or broken:
            wrong.append((row.method, path, row.needed, answer.status_code))
    assert wrong == []
