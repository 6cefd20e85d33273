"""`ronda routers` as a person or an installer types it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ronda.cli import routers as command
from ronda.routers.models import Router
from ronda.routers.service.credentials import password_of
from tests.devices.factories import make_site
from tests.routers.factories import CANARY, make_router
from tests.routers.test_rules_older import SAMPLE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ready(ground: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_ready", lambda: None)  # the suite has made Django ready


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(command.routers, list(arguments), input=given)


def test_a_router_is_added_with_a_password_from_a_pipe_a_file_or_a_question(tmp_path: Path) -> None:
    make_site()
    file = tmp_path / "password"
    file.write_text(CANARY + "\nsecond line\n")
    piped = run("add", "Satu", "192.0.2.1", "--password-file", "-", given=CANARY + "\n")
    read = run("add", "Dua", "192.0.2.2", "--way", "api-ssl", "--password-file", str(file))
    asked = run("add", "Tiga", "192.0.2.3", "--user", "mimin", given=CANARY + "\n")
    assert [answer.exit_code for answer in (piped, read, asked)] == [0, 0, 0]
    assert CANARY not in piped.output + read.output + asked.output
    assert [password_of(router) for router in Router.objects.all()] == [CANARY] * 3
    dua = Router.objects.get(name="Dua")
    assert (dua.prefer, dua.transport, dua.user) == ("pinned", "api-ssl", "ronda")


def test_no_command_takes_a_password_as_an_argument() -> None:
    for sub in command.routers.commands.values():
        names = [option for parameter in sub.params for option in parameter.opts]
        assert "--password" not in names


def test_what_cannot_work_is_said_by_field_and_ends_with_status_1() -> None:
    make_site()
    answer = run("add", "Satu", "10.0.0.01", "--timeout-ms", "5", given=CANARY + "\n")
    assert answer.exit_code == 1
    assert "host:" in answer.output
    assert "timeout_ms:" in answer.output
    assert not Router.objects.exists()


def test_the_list_as_text_and_json_holds_no_password() -> None:
    router = make_router()
    assert "Balai Desa" in run("list").output
    (row,) = json.loads(run("list", "--json").output)
    assert (row["id"], row["name"], row["site"]) == (router.pk, "Balai Desa", "Sleman")
    assert CANARY not in str(row)
    assert router.secret not in str(row)


def test_a_router_is_edited_removed_and_restored() -> None:
    router = make_router()
    assert run("edit", "balai desa", "--port", "18728", "--inactive").exit_code == 0
    router.refresh_from_db()
    assert (router.port, router.active) == (18728, False)
    run("edit", str(router.pk), "--port", "0", "--new-password", given="baru\n")
    router.refresh_from_db()
    assert (router.port, password_of(router)) == (None, "baru")
    assert run("remove", "Balai Desa", given="n\n").exit_code == 1
    assert run("remove", "Balai Desa", "--yes").exit_code == 0
    assert run("edit", "Balai Desa", "--port", "1").exit_code == 1
    assert "is back" in run("restore", str(router.pk)).output


def test_the_sample_is_imported_once_its_contradiction_was_settled(tmp_path: Path) -> None:
    make_site()
    file = tmp_path / "router.js"
    file.write_text(SAMPLE)
    refused = run("import", str(file))
    assert refused.exit_code == 1
    assert "Take port 8729" in refused.output
    assert "with --repair: port=8729" in refused.output
    assert run("import", str(file), "--repair").exit_code == 0
    made = Router.objects.get()
    assert (made.port, made.transport) == (8729, "api-ssl")
    assert password_of(made) == "secure-api-password"
    file.write_text("{name: 5}")
    assert "nothing was added" in run("import", str(file), "--repair").output
    file.write_text("{")
    assert "line 1 cannot be read" in run("import", str(file)).output


def test_several_sites_have_to_be_told_apart() -> None:
    answer = run("add", "Satu", "192.0.2.1", given=CANARY + "\n")
    assert "no site yet" in answer.output
    make_site()
    make_site("Bantul")
    assert "say which one" in run("add", "Satu", "192.0.2.1", given=CANARY + "\n").output
    added = run("add", "Satu", "192.0.2.1", "--site", "bantul", given=CANARY + "\n")
    assert added.exit_code == 0


def test_passwords_are_sealed_anew() -> None:
    router = make_router()
    assert "1 routers sealed anew" in run("reseal").output
    before = router.secret
    router.refresh_from_db()
    assert router.secret != before
    assert password_of(router) == CANARY
