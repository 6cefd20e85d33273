"""The audit trail as a file and by command."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from ronda.accounts.models import AuditCheck, AuditRow, Person
from ronda.accounts.service import audit, chain, proving, trail_files
from ronda.cli.audit import audit as command
from ronda.kernel.cells import guard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def rows(people: dict[str, Person], data_folder: Path) -> list[AuditRow]:
    made = [audit.record(people["noc"], "ont.edit", f"ONT {n}", None, {"n": n}) for n in range(3)]
    made.append(audit.record(None, "site.add", FORMULA, None, {"name": "@SUM(A1)"}, "192.0.2.9"))
    chain.link()
    return made


@pytest.fixture
def owner(people: dict[str, Person]) -> Client:
    client = Client()
    client.force_login(people["owner"])
    return client


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_files, "STEP", 2)
    monkeypatch.setattr("ronda.app.boot.django", lambda **_options: None)
    monkeypatch.setattr("ronda.app.database.prepare", lambda: None)


def whole(kind: Any, **criteria: Any) -> bytes:
    return b"".join(trail_files.written(audit.rows(**criteria), kind))


@pytest.mark.usefixtures("rows")
def test_csv_holds_every_row_newest_first_and_runs_nothing() -> None:
    lines = list(csv.reader(io.StringIO(whole("csv").decode("utf-8-sig"))))
    assert lines[0] == list(trail_files.COLUMNS)
    assert [line[4] for line in lines[1:]] == [guard(FORMULA), "ONT 2", "ONT 1", "ONT 0"]
    assert lines[1][4].startswith("'=")
    assert [line[0] for line in lines[1:]] == ["4", "3", "2", "1"]


@pytest.mark.usefixtures("rows")
def test_a_workbook_holds_texts_only() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(whole("xlsx"))).get_sheet_by_index(0)
    lines = sheet.to_python()
    assert [line[4] for line in lines] == ["subject", FORMULA, "ONT 2", "ONT 1", "ONT 0"]


@pytest.mark.usefixtures("rows")
def test_a_full_sheet_ends_the_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_files, "SHEET_ROWS", 1)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(whole("xlsx"))).get_sheet_by_index(0)
    assert len(sheet.to_python()) == 2


@pytest.mark.usefixtures("rows")
def test_json_lines_hold_the_values_themselves() -> None:
    found = [json.loads(line) for line in whole("jsonl", actor="wayan").splitlines()]
    assert [row["after"] for row in found] == [{"n": 2}, {"n": 1}, {"n": 0}]
    assert set(found[0]) == set(trail_files.COLUMNS)


@pytest.mark.usefixtures("rows")
def test_the_page_gives_the_file_its_filters_show_and_records_that(owner: Client) -> None:
    answer = owner.get("/audit/audit.jsonl?actor=wayan&text=ONT+1")
    lines = answer.getvalue().splitlines()
    assert [json.loads(line)["subject"] for line in lines] == ["ONT 1"]
    assert "attachment" in answer.headers["Content-Disposition"]
    row = audit.rows(action="audit.export").get()
    assert (row.actor, row.after) == ("sari", {"filters": {"actor": "wayan", "text": "ONT 1"}})
    assert owner.get("/audit/audit.pdf").status_code == 404


@pytest.mark.usefixtures("rows")
def test_the_page_says_whether_the_trail_is_whole(owner: Client) -> None:
    assert "Not checked yet" in owner.get("/audit/").content.decode()
    assert owner.get("/api/v1/audit/state").json()["whole"] is None
    proving.prove()
    assert "Whole: all 5 rows" in owner.get("/audit/").content.decode()
    assert owner.get("/api/v1/audit/state").json()["rows"] == 5
    AuditCheck.objects.update(trouble="Row 7 is gone.")
    page = owner.get("/audit/").content.decode()
    assert "The trail is not whole." in page
    assert "Row 7 is gone." in page
    assert owner.get("/api/v1/audit/state").json()["whole"] is False


def test_the_api_narrows_by_door_source_and_time(owner: Client, rows: list[AuditRow]) -> None:
    def found(**query: str) -> list[str]:
        answer = owner.get("/api/v1/audit", query)
        assert answer.status_code == 200, answer.content
        return [row["subject"] for row in answer.json()]

    assert found(source="192.0.2.9") == [FORMULA]
    assert found(door="api") == []
    assert len(found(door="work")) == 5  # signing in is the fifth
    assert found(until="2020-01-01T00:00:00+00:00") == []
    assert found(since=rows[3].at.isoformat(), action="site") == [FORMULA]
    assert owner.get("/api/v1/audit?door=window").status_code == 422


def test_the_command_checks_and_exports(
    rows: list[AuditRow], tmp_path: Path, data_folder: Path
) -> None:
    run = CliRunner()
    told = run.invoke(command, ["check"])
    assert (told.exit_code, "is whole: 4 rows" in told.output) == (0, True)
    file = tmp_path / "trail.csv"
    args = ["export", "-o", str(file), "--since", "2020-01-01", "--until", "2999-01-01"]
    assert run.invoke(command, args).exit_code == 0
    assert len(file.read_text("utf-8-sig").splitlines()) == 5
    (data_folder / "seal.keys").unlink()
    told = run.invoke(command, ["check", "--json"])
    assert told.exit_code == 1
    report = json.loads(told.output[told.output.index("{\n") :])  # after what the log says
    assert report["trouble"].startswith("Rows from place 1 on cannot be checked")
    told = run.invoke(command, ["begin-anew", "--why", "the disk burnt"])
    assert told.output == "The chain begins anew after place 4.\n"
    assert run.invoke(command, ["check"]).exit_code == 0
    assert audit.rows(action="audit.begin_anew").get().after == {
        "after_place": 4,
        "why": "the disk burnt",
    }


def test_the_command_trims_old_rows_only(rows: list[AuditRow]) -> None:
    run = CliRunner()
    today = timezone.localdate()
    told = run.invoke(command, ["trim", "--before", today.isoformat(), "--yes"])
    assert (told.exit_code, "the last 90 days stay" in told.output) == (1, True)
    day = (today - timedelta(days=100)).isoformat()
    told = run.invoke(command, ["trim", "--before", day], input="y\n")
    assert "0 rows deleted." in told.output
    assert audit.rows(action="audit.trim").get().after["rows"] == 0


def test_the_command_puts_the_guard_back(rows: list[AuditRow]) -> None:
    from django.db import connection

    from ronda.accounts import guard as triggers

    run = CliRunner()
    assert run.invoke(command, ["guard"]).output == "The guard stands.\n"
    triggers.remove(connection)
    assert "was missing and stands again" in run.invoke(command, ["guard"]).output
    assert triggers.stands(connection)
