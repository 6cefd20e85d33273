"""The embedded database as a file: is it sound, what does it hold, copy it, put a copy in its place.

Works on paths, without Django, because it runs before Django may touch a damaged file.
"""

import contextlib
import os
import sqlite3
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ronda.storage.files import PRIVATE, flush_folder

HEADER = b"SQLite format 3\x00"
WAL_HEADER_BYTES = 32
WAL_MAGIC = (0x377F0682, 0x377F0683)
EMPTY = "the file is empty"
SIDES = ("-wal", "-shm", "-journal")


class Occupied(Exception):
    """Another process has the database open."""


@contextlib.contextmanager
def opened(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    """A plain connection in autocommit; closed at the end, unlike sqlite3's own `with`."""
    mode = "ro" if read_only else "rw"
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=5, isolation_level=None
    )
    try:
        yield database
    finally:
        database.close()


def problem_of(path: Path) -> str | None:
    """Why the database at `path` cannot be used, in words; None when it is sound or not there yet.

    Reads every page (PRAGMA quick_check): about 1 s for each GB. Another process may use it meanwhile.
    """
    if not path.exists():
        return None
    with path.open("rb") as file:
        start = file.read(len(HEADER))
    if start != HEADER:
        return "it does not begin like a database" if start else EMPTY
    try:
        with opened(path) as database:
            found = [str(row[0]) for row in database.execute("PRAGMA quick_check(5)")]
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            return None
        return str(error)
    return None if found == ["ok"] else "; ".join(found)[:500]


def log_problem_of(path: Path) -> str | None:
    """Why the write-ahead log beside `path` was thrown away by SQLite, or None.

    A log whose frames end early is an ordinary power cut: SQLite keeps all whole transactions. A
    log whose header is damaged is ignored without a word, and with it the last changes.
    """
    log = _side(path, "-wal")
    if not log.exists() or log.stat().st_size == 0:
        return None
    header = log.read_bytes()[:WAL_HEADER_BYTES]
    if len(header) < WAL_HEADER_BYTES:
        return "the write-ahead log is cut off inside its header"
    magic = struct.unpack(">I", header[:4])[0]
    if magic not in WAL_MAGIC or _wal_sum(header[:24], big=magic & 1 == 1) != header[24:32]:
        return "the header of the write-ahead log is damaged"
    return None


def _wal_sum(content: bytes, *, big: bool) -> bytes:
    """The check sum of a log's header (https://www.sqlite.org/fileformat2.html, section 4.2)."""
    words = struct.unpack(f"{'>' if big else '<'}{len(content) // 4}I", content)
    first = second = 0
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return struct.pack(">II", first, second)


def _side(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _sides(path: Path) -> list[Path]:
    return [side for suffix in SIDES if (side := _side(path, suffix)).exists()]


def set_aside(path: Path, at: datetime) -> list[Path]:
    """Rename a damaged database and its log so that it stays for inspection; the new paths, the database first.

    Never deletes or overwrites: a second one within the second gets a number.
    """
    stem = f"{path.name}.corrupt-{at:%Y%m%d-%H%M%S}"
    number = 1
    while (target := path.with_name(stem if number == 1 else f"{stem}-{number}")).exists():
        number += 1
    moved = []
    # The log goes first: a crash in between must not leave it beside a new database.
    for side in [*_sides(path), path]:
        if side.exists():
            side.rename(target.with_name(target.name + side.name[len(path.name) :]))
            moved.append(target.with_name(target.name + side.name[len(path.name) :]))
    flush_folder(path.parent)
    return moved[::-1]


def copy(source: Path, target: Path) -> None:
    """A consistent copy of a database that others go on writing to; blocks none of them.

    Raises:
        sqlite3.DatabaseError: the source cannot be read.
        OSError: the disk is full.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE))
    with opened(source, read_only=True) as present, opened(target) as fresh:
        # One step, so one moment: with several, every write in between would start it anew.
        present.backup(fresh, pages=-1)
        fresh.execute("PRAGMA journal_mode=DELETE")


def put_in_place(source: Path, target: Path) -> None:
    """Make `target` hold what `source` holds, as one transaction: killed midway, it is as before.

    Raises:
        Occupied: another process has the target open; nothing was changed.
    """
    if not target.exists():
        draft = target.with_name(f".{target.name}.{os.getpid()}.part")
        copy(source, draft)
        draft.replace(target)
        flush_folder(target.parent)
        return
    with opened(target) as database, opened(source, read_only=True) as wanted:
        make_sole(database)
        wanted.backup(database, pages=-1)
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("the restored database failed its check")


def make_sole(database: sqlite3.Connection) -> None:
    """See to it that nobody else has the database open.

    SQLite can leave the write-ahead mode only while no other connection exists, idle ones included.

    Raises:
        Occupied: somebody has.
    """
    database.execute("PRAGMA busy_timeout=1500")
    try:
        mode = database.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise Occupied from error
    if mode != "delete":
        raise Occupied


def rows_in(path: Path) -> dict[str, int]:
    """Number of rows of every table."""
    with opened(path, read_only=True) as database:
        return {
            name: int(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 -- names from the schema itself
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                " ORDER BY name"
            ).fetchall()
        }


def migrations_in(path: Path) -> list[str]:
    """The migrations that shaped it, as `app.name`; empty when there are none."""
    with opened(path, read_only=True) as database:
        try:
            rows = database.execute(
                "SELECT app, name FROM django_migrations ORDER BY id"
            ).fetchall()
        except sqlite3.OperationalError:
            return []
        return [f"{app}.{name}" for app, name in rows]
