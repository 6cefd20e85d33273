"""Attempts that belong to no single page: forged hosts, climbing paths, fields nobody offered, cookies."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ronda.accounts.models import Person
from ronda.app.doors import doors
from tests.accounts.test_headers import WANTED, policy
from tests.servers.migrated import environment

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
CLIMBS = (
    "..%2f..%2fseal.keys",
    "%2e%2e%2fsecret.key",
    "..\\..\\secret.key",
    "%00",
    "a%0d%0aX-Evil:1",
)


@pytest.fixture
def owner(people: dict[str, Person]) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(people["owner"])
    return client


def test_over_https_cookies_are_for_this_host_alone(tmp_path: Path) -> None:
    code = (
        "import json; from django.conf import settings as s; from ronda.app import boot; boot.django();"
        "print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN,"
        " s.CSRF_COOKIE_PATH, s.CSRF_COOKIE_DOMAIN, s.SESSION_COOKIE_SAMESITE]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tmp_path, RONDA_HTTPS="true"),
        capture_output=True,
        check=True,
    )
    assert json.loads(told.stdout) == [
        *("__Host-ronda_session", "__Host-csrftoken", True, True, True),
        *("/", None, "/", None, "Lax"),
    ]


def test_one_script_reads_the_token_and_it_knows_both_names_of_its_cookie() -> None:
    scripts = (ROOT / "src/ronda").glob("*/static/**/*.js")
    told = {path.name: path.read_text(encoding="utf-8") for path in scripts}
    assert [name for name, text in told.items() if "csrftoken=" in text] == ["csrf.js"]
    assert "(?:__Host-)?csrftoken=" in told["csrf.js"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example"]
)
def test_a_forged_host_is_refused_and_never_shown(host: str) -> None:
    answer = Client(raise_request_exception=False).get("/accounts/login/", headers={"host": host})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_an_error_of_ours_shows_no_inside_and_keeps_the_policy(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        password = "canary-in-a-frame"
        raise RuntimeError(f"canary-in-a-message {password}")

    monkeypatch.setattr("ronda.accounts.service.people.all_people", fail)
    for path in ("/people/", "/api/v1/people"):
        answer = owner.get(path)
        assert answer.status_code == 500
        assert b"canary" not in answer.content
        assert b"Traceback" not in answer.content
        rules = policy(answer.headers.get("Content-Security-Policy", ""))
        assert rules["default-src"] == {"'self'"}
        assert {name: answer.headers.get(name) for name in WANTED} == WANTED


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(people: dict[str, Person], target: str) -> None:
    people["owner"].set_password("a password of words")
    people["owner"].save()
    answers = [
        Client().post(
            f"/accounts/login/?next={target}",
            {"login": "sari", "password": "a password of words", "next": target},
        )
    ]
    client = Client()
    client.force_login(people["owner"])
    for path in ("/display/theme", "/display/language"):
        values = {"theme": "dark", "language": "id", "next": target}
        answers.append(client.post(path, values, headers={"referer": target}))
    for answer in answers:
        assert "evil" not in answer.headers.get("Location", "")
        assert "javascript" not in answer.headers.get("Location", "")


def test_no_address_with_a_name_in_it_climbs_out_of_its_folder(owner: Client) -> None:
    wrong = []
    for door in doors():
        # Samples of names in addresses are "x"; those of numbers are no way in.
        if "/x" not in door.path or door.is_allauth:
            continue
        for climb in CLIMBS:
            answer = owner.get(door.path.replace("/x", f"/{climb}", 1))
            if answer.status_code == 500 or "X-Evil" in answer.headers:
                wrong.append((door.path, climb, answer.status_code))
            if answer.status_code == 200 and door.name != "shop:voucher-status":
                wrong.append((door.path, climb, 200))
    assert wrong == []


def test_fields_that_nobody_offered_change_nothing(people: dict[str, Person]) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(people["viewer"])
    forged = {
        "role": "owner",
        "is_superuser": "on",
        "is_staff": "on",
        "username": "sari2",
        "id": "1",
    }
    client.post(
        "/profile/", {"language": "id", "theme": "dark", "email": "t@example.net", **forged}
    )
    client.force_login(people["admin"])
    client.patch(
        f"/api/v1/people/{people['viewer'].pk}",
        json.dumps({"is_superuser": True, "username": "sari2", "must_change_password": False}),
        content_type="application/json",
    )
    made = client.post(
        "/api/v1/people",
        json.dumps({"name": "baru", "role": "viewer", "is_superuser": True, "is_staff": True}),
        content_type="application/json",
    )
    assert made.status_code == 201
    for name in ("tini", "baru"):
        person = Person.objects.get(username=name)
        assert (person.role, person.is_superuser, person.is_staff) == ("viewer", False, False)


def test_secrets_are_compared_in_a_time_that_tells_nothing() -> None:
    """No `==` or `!=` between values whose names speak of a signature, a digest or a token."""
    telling = ("signature", "digest", "mac", "token", "fingerprint", "secret", "hmac")
    allowed = {
        "src/ronda/devices/service/drafts.py": "check sums of a person's own file",
        "src/ronda/shop/service/fallback.py": "a check sum of what a router was given",
        "src/ronda/shop/views/buying.py": "what the browser's own cookie holds already",
    }
    found = []
    for file in sorted((ROOT / "src/ronda").rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        if name in allowed or "/migrations/" in name or "/simulator/" in name:
            continue
        text = file.read_text(encoding="utf-8")
        if not any(word in text.lower() for word in telling):
            continue  # nothing to compare, and reading it as a program takes long
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue
            sides = [node.left, *node.comparators]
            if any(isinstance(side, ast.Constant) for side in sides):
                continue
            names = [getattr(side, "attr", getattr(side, "id", "")) for side in sides]
            # Names in capitals are constants of a choice.
            if any(one.lower().endswith(telling) and not one.isupper() for one in names):
                found.append(f"{name}:{node.lineno}")
    assert found == []


def test_the_environment_of_the_tests_says_that_this_machine_may_be_called() -> None:
    """Outside of tests and the demo it may not: routers on loopback want a setting of the owner."""
    assert os.environ["RONDA_LOCAL_TARGETS"] == "true"
    from ronda.app.configuration import Configuration

    assert Configuration.model_fields["local_targets"].default is False
