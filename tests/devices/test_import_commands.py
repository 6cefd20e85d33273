"""`ronda import`, `ronda export` and `ronda duplicates` as people and scripts meet them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.utils import translation

from ronda.app import boot, database
from ronda.cli import main
from ronda.devices.models import Ont
from tests.devices.factories import make_ont, make_site
from tests.devices.test_imports import FIVE, NOTIFICATIONS, as_file, record

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> Iterator[Path]:
    """The tests' own Django and database stand in for those of a command's start."""
    monkeypatch.setattr(boot, "django", lambda: None)
    monkeypatch.setattr(database, "prepare", lambda: None)
    with translation.override("en"):
        yield data_folder


def ronda(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.json"
    path.write_bytes(FIVE)
    return path


def test_a_list_is_imported_and_told(listed: Path) -> None:
    done = ronda("import", listed, "--site", "Wringinjalu")
    assert done.exit_code == 0
    assert "Wringinjalu: 5 rows, 5 new, 0 changed, 0 same" in done.output
    assert "5 ONTs written as change" in done.output
    again = ronda("import", listed, "--site", "Wringinjalu")
    assert (again.exit_code, "Nothing to change." in again.output) == (0, True)


def test_a_dry_run_changes_nothing(listed: Path) -> None:
    done = ronda("import", listed, "--site", "Wringinjalu", "--dry-run")
    assert "Dry run: nothing was changed." in done.output
    assert Ont.objects.count() == 0


def test_the_json_has_stable_keys(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(as_file(*[record(n) for n in range(1, 4)], record(4, latitude="-7. 7")))
    done = ronda("import", path, "--site", "Wringinjalu", "--json", "--accept-repairs")
    document = json.loads(done.stdout)
    assert list(document) == [
        "file",
        "format",
        "site",
        "dry_run",
        "counts",
        "written",
        "change",
        "remarks",
        "findings",
        "changes",
        "areas",
        "missing",
    ]
    assert document["counts"]["new"] == document["written"] == 4
    [finding] = document["findings"]
    assert finding == {
        "row": 4,
        "column": "latitude",
        "code": "angle_with_spaces",
        "severity": "suspicious",
        "value": "-7. 7",
        "message": "“-7. 7” has a space inside and was probably -7.7.",
        "repair": {"latitude": -7.7},
        "accepted": True,
    }
    assert document["areas"] == [
        {"name": "Kali", "rows": 4, "spellings": ["Kali"], "exists": False}
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (FIVE[:-30], "records before the end"),
        (FIVE[:30] + b"\xed" + FIVE[30:], "Row 1, column 31: The byte 0xED at offset 30"),
        (b"[" * 5000, "nested deeper"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_a_bad_file_is_told_and_changes_nothing(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(content)
    done = ronda("import", path, "--site", "Wringinjalu")
    assert done.exit_code == 1
    assert "list.json: " in done.stderr
    assert told in done.stderr
    assert Ont.objects.count() == 0
    error = json.loads(ronda("import", path, "--site", "X", "--json").stdout)["error"]
    assert set(error) == {"code", "message", "row", "column"}


def test_a_hundred_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    done = ronda("import", path, "--site", "Wringinjalu")
    assert done.exit_code == 1
    assert "The file has 100.0 MB; the limit is 25.0 MB." in done.stderr


def test_rows_that_stay_out_are_named_by_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(as_file(record(1, name="=cmd|'/c calc'!A0"), record(2, lokasi="<b>Pos</b>")))
    done = ronda("import", path, "--site", "Wringinjalu")
    assert done.exit_code == 3
    assert "held       Row 1, column name: “=cmd|'/c calc'!A0” looks like" in done.output
    assert "held       Row 2, column lokasi: “<b>Pos</b>” holds HTML" in done.output
    assert Ont.objects.count() == 0
    accepted = ronda("import", path, "--site", "Wringinjalu", "--accept-held")
    assert accepted.exit_code == 0
    assert Ont.objects.get(customer_id="WJ000002").location == "<b>Pos</b>"


def test_missing_onts_are_deleted_only_when_asked(tmp_path: Path, listed: Path) -> None:
    ronda("import", listed, "--site", "Wringinjalu")
    path = tmp_path / "one.json"
    path.write_bytes(as_file(record(1)))
    assert (
        "4 of the site are not in the file" in ronda("import", path, "--site", "Wringinjalu").output
    )
    ronda("import", path, "--site", "Wringinjalu", "--delete-missing")
    assert Ont.objects.present().count() == 1


def test_another_kind_of_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "outages.json"
    path.write_bytes(as_file({"ont_id": 1, "start_time": "x"}))
    done = ronda("import", path, "--site", "Wringinjalu")
    assert (done.exit_code, Ont.objects.count()) == (1, 0)
    assert ronda("duplicates", path).exit_code == 1


def test_older_notifications_are_taken_over_once(tmp_path: Path) -> None:
    path = tmp_path / "notifications.json"
    path.write_bytes(NOTIFICATIONS)
    dry = ronda("import", path, "--site", "Wringinjalu", "--dry-run")
    assert dry.output == "Dry run: 1 records of notifications were found.\n"
    done = ronda("import", path, "--site", "Wringinjalu", "--json")
    assert json.loads(done.stdout)["written"] == 1
    again = ronda("import", path, "--site", "Wringinjalu")
    assert (again.exit_code, "there already" in again.stderr) == (1, True)


@pytest.mark.parametrize("format_", ["json", "onts-json", "csv", "xlsx", "geojson", "kml"])
def test_every_export_comes_back_as_the_same_list(listed: Path, format_: str) -> None:
    ronda("import", listed, "--site", "Wringinjalu", "--areas")
    path = listed.parent / "out"
    assert ronda("export", "onts", "--format", format_, "-o", path).exit_code == 0
    done = ronda("import", path, "--site", "Wringinjalu", "--json")
    assert json.loads(done.stdout)["counts"]["same"] == 5


def test_an_export_may_go_to_standard_output_and_be_of_one_site(listed: Path) -> None:
    ronda("import", listed, "--site", "Wringinjalu")
    make_ont(9, make_site("Kota"))
    done = ronda("export", "onts", "--site", "kota")
    assert [r["id_ccbs"] for r in json.loads(done.stdout)] == ["XM000009"]
    assert ronda("export", "onts", "--site", "nowhere").exit_code == 2
    assert ronda("export", "onts", "-o", listed / "x").exit_code == 1


def test_what_cannot_be_exported_is_a_usage_error() -> None:
    assert ronda("export", "dreams").exit_code == 2
    assert "onts" in ronda("export", "--help").output


def test_duplicates_are_found_in_a_file_and_among_the_present(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(
        as_file(record(1), record(2, ip="198.18.1.1"), record(3, id_ccbs="WJ000001", latitude=None))
    )
    document = json.loads(ronda("duplicates", path, "--json").stdout)
    assert document["checked"] == 3
    assert [(g["kind"], [m["row"] for m in g["members"]]) for g in document["groups"]] == [
        ("customer_id", [1, 3]),
        ("address", [1, 2]),
    ]
    assert "Same customer ID: WJ000001\n  row 1: WJ000001 Kali" in ronda("duplicates", path).output
    make_ont(1, address="198.18.1.1", latitude=None, longitude=None)
    make_ont(2, address="198.18.1.1", latitude=-7.7, longitude=110.3)
    assert "Same address: 198.18.1.1" in ronda("duplicates").output
    assert ronda("duplicates", "--site", "Sleman").exit_code == 0
    assert ronda("duplicates", "--site", "nowhere").exit_code == 2
    Ont.objects.all().delete()
    assert ronda("duplicates").output == "No duplicates.\n"
