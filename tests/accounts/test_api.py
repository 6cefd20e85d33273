"""People, tokens and the trail as JSON."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from ronda.accounts.models import ApiToken, AuditRow, Person
from ronda.accounts.service import tokens

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def no_earlier_tries() -> None:
    cache.clear()


def program(person: Person, role: str | None = None) -> Client:
    _token, text = tokens.make(person, "test", role or person.role)
    return Client(headers={"authorization": f"Bearer {text}"})


def send(client: Client, method: str, path: str, **body: Any) -> Any:
    return client.generic(method, f"/api/v1{path}", _json(body), "application/json")


def _json(body: dict[str, Any]) -> bytes:
    import json

    return json.dumps(body).encode()


def test_me_is_who_sends_with_the_rights_of_the_token(people: dict[str, Person]) -> None:
    answer = program(people["owner"], "viewer").get("/api/v1/me").json()
    assert (answer["name"], answer["role"], answer["active"]) == ("sari", "viewer", True)
    people["owner"].refresh_from_db()
    assert people["owner"].role == "owner"


def test_an_owner_adds_changes_and_disables(people: dict[str, Person]) -> None:
    owner = program(people["owner"])
    added = send(owner, "POST", "/people", name="made", role="noc", email="made@example.net")
    assert (added.status_code, added.json()["person"]["role"]) == (201, "noc")
    assert "/setup/" in added.json()["link"]
    pk = added.json()["person"]["id"]
    changed = send(owner, "PATCH", f"/people/{pk}", role="admin", active=False)
    assert (changed.json()["role"], changed.json()["active"]) == ("admin", False)
    assert send(owner, "PATCH", f"/people/{pk}").json() == changed.json()
    assert send(owner, "POST", f"/people/{pk}/sign-out").status_code == 204
    actions = list(AuditRow.objects.filter(actor="sari").values_list("action", flat=True))
    assert actions == [
        "person.sign_out", "person.disable", "person.role", "person.link", "person.add",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "target", "body", "status", "code"),
    [
        ("admin", "viewer", {"role": "owner"}, 403, "role"),
        ("admin", "owner", {"active": False}, 403, "role"),
        ("owner", "owner", {"role": "viewer"}, 409, "last-owner"),
        ("owner", "noc", {"role": "king"}, 422, "invalid"),
    ],
)
def test_what_may_not_be_is_refused_with_a_code(
    people: dict[str, Person], role: str, target: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = send(program(people[role]), "PATCH", f"/people/{people[target].pk}", **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert Person.objects.get(pk=people[target].pk).role == target


def test_a_change_of_which_half_is_refused_does_nothing(people: dict[str, Person]) -> None:
    pk = people["admin"].pk
    answer = send(program(people["admin"]), "PATCH", f"/people/{pk}", role="noc", active=False)
    assert answer.status_code == 403  # nobody disables themselves
    assert Person.objects.get(pk=pk).role == "admin"


def test_names_and_addresses_are_checked(people: dict[str, Person]) -> None:
    owner = program(people["owner"])
    answers = [
        send(owner, "POST", "/people", **body)
        for body in ({"name": "WAYAN"}, {"name": "a b"}, {"name": "x", "email": "no address"})
    ]
    assert [(a.status_code, a.json()["error"]["code"]) for a in answers] == [
        (409, "taken"),
        (422, "invalid"),
        (422, "invalid"),
    ]


def test_a_token_makes_no_stronger_token(people: dict[str, Person]) -> None:
    weak = program(people["owner"], "viewer")
    assert send(weak, "POST", "/tokens", name="x", role="admin").status_code == 403
    made = send(weak, "POST", "/tokens", name="x", days=30).json()
    assert tokens.judge(made["token"]) is not None
    assert made["made"]["role"] == "viewer"
    assert send(weak, "DELETE", f"/tokens/{made['made']['id']}").status_code == 204
    assert tokens.judge(made["token"]) is None


def test_nobody_sees_or_ends_tokens_they_do_not_look_after(people: dict[str, Person]) -> None:
    theirs, _text = tokens.make(people["owner"], "theirs", "owner")
    for role in ("admin", "viewer"):
        client = program(people[role])
        assert "theirs" not in [row["name"] for row in client.get("/api/v1/tokens").json()]
        assert send(client, "DELETE", f"/tokens/{theirs.pk}").status_code == 404
    assert ApiToken.objects.get(pk=theirs.pk).revoked_at is None


def test_the_trail_is_read_in_pages(people: dict[str, Person]) -> None:
    admin = program(people["admin"])
    for number in range(3):
        send(admin, "POST", "/people", name=f"p{number}")
    first = admin.get("/api/v1/audit?limit=2&action=person.add").json()
    rest = admin.get(f"/api/v1/audit?action=person.add&before_id={first[-1]['id']}").json()
    assert [row["subject"] for row in first + rest] == ["p2", "p1", "p0"]
    assert first[0]["actor"] == "budi"


def test_a_list_is_no_object(people: dict[str, Person]) -> None:
    owner = program(people["owner"])
    answer = owner.post("/api/v1/tokens", "[null]", content_type="application/json")
    assert (answer.status_code, ApiToken.objects.count()) == (400, 1)


def test_an_unknown_path_of_the_api_answers_json(people: dict[str, Person]) -> None:
    answer = program(people["owner"]).get("/api/v1/people/none")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")
