"""`ronda user` and `ronda settings` as a person or an installer types them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import people, setup, tokens
from ronda.app.configuration import Configuration
from ronda.cli import settings as settings_command
from ronda.cli import user as command

pytestmark = [pytest.mark.django_db]

GOOD = "tujuh-gajah-lewat"


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_ready", lambda: None)  # the suite has made Django ready


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(command.user, list(arguments), input=given)


def test_add_prints_a_link_on_which_the_person_chooses_a_password() -> None:
    answer = run("add", "sari", "--role", "owner")
    assert answer.exit_code == 0
    said, link = answer.output.splitlines()
    assert said == "added sari (owner)"
    assert link.startswith("http://127.0.0.1:8000/setup/")
    assert setup.find(link.split("/setup/")[1].strip("/")).person == Person.objects.get()


def test_add_takes_the_password_from_a_file_for_unattended_installing(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(GOOD + "\nsecond line\n")
    assert run("add", "sari", "--role", "owner", "--password-file", str(file)).exit_code == 0
    sari = Person.objects.get()
    assert (sari.check_password(GOOD), sari.must_change_password) == (True, False)


def test_a_password_may_be_piped_in_and_must_be_changed_at_sign_in() -> None:
    people.add("wayan", "noc")
    assert run("password", "wayan", "--password-file", "-", given=GOOD + "\n").exit_code == 0
    wayan = Person.objects.get()
    assert (wayan.check_password(GOOD), wayan.must_change_password) == (True, True)


def test_a_password_is_asked_for_twice_and_not_shown() -> None:
    people.add("wayan", "noc")
    answer = run("password", "wayan", "--keep", given=f"{GOOD}\n{GOOD}\n")
    assert answer.exit_code == 0
    assert GOOD not in answer.output
    assert not Person.objects.get().must_change_password


@pytest.mark.parametrize("name", ["add", "password", "link", "token"])
def test_no_command_takes_a_password_as_an_argument(name: str) -> None:
    options = [p.name for p in command.user.commands[name].params if p.param_type_name == "option"]
    assert "password" not in options


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["password", "nobody"], "nobody named nobody"),
        (["disable", "sari"], "last owner"),
        (["role", "sari", "viewer"], "last owner"),
        (["add", "sari"], "user name already"),
        (["setup"], "owner already"),
        (["token", "wayan", "--role", "admin"], "more than its person"),
    ],
)
def test_a_refusal_is_one_line_and_status_1(arguments: list[str], reason: str) -> None:
    from django.utils import translation

    people.add("sari", "owner", password=GOOD)
    people.add("wayan", "noc")
    with translation.override("en"):
        answer = run(*arguments, given=f"{GOOD}\n{GOOD}\n")
    assert (answer.exit_code, answer.output.splitlines()[-1].startswith("Error: ")) == (1, True)
    assert reason in answer.output


def test_a_token_made_here_works() -> None:
    people.add("wayan", "noc")
    text = run("token", "wayan", "--label", "nms", "--days", "30").output.strip()
    grant = tokens.judge(text)
    assert grant is not None
    assert grant.role == "noc"
    document = json.loads(run("token", "wayan", "--role", "viewer", "--json").output)
    assert (document["role"], document["person"]) == ("viewer", "wayan")


def test_disable_enable_role_and_link() -> None:
    people.add("sari", "owner", password=GOOD)
    people.add("wayan", "noc")
    assert run("role", "WAYAN", "admin").output == "wayan is admin\n"
    assert run("disable", "wayan").output == "wayan is disabled\n"
    assert not Person.objects.get(username="wayan").is_active
    assert run("enable", "wayan").output == "wayan is enabled\n"
    assert "/setup/" in run("link", "wayan").output
    rows = json.loads(run("list", "--json").output)
    assert [(r["name"], r["role"], r["active"]) for r in rows] == [
        ("sari", "owner", True),
        ("wayan", "admin", True),
    ]
    assert AuditRow.objects.filter(action="person.role").get().source.startswith("terminal")


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({}, "http://127.0.0.1:8000/setup/"),
        ({"bind": "[::1]:80"}, "http://[::1]:80/setup/"),
        ({"bind": "0.0.0.0:9000", "hosts": ["ronda.lan", "x"]}, "http://ronda.lan:9000/setup/"),
        ({"https": True, "hosts": ["ronda.example"]}, "https://ronda.example/setup/"),
    ],
)
def test_a_link_leads_to_where_people_reach_the_pages(
    settings: Any, changes: dict[str, Any], start: str
) -> None:
    settings.RONDA = settings.RONDA.model_copy(update=changes)
    assert run("setup").output.startswith(start)


def test_the_set_up_link_is_printed_again_before_there_is_an_owner() -> None:
    link = run("setup").output.strip()
    assert setup.find(link.split("/setup/")[1].strip("/")).person is None


def test_the_page_of_all_settings_is_the_one_made_from_the_code() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_command.page()


def test_every_setting_is_explained() -> None:
    assert [n for n, field in Configuration.model_fields.items() if not field.description] == []


def test_settings_in_force_mask_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    current = Configuration(database_url="postgres://ronda:hunter2@db/ronda")  # type: ignore[arg-type] # raw
    values = settings_command.shown(current)
    assert values["RONDA_DATABASE_URL"] == "***"
    assert values["RONDA_SECRET_KEY"] is None
    assert "hunter2" not in json.dumps(values)


@pytest.mark.slow
def test_the_commands_make_a_fresh_installation_ready_by_themselves(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    answer = subprocess.run(
        [sys.executable, "-m", "ronda", "user", "add", "sari", "--role", "owner"],
        env=kept
        | {"RONDA_DATA": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    # The first start takes a while, and says so beside the answer.
    assert answer.stderr.strip() == "Making the database ready …"
    assert answer.stdout.startswith("added sari (owner)\nhttp://127.0.0.1:8000/setup/")
