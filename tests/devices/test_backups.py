"""The automatic list backups: written, thinned, restored, and survived."""

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone, translation

from ronda.devices.models import Change, Ont
from ronda.devices.service import backups, recovery
from ronda.devices.service.backups import BackupUnreadable
from ronda.devices.service.changes import RowChange, apply, undo
from ronda.devices.service.errors import NothingToChange
from ronda.devices.service.recording import FIELDS
from ronda.devices.service.restoring import restore
from ronda.storage import integrity
from ronda.work import feed
from tests.devices.factories import make_area, make_ont, make_site, ont_values

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _ground(data_folder: Any) -> Iterator[None]:
    with translation.override("en"):
        yield


def whole_list() -> list[dict[str, Any]]:
    return list(
        Ont.objects.present().order_by("pk").values("pk", "site__name", "area__name", *FIELDS)
    )


def test_a_backup_has_the_older_shape_with_our_fields_beside_it() -> None:
    ont = make_ont(1, area=make_area("Muka"), notes="Tiang “3”", category="csr", longitude=None)
    make_ont(2, deleted_at=timezone.now())
    backup = backups.write()

    assert json.loads(backup.path.read_text(encoding="utf-8")) == [
        {
            "id": ont.pk,
            "id_ccbs": "XM000001",
            "name": "Padukuhan RW 1 RT 1",
            "lokasi": "Pos Ronda",
            "latitude": -7.699999,
            "longitude": None,
            "ip": "10.0.0.1",
            "site": "Sleman",
            "area": "Muka",
            "category": "csr",
            "notes": "Tiang “3”",
            "monitored": True,
            "created_at": ont.created_at.isoformat(),
        }
    ]
    assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600


def test_an_empty_list_makes_a_readable_backup() -> None:
    assert backups.read(backups.write()) == []


def test_names_are_in_the_installations_zone_and_never_collide() -> None:
    with time_machine.travel(datetime(2026, 11, 21, 20, 4, 5, tzinfo=UTC), tick=False):
        names = [backups.write().name for _turn in range(3)]
    assert names == [
        "onts-20261122-030405.json",
        "onts-20261122-030405-2.json",
        "onts-20261122-030405-3.json",
    ]
    assert [backup.name for backup in backups.listing()] == names[::-1]


def test_only_so_many_stay_and_the_newest_always(settings: Any) -> None:
    settings.RONDA = settings.RONDA.model_copy(update={"keep_backups": 3})
    start = datetime(2026, 11, 21, 1, tzinfo=UTC)
    for hour in range(6):
        with time_machine.travel(start + timedelta(hours=hour), tick=False):
            newest = backups.write()
    assert len(backups.listing()) == 3
    assert backups.listing()[0] == newest


def test_other_files_of_the_folder_are_left_alone() -> None:
    backups.folder().mkdir()
    for name in (
        "onts.json",
        "onts-x.json",
        "notices-20261121-000000.json",
        "onts-99999999-1.json",
    ):
        (backups.folder() / name).write_text("[]")
    assert backups.listing() == []
    assert backups.find("../onts.json") is None


def test_restoring_brings_everything_back_with_the_same_ids_and_can_be_undone() -> None:
    first, second = make_ont(1, area=make_area("Muka")), make_ont(2)
    before = whole_list()
    backup = backups.write()
    apply(
        [
            RowChange(first.pk, {"customer_id": "Z", "area_id": None, "name": "x"}),
            RowChange(second.pk, {"deleted_at": timezone.now()}),
            RowChange(None, ont_values(3)),
        ],
        kind="edit",
        summary="s",
        person=None,
    )
    after = whole_list()

    change = restore(backup, None)

    assert whole_list() == before
    assert (change.kind, change.count) == ("restore", 3)
    undo(change.pk, None)
    assert whole_list() == after


def test_restoring_what_is_already_so_changes_nothing() -> None:
    make_ont(1)
    backup = backups.write()
    with pytest.raises(NothingToChange):
        restore(backup, None)


def test_an_installation_that_started_anew_gets_its_ids_back() -> None:
    make_ont(1)
    second = make_ont(2)
    make_ont(9).delete()
    before = whole_list()
    backup = backups.write()
    Ont.objects.all().delete()
    make_site().delete()

    restore(backup, None)

    assert [row["pk"] for row in whole_list()] == [row["pk"] for row in before]
    assert make_ont(7).pk > second.pk


def test_an_id_that_now_belongs_to_somebody_else_is_not_overwritten() -> None:
    ont = make_ont(1)
    backup = backups.write()
    rows = backups.read(backup)
    rows[0] |= {"created_at": "2020-01-01T00:00:00+00:00", "id_ccbs": "LAIN"}
    backup.path.write_text(json.dumps(rows))

    restore(backup, None)

    assert Ont.objects.get(pk=ont.pk).deleted_at is not None
    assert Ont.objects.present().get().customer_id == "LAIN"


@pytest.mark.parametrize(
    "content", [b"", b"[", b'[{"name": 1}]', b"{}", b"[1]", b"\xff\xfe\x00", b'{"id_ccbs": "x"}']
)
def test_a_damaged_backup_changes_nothing(content: bytes) -> None:
    make_ont(1)
    backup = backups.write()
    backup.path.write_bytes(content)
    before = whole_list()
    with pytest.raises(BackupUnreadable, match="onts-"):
        restore(backup, None)
    assert whole_list() == before


def test_the_list_is_backed_up_before_something_is_taken_away() -> None:
    ont = make_ont(1)
    apply(
        [RowChange(ont.pk, {"deleted_at": timezone.now()})], kind="delete", summary="", person=None
    )
    (backup,) = backups.listing()
    assert [row["id_ccbs"] for row in backups.read(backup)] == ["XM000001"]


def test_a_full_disk_costs_the_backup_and_not_the_change(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ronda.storage.files.os.fsync", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        apply([RowChange(None, ont_values(1))], kind="create", summary="", person=None)

    assert (Ont.objects.count(), Change.objects.count(), backups.listing()) == (1, 1, [])
    (event,) = feed.read(0, topics={"storage.trouble"})
    assert event.payload == {
        "what": "backup",
        "text": "The automatic backup could not be written: No space left on device. "
        "Free some disk space.",
    }
    assert [path for path in backups.folder().iterdir() if path.is_file()] == []


def test_after_a_damaged_database_the_newest_good_list_comes_back_and_people_are_told(
    data_folder: Path,
) -> None:
    make_ont(1)
    make_ont(2)
    with time_machine.travel(datetime(2026, 11, 20, tzinfo=UTC), tick=False):
        good = backups.write()
    with time_machine.travel(datetime(2026, 11, 21, tzinfo=UTC), tick=False):
        backups.write().path.write_bytes(b"[{")
    before = whole_list()
    Ont.objects.all().delete()
    integrity._marked(data_folder, integrity.Report("page 3 is damaged", (data_folder / "x",)))

    text = recovery.finish()

    assert whole_list() == before
    assert f"The list of ONTs was restored from {good.name}: 2 ONTs." in text
    assert feed.read(0, topics={"storage.trouble"})[0].payload == {"what": "database", "text": text}
    assert recovery.finish() == ""


def test_nothing_is_followed_up_after_an_ordinary_start() -> None:
    make_ont(1)
    assert recovery.finish() == ""
