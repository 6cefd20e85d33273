"""The JSON doors: the older system's paths with their shapes, and /api/v1/hotspot."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.accounts.service import tokens
from ronda.hotspot.models import ActiveUser, HotspotUser, Instruction, Reading, Wanted
from ronda.hotspot.service import asking
from tests.hotspot.doing import do
from tests.hotspot.factories import furnish, read
from tests.hotspot.scripted import ACTIVE, USER, ScriptedLink

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def link() -> ScriptedLink:
    return furnish()


@pytest.fixture
def router(link: ScriptedLink, done_at_once: Any) -> Any:
    router = read(link)
    done_at_once({router.pk: link})
    return router


@pytest.fixture
def api(people: dict[str, Any]) -> Any:
    def with_role(role: str) -> Client:
        _token, text = tokens.make(people[role], "test", role)
        return Client(headers={"authorization": f"Bearer {text}"})

    return with_role


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def test_the_older_list_of_users_has_routeros_names_and_texts(api: Any, router: Any) -> None:
    client = api("viewer")
    answer = client.get("/api/mikrotik/users")
    given = answer.json()
    assert set(given) == {"users", "count"}
    assert given["count"] == 4
    budi = next(row for row in given["users"] if row["name"] == "budi")
    assert (budi["profile"], budi["limit-uptime"], budi["bytes-in"], budi["disabled"]) == (
        "1jam",
        "1h",
        "5000",
        "false",
    )
    assert "X-Read-At" in answer.headers
    only = client.get("/api/mikrotik/users", {"profile": "1hari"}).json()
    assert [row["name"] for row in only["users"]] == ["sari", "true"]
    active = client.get("/api/mikrotik/users", {"active": "true"}).json()
    assert [(row["user"], row["address"], row["uptime"]) for row in active["users"]] == [
        ("007", "10.5.0.3", "20m"),
        ("budi", "10.5.0.2", "20m"),
    ]
    assert (
        client.get("/api/mikrotik/users", {"active": "true", "profile": "1hari"}).json()["count"]
        == 0
    )
    assert Client().get("/api/mikrotik/users").status_code == 401


def test_the_older_list_of_profiles(api: Any, router: Any) -> None:
    given = api("viewer").get("/api/mikrotik/profiles").json()
    assert given["count"] == 3
    assert {row["name"]: row.get("rate-limit") for row in given["profiles"]} == {
        "default": None,
        "1jam": "1M/2M",
        "1hari": "2M/4M 4M/8M 1M/2M 16/16",
    }


def test_the_older_deletion_ends_the_session_too(api: Any, router: Any, link: ScriptedLink) -> None:
    client = api("admin")
    answer = client.delete(
        "/api/mikrotik/users", {"username": "budi"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert "budi" not in link.names(USER) + link.names(ACTIVE)
    answer = client.delete(
        "/api/mikrotik/users", {"username": "budi"}, content_type="application/json"
    )
    assert answer.status_code == 404
    assert answer.json()["success"] is False
    refused = api("noc").delete(
        "/api/mikrotik/users", {"username": "sari"}, content_type="application/json"
    )
    assert refused.status_code == 403


def test_the_older_deletion_says_when_a_router_did_not_do_it(
    api: Any, router: Any, link: ScriptedLink, done_at_once: Any
) -> None:
    link.fail_at(1)
    answer = api("admin").delete(
        "/api/mikrotik/users", {"username": "budi"}, content_type="application/json"
    )
    assert answer.status_code == 502
    assert "we are looking" in answer.json()["message"]


def test_lists_of_v1_tell_how_old_they_are(api: Any, router: Any) -> None:
    client = api("viewer")
    online = client.get("/api/v1/hotspot/online", {"status": "idle"}).json()
    assert [(row["user"], row["status"], row["stale"]) for row in online["items"]] == [
        ("007", "idle", False)
    ]
    assert online["ages"][0]["name"] == "Balai Desa"
    users = client.get("/api/v1/hotspot/users", {"q": "sari"}).json()
    assert [(row["name"], row["status"], row["standing"]) for row in users["items"]] == [
        ("sari", "disabled", "foreign")
    ]
    assert len(client.get("/api/v1/hotspot/profiles").json()) == 3
    assert client.get("/api/v1/hotspot/differences").json() == []
    assert client.get("/api/v1/hotspot/users", {"status": "nonsense"}).status_code == 422
    Reading.objects.update(read_at=None)
    assert client.get("/api/v1/hotspot/online").json()["items"][0]["stale"] is True


def test_an_instruction_of_v1_is_answered_before_it_is_done(
    api: Any, router: Any, link: ScriptedLink
) -> None:
    client = api("admin")
    body = {
        "router": router.pk,
        "name": "baru",
        "password": "rahasia",
        "profile": "1jam",
        "limit_uptime_s": 3600,
    }
    answer = post(client, "/api/v1/hotspot/users", body)
    given = answer.json()
    assert (answer.status_code, given["ended"], given["items"][0]["outcome"]) == (
        202,
        False,
        "waiting",
    )
    assert "rahasia" not in answer.content.decode()
    do(Instruction.objects.get(pk=given["id"]), router.pk, link)
    instruction = client.get(f"/api/v1/hotspot/instructions/{given['id']}").json()
    assert (instruction["ended"], instruction["items"][0]["outcome"]) == (True, "done")
    pk = HotspotUser.objects.get(name="baru").pk
    for verb, extra in (
        ("disable", {}),
        ("enable", {}),
        ("move", {"profile": "1hari"}),
        ("kick", {}),
    ):
        made = post(client, "/api/v1/hotspot/actions", {"verb": verb, "users": [pk]} | extra).json()
        do(Instruction.objects.get(pk=made["id"]), router.pk, link)
        assert (
            client.get(f"/api/v1/hotspot/instructions/{made['id']}").json()["items"][0]["outcome"]
            == "done"
        ), verb
    assert HotspotUser.objects.get(name="baru").profile == "1hari"


@pytest.mark.parametrize(
    ("role", "path", "body", "status"),
    [
        ("noc", "actions", {"verb": "delete", "users": [1]}, 403),
        ("noc", "users", {"router": 1, "name": "x", "password": "y"}, 403),
        ("admin", "actions", {"verb": "move", "users": [1]}, 422),
        ("admin", "actions", {"verb": "kick", "users": [99999]}, 422),
        ("admin", "actions", {"verb": "explode", "users": [1]}, 422),
        ("admin", "users", {"router": 99999, "name": "x", "password": "y"}, 422),
        ("admin", "users", {"router": None, "name": "x", "password": "y"}, 422),
    ],
)
def test_what_v1_refuses(
    api: Any, router: Any, role: str, path: str, body: Any, status: int
) -> None:
    answer = post(api(role), f"/api/v1/hotspot/{path}", body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert not Instruction.objects.exists()


def test_a_name_with_a_space_at_its_end_is_refused(api: Any, router: Any) -> None:
    body = {"router": router.pk, "name": "x ", "password": "y"}
    assert post(api("admin"), "/api/v1/hotspot/users", body).status_code == 422
    assert api("admin").get("/api/v1/hotspot/instructions/99999").status_code == 404


def test_fragments_for_the_dashboard_and_the_page_of_a_router(
    as_: Any, router: Any, django_assert_num_queries: Any
) -> None:
    client = as_("viewer")
    text = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/hotspot/tiles/").content.decode())
    )
    assert "1jam 2 / 2" in text
    assert "1hari 0 / 2" in text
    with django_assert_num_queries(10):
        client.get("/hotspot/tiles/")
    text = re.sub(
        r"\s+",
        " ",
        re.sub(r"<[^>]+>", " ", client.get(f"/hotspot/router/{router.pk}/").content.decode()),
    )
    assert "Users 4" in text
    assert client.get("/hotspot/router/99999/").status_code == 404
    assert asking.JOB == "hotspot.act"


def test_the_terminal_lists_kicks_and_compares(
    router: Any, link: ScriptedLink, monkeypatch: Any
) -> None:
    from click.testing import CliRunner

    from ronda.app import boot
    from ronda.cli.hotspot import hotspot

    monkeypatch.setattr(boot, "django", lambda: None)
    run = CliRunner().invoke
    listed = run(hotspot, ["online"])
    assert "budi" in listed.output
    assert json.loads(run(hotspot, ["online", "--json"]).output)["online"][0]["user"] == "007"
    kicked = run(hotspot, ["kick", "budi"])
    assert (kicked.exit_code, kicked.output) == (0, "Balai Desa: done\n")
    assert link.names(ACTIVE) == ["007"]
    ActiveUser.objects.filter(user="budi").delete()
    assert run(hotspot, ["kick", "budi"]).exit_code == 1
    assert run(hotspot, ["differences"]).exit_code == 0
    Wanted.objects.create(
        router=router, kind="user", name="budi", values={"profile": "1hari"}, since=timezone.now()
    )
    read(link, router)
    found = run(hotspot, ["differences"])
    assert (found.exit_code, "profile: 1hari -> 1jam" in found.output) == (1, True)
    assert (
        json.loads(run(hotspot, ["differences", "--json"]).output)["differences"][0]["name"]
        == "budi"
    )
