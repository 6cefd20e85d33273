"""Real database files, damaged in many ways, and what a start makes of them."""

import hashlib
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ronda.storage import embedded, integrity, snapshot

AT = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
ROWS = 3000


def make_database(path: Path, rows: int = ROWS) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE devices_ont (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)")
    database.execute("CREATE INDEX by_name ON devices_ont (name)")
    database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app, name)")
    database.execute("INSERT INTO django_migrations (app, name) VALUES ('devices', '0001_initial')")
    database.executemany(
        "INSERT INTO devices_ont (name) VALUES (?)", ((f"Dusun {n} " * 5,) for n in range(rows))
    )
    database.commit()
    database.close()


def count(path: Path) -> int:
    return embedded.rows_in(path)["devices_ont"]


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3 // 4096 * 4096)


def truncate_oddly(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(10_001)


def zero_a_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 8)
        file.write(bytes(4096))


def zero_the_first_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(4096))


def random_bytes_in_the_middle(path: Path) -> None:
    with path.open("r+b") as file:
        for page in range(4, 24):
            file.seek(4096 * page)
            file.write(hashlib.sha512(bytes([page])).digest())


def random_file(path: Path) -> None:
    path.write_bytes(b"".join(hashlib.sha512(bytes([n])).digest() for n in range(200)))


def text_file(path: Path) -> None:
    path.write_text("<html>502 Bad Gateway</html>")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


DAMAGES = [
    truncate,
    truncate_oddly,
    zero_a_page,
    zero_the_first_page,
    random_bytes_in_the_middle,
    random_file,
    text_file,
    empty,
    header_only,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_database_is_set_aside_and_the_newest_good_backup_put_in_place(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    installation = snapshot.Installation(tmp_path)
    make_database(installation.sqlite)
    snapshot.make(installation, AT)
    damage(installation.sqlite)
    damaged = installation.sqlite.read_bytes()

    report = integrity.check_and_repair(tmp_path, at=AT)

    assert report is not None
    assert report.problem
    assert report.set_aside[0] == tmp_path / "ronda.sqlite3.corrupt-20261121-030405"
    assert report.set_aside[0].read_bytes() == damaged
    assert report.restored_from == tmp_path / "backups/ronda-20261121-030405.tar.gz"
    assert count(installation.sqlite) == ROWS
    assert embedded.problem_of(installation.sqlite) is None
    assert integrity.check_and_repair(tmp_path, at=AT) is None
    assert integrity.unfinished(tmp_path) == report


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_without_a_backup_the_damaged_file_is_kept_and_the_place_is_free(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    database = tmp_path / "ronda.sqlite3"
    make_database(database)
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups/onts-20261121-000000.json").write_text("[]")
    damage(database)

    report = integrity.check_and_repair(tmp_path, at=AT)

    assert report is not None
    assert (report.restored_from, database.exists(), report.set_aside[0].exists()) == (
        None,
        False,
        True,
    )


def test_a_sound_database_and_a_missing_one_need_nothing(tmp_path: Path) -> None:
    assert integrity.check_and_repair(tmp_path, at=AT) is None
    make_database(tmp_path / "ronda.sqlite3")
    assert integrity.check_and_repair(tmp_path, at=AT) is None
    assert integrity.unfinished(tmp_path) is None


def test_an_empty_file_of_an_interrupted_first_start_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "ronda.sqlite3").touch()
    assert integrity.check_and_repair(tmp_path, at=AT) is None


def test_damaged_backups_are_passed_over_for_the_newest_good_one(tmp_path: Path) -> None:
    installation = snapshot.Installation(tmp_path)
    make_database(installation.sqlite)
    good, _manifest = snapshot.make(installation, AT)
    for number, cut in enumerate((100, 0, 4000), start=1):
        copied = good.with_name(f"ronda-2026112{number}-100000.tar.gz")
        copied.write_bytes(good.read_bytes()[:cut])
    flipped = bytearray(good.read_bytes())
    flipped[len(flipped) // 2] ^= 0xFF
    good.with_name("ronda-20261129-100000.tar.gz").write_bytes(flipped)
    truncate(installation.sqlite)

    report = integrity.check_and_repair(tmp_path, at=AT)

    assert report is not None
    assert report.restored_from == good
    assert count(installation.sqlite) == ROWS


def test_a_second_damage_within_a_second_overwrites_nothing(tmp_path: Path) -> None:
    for _turn in range(2):
        random_file(tmp_path / "ronda.sqlite3")
        (tmp_path / "backups").mkdir(exist_ok=True)
        integrity.check_and_repair(tmp_path, at=AT)
    assert sorted(path.name for path in tmp_path.glob("*.corrupt-*")) == [
        "ronda.sqlite3.corrupt-20261121-030405",
        "ronda.sqlite3.corrupt-20261121-030405-2",
    ]


@pytest.fixture
def with_log(tmp_path: Path) -> Path:
    """A database as a power cut leaves it: 3,000 rows in the file, 500 more in its log alone."""
    made = tmp_path / "made.sqlite3"
    make_database(made)
    database = sqlite3.connect(made, isolation_level=None)
    database.execute("PRAGMA wal_autocheckpoint=0")
    for number in range(500):
        database.execute("INSERT INTO devices_ont (name) VALUES (?)", (f"baru {number}",))
    path = tmp_path / "data/ronda.sqlite3"
    path.parent.mkdir()
    path.write_bytes(made.read_bytes())
    (tmp_path / "data/ronda.sqlite3-wal").write_bytes(
        made.with_name("made.sqlite3-wal").read_bytes()
    )
    database.close()
    return path


def test_a_log_left_by_a_kill_is_read(with_log: Path) -> None:
    assert integrity.check_and_repair(with_log.parent, at=AT) is None
    assert count(with_log) == ROWS + 500


@pytest.mark.parametrize("share", [0.1, 0.5, 0.93])
def test_a_log_that_was_cut_keeps_every_whole_transaction(with_log: Path, share: float) -> None:
    log = with_log.with_name("ronda.sqlite3-wal")
    log.write_bytes(log.read_bytes()[: int(log.stat().st_size * share)])

    assert integrity.check_and_repair(with_log.parent, at=AT) is None

    assert ROWS + 500 * share * 0.8 < count(with_log) <= ROWS + 500 * share + 1
    with embedded.opened(with_log) as database:
        ids = [row[0] for row in database.execute("SELECT id FROM devices_ont ORDER BY id")]
    assert ids == list(range(1, len(ids) + 1))


@pytest.mark.parametrize("size", [20, None])
def test_a_log_whose_header_is_damaged_is_kept_aside_and_reported(
    with_log: Path, size: int | None
) -> None:
    log = with_log.with_name("ronda.sqlite3-wal")
    content = b"\x00" * 8 + log.read_bytes()[8:]
    log.write_bytes(content[:size])

    report = integrity.check_and_repair(with_log.parent, at=AT)

    assert report is not None
    assert "write-ahead log" in report.problem
    assert report.set_aside[0].read_bytes() == content[:size]
    assert count(with_log) == ROWS


def test_an_interrupted_restore_is_reported_once(tmp_path: Path) -> None:
    make_database(tmp_path / "ronda.sqlite3")
    (tmp_path / "restore.pending").write_text('{"from": "x.tar.gz"}')
    report = integrity.check_and_repair(tmp_path, at=AT)
    assert report is not None
    assert "a restore from x.tar.gz was interrupted" in str(report)
    assert integrity.check_and_repair(tmp_path, at=AT) is None
