"""Whole-installation backups: made while others write, proven, restored all or nothing."""

import io
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ronda.storage import archive, embedded, integrity, snapshot
from ronda.storage.archive import ArchiveDamaged
from ronda.storage.occupancy import occupy
from ronda.storage.snapshot import Installation, RestoreRefused
from tests.rounds import ROUNDS
from tests.storage.test_integrity import ROWS, count, make_database

AT = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
KNOWN = {"devices.0001_initial"}


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path / "data", version="1.0")
    make_database(made.sqlite)
    (made.data / "secret.key").write_text("s" * 64)
    (made.data / "seal.keys").write_text("k" * 44)
    (made.data / "uploads").mkdir()
    (made.data / "uploads/list.csv").write_text("a,b")
    (made.data / "configs/7").mkdir(parents=True)
    (made.data / "configs/7/balai-desa-20261121-000000.rsc").write_text("/ip dns")
    (made.data / "configs/7/.half.1.part").write_text("/ip d")
    made.backups.mkdir()
    for number in range(8):
        (made.backups / f"onts-2026112{number}-000000.json").write_text("[]")
    return made


def contents(path: Path) -> list[tuple[object, ...]]:
    with embedded.opened(path, read_only=True) as database:
        return database.execute("SELECT * FROM devices_ont ORDER BY id").fetchall()


def change(installation: Installation) -> None:
    with embedded.opened(installation.sqlite) as database:
        database.execute("DELETE FROM devices_ont WHERE id % 3 = 0")
        database.execute("UPDATE devices_ont SET name = 'lain' WHERE id = 1")


def test_a_backup_holds_everything_and_only_its_owner_reads_it(installation: Installation) -> None:
    path, manifest = snapshot.make(installation, AT)

    assert path == installation.backups / "ronda-20261121-030405.tar.gz"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [member.name for member in manifest.members] == [
        "ronda.sqlite3",
        *(f"backups/onts-2026112{number}-000000.json" for number in range(3, 8)),
        "configs/7/balai-desa-20261121-000000.rsc",
        "seal.keys",
        "secret.key",
        "uploads/list.csv",
    ]
    assert manifest.rows == {"devices_ont": ROWS, "django_migrations": 1}
    assert manifest.holds_secret_key
    assert archive.verify(path) == manifest
    assert not list(installation.data.glob(".staging*"))


def test_restoring_brings_back_every_row_and_file_and_can_be_taken_back(
    installation: Installation,
) -> None:
    before = contents(installation.sqlite)
    path, _manifest = snapshot.make(installation, AT)
    change(installation)
    (installation.data / "secret.key").write_text("other")
    (installation.data / "seal.keys").write_text("other")
    changed = contents(installation.sqlite)

    done = snapshot.restore(installation, path, AT, known=KNOWN)

    assert contents(installation.sqlite) == before
    assert (installation.data / "secret.key").read_text() == "s" * 64
    assert (installation.data / "seal.keys").read_text() == "k" * 44
    assert done.former is not None
    snapshot.restore(installation, done.former, AT, known=KNOWN)
    assert contents(installation.sqlite) == changed
    assert (installation.data / "secret.key").read_text() == "other"


def test_a_backup_can_found_an_installation_elsewhere(
    installation: Installation, tmp_path: Path
) -> None:
    path, _manifest = snapshot.make(installation, AT, tmp_path / "elsewhere/b.tar.gz")
    new = Installation(tmp_path / "new")

    done = snapshot.restore(new, path, AT, known=KNOWN)

    assert contents(new.sqlite) == contents(installation.sqlite)
    assert (done.former, done.set_aside) == (None, ())


def test_a_damaged_present_database_is_set_aside_by_a_restore(installation: Installation) -> None:
    path, _manifest = snapshot.make(installation, AT)
    installation.sqlite.write_bytes(b"rubbish" * 1000)

    done = snapshot.restore(installation, path, AT, known=KNOWN)

    assert done.set_aside[0].read_bytes() == b"rubbish" * 1000
    assert count(installation.sqlite) == ROWS


def test_a_log_whose_database_is_gone_is_not_played_into_the_restored_one(
    installation: Installation,
) -> None:
    path, _manifest = snapshot.make(installation, AT)
    before = contents(installation.sqlite)
    log = installation.sqlite.with_name("ronda.sqlite3-wal")
    with embedded.opened(installation.sqlite) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("UPDATE devices_ont SET name = 'lain'")
        left = log.read_bytes()  # as a killed process leaves it
    installation.sqlite.unlink()
    log.write_bytes(left)

    done = snapshot.restore(installation, path, AT, known=KNOWN)

    assert contents(installation.sqlite) == before
    assert [aside.read_bytes() for aside in done.set_aside] == [left]


def test_a_restore_that_ends_midway_leaves_the_keys_of_both_databases(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _manifest = snapshot.make(installation, AT)
    keys = installation.data / "seal.keys"
    keys.write_text("n" * 44)

    def die(_source: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(embedded, "put_in_place", die)
        with pytest.raises(KeyboardInterrupt):
            snapshot.restore(installation, path, AT, known=KNOWN)
    assert keys.read_text().split() == ["k" * 44, "n" * 44]

    snapshot.restore(installation, path, AT, known=KNOWN)
    assert keys.read_text() == "k" * 44


def test_an_anchor_tells_of_no_row_that_the_copy_lacks(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    anchors = installation.data / "audit.anchors"
    anchors.write_text("1\n")
    copy = embedded.copy

    def copied(source: Path, target: Path) -> None:
        copy(source, target)
        with anchors.open("a") as file:
            file.write("2\n")  # the trail went on

    monkeypatch.setattr(embedded, "copy", copied)
    path, _manifest = snapshot.make(installation, AT)
    archive.extract(path, tmp_path / "out")
    assert (tmp_path / "out/audit.anchors").read_text() == "1\n"


def test_a_newer_backup_is_refused_by_the_name_of_what_is_unknown(
    installation: Installation,
) -> None:
    path, _manifest = snapshot.make(installation, AT)
    change(installation)
    before = contents(installation.sqlite)
    with pytest.raises(RestoreRefused, match=r"newer version .* devices\.0001_initial"):
        snapshot.restore(installation, path, AT, known={"devices.0000"})
    assert contents(installation.sqlite) == before


def test_every_flipped_byte_and_every_cut_is_noticed_before_anything_is_touched(
    installation: Installation,
) -> None:
    path, _manifest = snapshot.make(installation, AT)
    good = path.read_bytes()
    change(installation)
    before = contents(installation.sqlite)
    places = [12, 100, *range(400, len(good) - 300, max(1, len(good) // 12))]
    for place in places:
        damaged = bytearray(good)
        damaged[place] ^= 0x55
        for content in (bytes(damaged), good[:place]):
            path.write_bytes(content)
            with pytest.raises(ArchiveDamaged):
                snapshot.restore(installation, path, AT, known=KNOWN)
    assert contents(installation.sqlite) == before


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a/../../evil", "C:\\evil", "backups\\..\\..\\evil"]
)
def test_a_member_that_would_leave_the_folder_is_refused(
    installation: Installation, tmp_path: Path, name: str
) -> None:
    manifest = archive.Manifest(
        "x", "1", "sqlite", (), {}, (archive.Member(name, 1, "0" * 64),), False
    )
    path = tmp_path / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for member, content in (("manifest.json", manifest.text()), (name, b"x")):
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    with pytest.raises(ArchiveDamaged, match="outside the data folder"):
        archive.extract(path, tmp_path / "out")


def test_a_link_or_an_unlisted_member_is_refused(tmp_path: Path) -> None:
    manifest = archive.Manifest("x", "1", "sqlite", (), {}, (), False)
    path = tmp_path / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest.text())
        tar.addfile(entry, io.BytesIO(manifest.text()))
        link = tarfile.TarInfo("secret.key")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        tar.addfile(link)
    with pytest.raises(ArchiveDamaged, match="not in the manifest"):
        archive.extract(path, tmp_path / "out")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"PK\x03\x04", json.dumps([]).encode())):
        path = tmp_path / str(number)
        path.write_bytes(content)
        with pytest.raises(ArchiveDamaged):
            archive.read_manifest(path)


def test_a_restore_is_refused_while_another_process_has_the_database_open(
    installation: Installation,
) -> None:
    path, _manifest = snapshot.make(installation, AT)
    change(installation)
    before = contents(installation.sqlite)
    idle = sqlite3.connect(installation.sqlite)
    idle.execute("SELECT count(*) FROM devices_ont").fetchone()
    try:
        with pytest.raises(RestoreRefused, match="Ronda is running"):
            snapshot.restore(installation, path, AT, known=KNOWN)
    finally:
        idle.close()
    with occupy(installation.data), pytest.raises(RestoreRefused, match="Ronda is running"):
        snapshot.restore(installation, path, AT, known=KNOWN)
    assert contents(installation.sqlite) == before
    snapshot.restore(installation, path, AT, known=KNOWN)


def test_only_so_many_nights_stay(installation: Installation) -> None:
    for night in range(12):
        snapshot.nightly(installation, AT + timedelta(days=night), keep=5)
    names = [path.name for path in installation.backups.glob("ronda-*")]
    assert sorted(names) == [f"ronda-202611{day}-030405.tar.gz" for day in (28, 29, 30)] + [
        f"ronda-202612{day:02}-030405.tar.gz" for day in (1, 2)
    ]


def test_a_full_disk_leaves_no_half_backup(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.tarfile.TarFile, "addfile", refuse)
    before = sorted(installation.data.rglob("*"))
    with pytest.raises(OSError, match="No space left"):
        snapshot.make(installation, AT)
    assert [p for p in sorted(installation.data.rglob("*")) if "sqlite3-" not in p.name] == before


WRITER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
number = 0
print("writing", flush=True)
while True:
    database.execute("BEGIN IMMEDIATE")
    # The two rows of a transaction belong together: a backup has both or neither.
    database.execute("INSERT INTO devices_ont (name) VALUES (?)", (f"{sys.argv[2]} {number} a",))
    database.execute("INSERT INTO devices_ont (name) VALUES (?)", (f"{sys.argv[2]} {number} b",))
    database.execute("COMMIT")
    number += 1
"""


def test_a_backup_beside_four_writers_is_one_moment(
    installation: Installation, tmp_path: Path
) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(installation.sqlite), f"w{number}"],
            stdout=subprocess.PIPE,
        )
        for number in range(4)
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        made = [snapshot.make(installation, AT + timedelta(seconds=n)) for n in range(5)]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
            assert writer.stdout is not None
            writer.stdout.close()

    assert made[-1][1].rows["devices_ont"] > made[0][1].rows["devices_ont"]
    for number, (path, manifest) in enumerate(made):
        target = Installation(tmp_path / f"restored{number}")
        snapshot.restore(target, path, AT, known=KNOWN)
        assert embedded.rows_in(target.sqlite) == manifest.rows
        names = [row[1] for row in contents(target.sqlite) if str(row[1]).startswith("w")]
        pairs = {str(name)[:-2] for name in names}
        assert sorted(map(str, names)) == sorted(f"{pair} {x}" for pair in pairs for x in "ab")


CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ronda.storage import snapshot
installation = snapshot.Installation(Path(sys.argv[1]))
print("begin", flush=True)
if sys.argv[2] == "backup":
    snapshot.make(installation, datetime.now(UTC))
else:
    snapshot.restore(installation, Path(sys.argv[2]), datetime.now(UTC), known={"devices.0001_initial"})
print("end", flush=True)
"""


def kill_after(seconds: float, *arguments: str) -> bool:
    """Run the child and kill it; whether it had finished."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "src"},
    )
    assert child.stdout is not None
    child.stdout.readline()
    timer = threading.Timer(seconds, lambda: os.kill(child.pid, signal.SIGKILL))
    timer.start()
    finished = child.stdout.readline() != b""
    timer.cancel()
    child.wait()
    child.stdout.close()
    return finished


BACKUPS, RESTORES = max(3, ROUNDS * 15 // 100), max(6, ROUNDS // 4)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_kill_during_backup_or_restore_leaves_a_usable_installation(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "data")
    make_database(installation.sqlite, 60_000)
    (installation.data / "secret.key").write_text("s" * 64)
    path, _manifest = snapshot.make(installation, AT, tmp_path / "good.tar.gz")
    good = contents(installation.sqlite)
    change(installation)
    changed = contents(installation.sqlite)
    started = time.perf_counter()
    assert kill_after(60, str(installation.data), "backup")
    took = time.perf_counter() - started

    for turn in range(BACKUPS):
        kill_after(took * turn / BACKUPS, str(installation.data), "backup")
        assert contents(installation.sqlite) == changed
        for made in installation.backups.glob("ronda-*"):
            archive.verify(made)
    outcomes = []
    for turn in range(RESTORES):
        kill_after(took * 3 * turn / (RESTORES - 1), str(installation.data), str(path))
        integrity.check_and_repair(installation.data, at=AT)
        assert embedded.problem_of(installation.sqlite) is None
        now = contents(installation.sqlite)
        assert now in (good, changed)
        outcomes.append(now == good)
        with embedded.opened(installation.sqlite) as database:
            if now == good:
                change(installation)
            database.execute("PRAGMA journal_mode=WAL")
    assert set(outcomes) == {True, False}
