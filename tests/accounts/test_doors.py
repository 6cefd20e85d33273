"""Every address of the product against every kind of visitor.

The list comes from Django itself, so a new address without a rule fails here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client

from ronda.accounts import rules
from ronda.accounts.auth import KeyAuth, SessionAuth, TokenAuth
from ronda.accounts.models import Person
from ronda.accounts.roles import SAFE_METHODS
from ronda.accounts.rules import scopes
from ronda.accounts.service import tokens
from ronda.app.doors import Door, doors
from ronda.kernel.roles import ANYONE, INCLUDES

pytestmark = pytest.mark.django_db

# Who may come in without signing in, and why.
OPEN = {
    "overview:metrics": "401 without a token or a session, which the view asks for itself",
    "overview:public": "404 unless the owner chose RONDA_PUBLIC_MAP",
    "overview:wall-enter": "the token in the address is the proof",
    "overview:wall": "the token of the screen's cookie is the proof, else it leads to signing in",
    "overview:wall-ongoing": "the token of the screen's cookie is the proof, else it leads to signing in",
    "overview:base-map": "404 unless the owner chose RONDA_PUBLIC_MAP",
    "web:theme": "colours of the sign-in page",
    "web:language": "language of the sign-in page",
    "alerts:push-worker": "a script like any static file; browsers ask for it without a page",
    "shop:buy": "buyers have no account",
    "shop:buy-package": "buyers have no account",
    "shop:buy-mine": "shows only what the browser's own cookie names",
    "shop:buy-find": "a code sent to the number is the proof; tries are bounded, and it reveals nothing",
    "shop:buy-member": "the secret of the link is the proof",
    "shop:buy-order": "the secret of the link is the proof",
    "shop:buy-state": "the secret of the link is the proof",
    "shop:buy-method": "the secret of the link is the proof",
    "shop:buy-proof": "the secret of the link is the proof",
    "shop:buy-cancel": "the secret of the link is the proof",
    "shop:logo": "buyers see it",
    "shop:voucher-status": "the code is the proof; tries are bounded, and it tells no names",
    "shop:look": "colours of the buyers' pages",
    "shop:callback": "the gateway's signature is the proof",
    "shop:method-picture": "buyers pay by it",
    "accounts:setup-needed": "says how to get the set-up link",
    "accounts:setup": "the link is the proof",
    "account_login": "signing in",
    "account_logout": "also ends a sign-in that waits for its second step",
    "account_inactive": "says that access ended",
    "mfa_authenticate": "second step of signing in",
}
# Operations of the JSON API without sign-in: `METHOD path`.
OPEN_OPERATIONS: dict[str, str] = {
    "GET /api/settings": "how the shop looks to buyers, nothing else",
    "POST /api/v1/auth/token": "name and password are the proof",
    "POST /api/v1/auth/refresh": "the refresh token is the proof",
    "POST /api/v1/auth/revoke": "the token is the proof; ends its own session and nothing else",
}
# What every role may change, because it concerns the caller alone: `METHOD path`.
OWN: dict[str, str] = {
    "POST /api/v1/tokens": "one's own token, with no more rights than one has",
    "DELETE /api/v1/tokens/1": "one's own token",
}
# Callers who have no cookie, so that no other site can make a browser of ours speak for them.
WITHOUT_COOKIE = {"shop:callback": "a gateway's server; its signature is the proof"}
# Addresses that answer 404 to everybody, whatever stands behind them in allauth.
SHUT = ("/accounts/signup/", "/accounts/email/", "/accounts/password/", "/accounts/confirm-email/")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> Iterator[None]:
    settings.ACCOUNT_RATE_LIMITS = False
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def bare_refusals(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands are refused here, and what the page of a refusal looks like is tested elsewhere."""
    monkeypatch.setattr("ronda.app.urls.handler403", refuse, raising=False)
    settings.CSRF_FAILURE_VIEW = "tests.accounts.test_doors.refuse"


def refuse(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """A refusal without a page."""
    return HttpResponse(status=403)


def is_shut(door: Door) -> bool:
    return door.view.__module__ == "ronda.accounts.views.sign_in" and door.is_open


def pages() -> list[Door]:
    """Closed pages, less allauth's."""
    return [d for d in doors() if not d.operations and not d.is_open and not d.is_allauth]


def operations() -> Iterator[tuple[Door, str, Any]]:
    for door in doors():
        for operation in door.operations:
            for method in operation.methods:
                if f"{method} {door.path}" not in OPEN_OPERATIONS:
                    yield door, method, operation


def test_every_address_has_a_rule() -> None:
    without = []
    for door in doors():
        if door.operations or door.is_allauth or is_shut(door):
            continue
        if door.is_open and door.name in OPEN:
            continue
        if not door.is_open and door.read_role in {*INCLUDES, ANYONE}:
            continue
        without.append(f"{door.path} ({door.view})")
    assert without == []


def test_every_operation_of_the_api_has_a_rule() -> None:
    without = [
        f"{method} {door.path}"
        for door, method, operation in operations()
        if not operation.auth_callbacks
        or any(
            not isinstance(c, TokenAuth | KeyAuth | SessionAuth) for c in operation.auth_callbacks
        )
    ]
    assert without == []


def test_every_operation_belongs_to_a_group_that_a_token_may_be_for() -> None:
    apart = {"POST /api/v1/auth/token", "POST /api/v1/auth/refresh", "POST /api/v1/auth/revoke"}
    without = {
        f"{method} {door.path}"
        for door in doors()
        for operation in door.operations
        for method in operation.methods
        if scopes.group_of(door.path) == "other"
    }
    assert without == apart


def test_no_program_changes_anything_as_a_mere_viewer() -> None:
    loose = [
        f"{method} {door.path}"
        for door, method, operation in operations()
        if method in UNSAFE
        and operation.auth_callbacks
        and operation.auth_callbacks[0].needed in {"viewer", ANYONE}
    ]
    assert [line for line in loose if line not in OWN] == []


def test_allauths_open_doors_are_the_ones_named() -> None:
    opened = {d.name for d in doors() if d.is_allauth and d.is_open and not is_shut(d)}
    assert opened & set(OPEN) == {name for name in OPEN if name.startswith(("account_", "mfa_"))}
    for door in doors():
        if door.is_allauth and door.is_open and door.name not in OPEN:
            assert door.path.startswith(SHUT) or "webauthn" in door.path, door.path


def test_a_stranger_is_sent_to_sign_in_or_told_401() -> None:
    Person.objects.create(username="sari", role="owner")
    client = Client(raise_request_exception=False)
    wrong = []
    for door in doors():
        if door.is_open or door.operations:
            continue
        for method in ("GET", "POST"):
            answer = client.generic(method, door.path)
            if door.path.startswith("/api/"):
                fine = answer.status_code == 401
            else:
                target = urlsplit(answer.headers.get("Location", "")).path
                fine = answer.status_code == 302 and target == "/accounts/login/"
            if not fine:
                wrong.append((method, door.path, answer.status_code))
    assert wrong == []


def test_nothing_is_public_unless_the_owner_chose_so(
    people: dict[str, Person], settings: Any, tmp_path: Path
) -> None:
    file = tmp_path / "base.pmtiles"
    file.write_bytes(b"PMTiles")
    for public, status in ((False, 404), (True, 200)):
        settings.RONDA = settings.RONDA.model_copy(update={"public_map": public, "pmtiles": file})
        for door in doors():
            if door.name in OPEN and "RONDA_PUBLIC_MAP" in OPEN[door.name]:
                answer = Client().get(door.path)
                assert answer.getvalue()  # read to the end, so that the file is closed
                assert (door.path, answer.status_code) == (door.path, status)


def test_a_stranger_gets_401_from_every_operation() -> None:
    Person.objects.create(username="sari", role="owner")
    client = Client(raise_request_exception=False)
    wrong = [
        (method, door.path, answer.status_code)
        for door, method, _operation in operations()
        if (answer := client.generic(method, door.path)).status_code != 401
    ]
    assert wrong == []


# What an owner opens, which is every page, is looked at in tests/accounts/test_headers.py.
@pytest.mark.parametrize("role", [role for role in INCLUDES if role != "owner"])
def test_a_role_opens_what_it_may_and_nothing_more(people: dict[str, Person], role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(people[role])
    wrong = []
    for door in pages():
        for method, needed in (("GET", door.read_role), ("POST", door.write_role)):
            if rules.holds(role, needed or "owner") and method == "POST":
                continue  # that it is let in is shown by the pages' own tests; here it would change things
            if role != needed and rules.holds(role, needed or "owner"):
                continue  # each page is seen by those who need every right they have
            answer = client.generic(method, door.path)
            forbidden = answer.status_code == 403
            signed_out = "/accounts/login/" in answer.headers.get("Location", "")
            broken = answer.status_code >= 500
            wanted = not rules.holds(role, needed or "owner") and answer.status_code != 405
            if forbidden != wanted or signed_out or broken:
                wrong.append((method, door.path, needed, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in INCLUDES if role != "owner"])
def test_operations_above_the_role_answer_403_to_cookie_and_token(
    people: dict[str, Person], role: str
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(people[role])
    program = Client(raise_request_exception=False)
    _token, text = tokens.make(people[role], "test", role)
    wrong = []
    for door, method, operation in operations():
        if rules.holds(role, operation.auth_callbacks[0].needed):
            continue
        for visitor, headers in ((client, {}), (program, {"authorization": f"Bearer {text}"})):
            answer = visitor.generic(method, door.path, headers=headers)
            if answer.status_code != 403:
                wrong.append((method, door.path, answer.status_code))
    assert wrong == []


def test_no_change_by_cookie_without_the_csrf_token(people: dict[str, Person]) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(people["owner"])
    wrong = []
    for door in doors():
        if door.operations or is_shut(door) or door.name in WITHOUT_COOKIE:
            continue
        answer = client.post(door.path)
        if answer.status_code != 403:
            wrong.append((door.path, answer.status_code))
    for door, method, _operation in operations():
        if method not in SAFE_METHODS:
            answer = client.generic(method, door.path)
            if answer.status_code != 403:
                wrong.append((f"{method} {door.path}", answer.status_code))
    assert wrong == []


def test_before_there_is_an_owner_every_page_leads_to_the_set_up() -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for door in doors():
        if door.operations or is_shut(door) or door.path.startswith("/api/"):
            continue
        if door.is_open and not door.is_allauth:
            continue
        if door.is_allauth and door.path.startswith(SHUT) and door.is_open:
            continue
        if client.get(door.path).headers.get("Location") != "/setup/":
            wrong.append(door.path)
    assert wrong == []


def test_a_tool_reads_the_openapi_document_with_a_token(people: dict[str, Person]) -> None:
    _token, text = tokens.make(people["viewer"], "generator", "viewer")
    program = Client(headers={"authorization": f"Bearer {text}"})
    documents = [door for door in doors() if door.is_api_document and door.path.endswith(".json")]
    assert documents
    for door in documents:
        assert program.get(door.path).json()["openapi"].startswith("3.")
        assert Client().get(door.path).status_code == 401
