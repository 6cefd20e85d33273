"""`ronda export report` and `ronda export outages`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ronda.app import boot, database
from ronda.cli import main
from tests.overview.test_report_pages import fill

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own Django and database stand in for those of a command's start."""
    monkeypatch.setattr(boot, "django", lambda: None)
    monkeypatch.setattr(database, "prepare", lambda: None)


def ronda(*words: object) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, words)])


def test_the_commands_write_what_the_pages_offer(client, people, tmp_path: Path):
    fill(2)
    client.force_login(people["viewer"])
    asked = {"period": "month", "day": "2026-10-15", "by": "ont"}
    page = client.get("/reports/report.csv", asked).content

    done = ronda("report", "--day", "2026-10-15", "--by", "ont")
    book = ronda("report", "--day", "2026-10-15", "--format", "xlsx", "-o", tmp_path / "r.xlsx")
    outages = ronda("outages", "--from", "2026-10-01", "--to", "2026-10-31")

    assert (done.exit_code, done.stdout_bytes) == (0, page)
    assert book.exit_code == 0
    assert (tmp_path / "r.xlsx").read_bytes().startswith(b"PK")
    assert (
        outages.stdout_bytes.splitlines()
        == client.get("/outages/export.csv").getvalue().splitlines()
    )
    assert len(outages.stdout_bytes.splitlines()) == 3


def test_a_period_that_is_none_is_a_usage_error():
    wrong = ronda("report", "--period", "any", "--day", "2026-10-02", "--until", "2026-10-01")

    assert wrong.exit_code == 2
