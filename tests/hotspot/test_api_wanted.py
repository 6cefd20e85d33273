"""What programs change on routers: profiles, taking back, differences, hours, and where users are made."""

from typing import Any

import pytest
from django.test import Client

from ronda.accounts.models import AuditRow
from ronda.accounts.service import tokens
from ronda.hotspot.models import (
    AccessHours,
    Drift,
    HotspotProfile,
    HotspotUser,
    Instruction,
    Wanted,
)
from ronda.hotspot.service import asking, placing
from ronda.work.models import Job
from tests.hotspot.doing import do
from tests.hotspot.factories import furnish, read
from tests.hotspot.scripted import PROFILE, USER, ScriptedLink

pytestmark = pytest.mark.django_db
BASE = "/api/v1/hotspot"


@pytest.fixture
def link() -> ScriptedLink:
    return furnish()


@pytest.fixture
def router(link: ScriptedLink) -> Any:
    return read(link)


class Program:
    """A program with a token, and routers that do at once what it asks."""

    def __init__(self, person: Any, role: str, router: Any, link: ScriptedLink) -> None:
        _token, text = tokens.make(person, "test", role)
        self.client = Client(headers={"authorization": f"Bearer {text}"})
        self.router, self.link = router, link

    def send(self, method: str, path: str, body: Any = None, status: int = 202) -> Any:
        call = getattr(self.client, method)
        answer = call(f"{BASE}/{path}", body, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    def ask(self, method: str, path: str, body: Any = None) -> Instruction:
        made = self.send(method, path, body)
        instruction = Instruction.objects.get(pk=(made.get("instruction") or made)["id"])
        do(instruction, self.router.pk, self.link)
        return instruction


@pytest.fixture
def admin(people: dict[str, Any], router: Any, link: ScriptedLink) -> Program:
    return Program(people["admin"], "admin", router, link)


def held(link: ScriptedLink, menu: str, name: str) -> Any:
    return next((row for row in link.menus[menu] if row["name"] == name), None)


def test_a_profile_is_made_changed_and_deleted(admin: Program, link: ScriptedLink) -> None:
    router = admin.router
    body = {"site": router.site_id, "name": "malam", "values": {"rate-limit": "1M/2M"}}
    admin.ask("post", "profiles", body)
    assert held(link, PROFILE, "malam")["rate-limit"] == "1M/2M"
    pk = HotspotProfile.objects.get(name="malam").pk
    admin.ask("patch", f"profiles/{pk}", {"values": {"rate-limit": "2M/4M"}})
    assert held(link, PROFILE, "malam")["rate-limit"] == "2M/4M"
    admin.ask("delete", f"profiles/{pk}")
    assert held(link, PROFILE, "malam") is None


def test_an_instruction_whose_outcome_nobody_will_learn_has_ended(admin: Program) -> None:
    user = HotspotUser.objects.get(name="budi")
    made = admin.send("post", "actions", {"verb": "kick", "users": [user.pk]})
    Job.objects.update(state="unknown", code="RouterTimedOut")
    assert asking.give_up() == 1

    told = admin.send("get", f"instructions/{made['id']}", status=200)
    assert (told["ended"], told["items"][0]["outcome"]) == (True, "unknown")


def test_an_instruction_is_taken_back_by_who_might_have_given_it(
    admin: Program, link: ScriptedLink, people: dict[str, Any]
) -> None:
    user = HotspotUser.objects.get(name="budi")
    operator = Program(people["noc"], "noc", admin.router, link)
    off = operator.ask("post", "actions", {"verb": "disable", "users": [user.pk]})
    assert held(link, USER, "budi")["disabled"] in {"true", "yes"}
    operator.ask("post", f"instructions/{off.pk}/undo")
    assert held(link, USER, "budi").get("disabled", "false") in {"false", "no"}

    moved = admin.ask("post", "actions", {"verb": "move", "users": [user.pk], "profile": "1hari"})
    operator.send("post", f"instructions/{moved.pk}/undo", status=403)
    operator.send("post", "instructions/99999/undo", status=404)
    kicked = operator.ask("post", "actions", {"verb": "kick", "users": [user.pk]})
    operator.send("post", f"instructions/{kicked.pk}/undo", status=409)


def test_a_difference_ends_on_either_side(admin: Program, link: ScriptedLink) -> None:
    router = admin.router
    for name in ("satu", "dua"):
        admin.ask(
            "post", "users", {"router": router.pk, "name": name, "password": "x", "profile": "1jam"}
        )
        held(link, USER, name)["profile"] = "1hari"
    read(link, router)
    one, two = (
        Drift.objects.get(wanted__name=name, wanted__kind="user").pk for name in ("satu", "dua")
    )
    admin.ask("post", "differences", {"differences": [one], "side": "ronda"})
    assert held(link, USER, "satu")["profile"] == "1jam"
    given = admin.send("post", "differences", {"differences": [two], "side": "router"})
    assert given["taken_over"] == 1
    assert Wanted.objects.get(name="dua").values["profile"] == "1hari"
    admin.send("post", "differences", {"differences": [99_999], "side": "ronda"}, 422)


def test_hours_are_stated_and_listed(admin: Program) -> None:
    window = {"days": [0, 1], "start": 480, "end": 1020}
    body = {"router": admin.router.pk, "kind": "profile", "name": "1jam", "windows": [window]}
    given = admin.send("put", "hours", body | {"zone": "WITA"}, 200)
    assert (given["zone"], given["windows"]) == ("WITA", [window])
    assert admin.send("get", "hours", status=200) == [given]
    assert admin.send("put", "hours", body | {"windows": []}, 200)["windows"] == []
    assert not AccessHours.objects.exclude(windows=[]).exists()
    admin.send("put", "hours", body | {"router": 99_999}, 422)


def test_a_user_is_made_where_the_rule_of_the_site_says(admin: Program, link: ScriptedLink) -> None:
    site = admin.router.site
    rule = {"rule": "fixed", "router": admin.router.pk}
    assert admin.send("put", f"placement/{site.pk}", rule, 200) == rule
    assert placing.rule_of(site)[1] == admin.router
    assert AuditRow.objects.filter(action="hotspot-placement.edit").exists()
    admin.ask("post", "users", {"site": site.pk, "name": "baru", "password": "x"})
    assert held(link, USER, "baru") is not None


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "users", {"name": "x", "password": "y"}, 422),
        ("post", "users", {"router": 1, "site": 1, "name": "x", "password": "y"}, 422),
        ("post", "users", {"site": 99_999, "name": "x", "password": "y"}, 422),
        ("post", "profiles", {"name": "x"}, 422),
        ("post", "profiles", {"router": 99_999, "name": "x"}, 422),
        ("post", "profiles", {"router": 1, "name": "x "}, 422),
        ("post", "profiles", {"router": 1, "name": "x", "values": {"uptime-limit": "1d"}}, 422),
        ("patch", "profiles/99999", {"values": {}}, 404),
        ("delete", "profiles/99999", None, 404),
        ("put", "placement/99999", {"rule": "all"}, 404),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_asked(
    admin: Program, method: str, path: str, body: Any, status: int
) -> None:
    assert admin.send(method, path, body, status)["error"]["message"]
    assert not Instruction.objects.exists()


def test_what_is_as_it_was_is_not_asked_and_a_fixed_rule_names_a_router_of_the_site(
    admin: Program,
) -> None:
    pk = HotspotProfile.objects.get(name="1jam").pk
    admin.send("patch", f"profiles/{pk}", {"values": {}}, 422)
    admin.send("put", f"placement/{admin.router.site_id}", {"rule": "fixed"}, 422)
