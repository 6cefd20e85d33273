"""Backup and restore of a whole installation, while it runs.

Guarantee of `make`: the archive holds one moment of the database, whatever others write meanwhile,
and is whole or absent. Guarantee of `restore`: everything is verified before anything is touched;
the present data is put into an archive first; the database is replaced in one transaction; and the
rows of every table are counted against the manifest afterwards. Killed at any moment, the
installation has either its old database or the restored one.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ronda.storage import archive, dump, embedded
from ronda.storage.archive import ArchiveDamaged, Manifest, Member
from ronda.storage.files import flush_folder, replacing, stamped
from ronda.storage.occupancy import Running, sole
from ronda.storage.retention import kept
from ronda.storage.sealing import FILE as SEAL_KEYS

SQLITE_MEMBER = "ronda.sqlite3"
POSTGRES_MEMBER = "postgresql.sql"
KEY = "secret.key"
#: Where the audit trail ended at some moments (`accounts.service.anchors`).
AUDIT_ANCHORS = "audit.anchors"
#: Folders that are taken along whole: what people brought in, and routers' configurations.
FOLDERS = ("uploads", "configs")
#: Automatic list backups taken along, newest first, of each kind.
LISTS = 5
#: Whole backups kept by the nightly schedule.
NIGHTS = 7
PREFIX = "ronda"
ASIDE = "ronda-before-restore"
PENDING = "restore.pending"


class RestoreRefused(Exception):
    """Nothing was changed; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What is backed up: the data folder and, where used, Django's settings of a PostgreSQL."""

    data: Path
    postgres: Mapping[str, Any] | None = None
    version: str = ""

    @property
    def backups(self) -> Path:
        """Folder of the backups."""
        return self.data / "backups"

    @property
    def sqlite(self) -> Path:
        """The embedded database."""
        return self.data / SQLITE_MEMBER


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the proven row counts and where the former data is."""

    manifest: Manifest
    former: Path | None
    set_aside: tuple[Path, ...]


def make(
    installation: Installation, at: datetime, target: Path | None = None, *, prefix: str = PREFIX
) -> tuple[Path, Manifest]:
    """Back the installation up; where to and what it holds. Others go on working meanwhile.

    Raises:
        OSError: no space, or the target cannot be written.
        dump.ProgramMissing, dump.DumpFailed: PostgreSQL could not be dumped.
        sqlite3.DatabaseError: the embedded database is damaged.
    """
    path = target or stamped(installation.backups, prefix, ".tar.gz", at)
    with staging(installation.data) as folder:
        # Before the database: an anchor must not tell of rows that the copy does not have.
        _stage(installation, folder, [installation.data / AUDIT_ANCHORS])
        rows, migrations = _stage_database(installation, folder)
        holds_key = _stage_files(installation, folder)
        names = sorted(
            str(found.relative_to(folder).as_posix())
            for found in folder.rglob("*")
            if found.is_file()
        )
        # The database first: it is what everybody looks for in a damaged archive.
        names.sort(key=lambda name: name not in {SQLITE_MEMBER, POSTGRES_MEMBER})
        files = {name: folder / name for name in names}
        manifest = Manifest(
            made_at=at.isoformat(),
            version=installation.version,
            database="postgresql" if installation.postgres else "sqlite",
            migrations=tuple(migrations),
            rows=rows,
            members=tuple(archive.member_of(name, file) for name, file in files.items()),
            holds_secret_key=holds_key,
        )
        archive.write(path, manifest, files, at)
    return path, manifest


def _stage_database(installation: Installation, folder: Path) -> tuple[dict[str, int], list[str]]:
    if installation.postgres is not None:
        return dump.save(installation.postgres, folder / POSTGRES_MEMBER)
    copied = folder / SQLITE_MEMBER
    _refuse_without_space(folder, installation.sqlite.stat().st_size)
    embedded.copy(installation.sqlite, copied)
    return embedded.rows_in(copied), embedded.migrations_in(copied)


def _refuse_without_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed * 1.6 + 10_000_000:
        raise OSError(
            f"not enough disk space: about {needed * 1.6 / 1e6:.0f} MB are needed, "
            f"{free / 1e6:.0f} MB are free in {folder.parent}"
        )


def _stage_files(installation: Installation, folder: Path) -> bool:
    """Copy the keys, the whole folders and the newest lists; they may be removed while we read.

    Returns:
        Whether the secret key is among them.
    """
    wanted = [installation.data / name for name in (KEY, SEAL_KEYS)]
    for name in FOLDERS:
        found = sorted((installation.data / name).rglob("*"))
        wanted += [path for path in found if path.is_file() and not path.name.endswith(".part")]
    kinds: dict[str, list[Path]] = {}
    for path in sorted(installation.backups.glob("*-*.json"), reverse=True):
        kinds.setdefault(path.name.split("-")[0], []).append(path)
    wanted += [path for paths in kinds.values() for path in paths[:LISTS]]
    _stage(installation, folder, wanted)
    return (folder / KEY).exists()


def _stage(installation: Installation, folder: Path, wanted: Iterable[Path]) -> None:
    for path in wanted:
        with contextlib.suppress(FileNotFoundError):
            copied = folder / path.relative_to(installation.data)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


@contextlib.contextmanager
def staging(data: Path) -> Iterator[Path]:
    """An own folder on the same disk, gone afterwards; removes those that killed processes left."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for stray in data.glob(".staging-*"):
        pid = stray.name.split("-")[1]
        if not (pid.isdigit() and _lives(int(pid))):
            shutil.rmtree(stray, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".staging-{os.getpid()}-", dir=data))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int) -> bool:
    if os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def restore(
    installation: Installation, source: Path, at: datetime, *, known: Collection[str]
) -> Restored:
    """Put the installation back to what `source` holds.

    Args:
        known: the migrations this version has (`app.name`); an archive with others is newer.

    Raises:
        RestoreRefused: nothing was changed.
        ArchiveDamaged: nothing was changed.
        OSError: the disk refused; the database is as before.
    """
    try:
        with sole(installation.data), staging(installation.data) as folder:
            return _restore(installation, source, at, known, folder)
    except (Running, embedded.Occupied) as error:
        raise RestoreRefused(
            "Ronda is running on this data folder; stop it first (Ctrl-C, or systemctl stop ronda), "
            "then restore."
        ) from error


def _restore(
    installation: Installation, source: Path, at: datetime, known: Collection[str], folder: Path
) -> Restored:
    manifest = archive.read_manifest(source)
    refuse_unfit(installation, manifest, known)
    _refuse_without_space(folder, sum(member.size for member in manifest.members))
    archive.extract(source, folder)
    if manifest.database == "sqlite":
        _prove(embedded.rows_in(folder / SQLITE_MEMBER), manifest)
        if problem := embedded.problem_of(folder / SQLITE_MEMBER):
            raise ArchiveDamaged(f"the database inside is damaged: {problem}")
    _refuse_occupied(installation)
    former, set_aside = _put_away(installation, at)
    with replacing(installation.data / PENDING) as file:
        file.write(json.dumps({"from": str(source), "at": at.isoformat()}).encode())
    _open_both(installation, folder)
    if installation.postgres is not None:
        dump.load(installation.postgres, folder / POSTGRES_MEMBER)
        _prove(dump.rows_in(installation.postgres), manifest)
    else:
        embedded.put_in_place(folder / SQLITE_MEMBER, installation.sqlite)
        _prove(embedded.rows_in(installation.sqlite), manifest)
    _restore_files(installation, folder, manifest.members)
    (installation.data / PENDING).unlink()
    return Restored(manifest, former, tuple(set_aside))


def _open_both(installation: Installation, folder: Path) -> None:
    """Let the key file open the secrets of both databases, for as long as it is not sure which one stays."""
    present, restored = installation.data / SEAL_KEYS, folder / SEAL_KEYS
    if not (present.exists() and restored.exists()):
        return
    keys = [*restored.read_text("ascii").split(), *present.read_text("ascii").split()]
    with replacing(present) as file:
        file.write("".join(f"{key}\n" for key in dict.fromkeys(keys)).encode())


def refuse_unfit(installation: Installation, manifest: Manifest, known: Collection[str]) -> None:
    """Refuse an archive of another kind of database or of a newer version.

    Raises:
        RestoreRefused: it does not fit.
    """
    here = "postgresql" if installation.postgres else "sqlite"
    if manifest.database != here:
        raise RestoreRefused(
            f"the backup is of a {manifest.database} installation and this one uses {here}; "
            "set or remove RONDA_DATABASE_URL, or import the list of ONTs from it"
        )
    newer = [name for name in manifest.migrations if name not in set(known)]
    if newer:
        raise RestoreRefused(
            f"the backup was made by a newer version ({manifest.version}); upgrade first. "
            f"Unknown here: {', '.join(newer[:3])}"
        )


def _refuse_occupied(installation: Installation) -> None:
    if installation.postgres is not None:
        if dump.others(installation.postgres):
            raise Running
    elif installation.sqlite.exists() and embedded.problem_of(installation.sqlite) is None:
        with embedded.opened(installation.sqlite) as database:
            embedded.make_sole(database)


def _put_away(installation: Installation, at: datetime) -> tuple[Path | None, list[Path]]:
    """An archive of the present data, or, where it is damaged, the renamed files themselves."""
    if installation.postgres is None:
        if not installation.sqlite.exists():
            # A log without its database would be played into the one that takes its place.
            return None, embedded.set_aside(installation.sqlite, at)
        if embedded.problem_of(installation.sqlite) is not None:
            return None, embedded.set_aside(installation.sqlite, at)
    former, _manifest = make(installation, at, prefix=ASIDE)
    _keep_newest(installation.backups, ASIDE, NIGHTS)
    return former, []


def _prove(rows: Mapping[str, int], manifest: Manifest) -> None:
    differing = [
        f"{table}: {rows.get(table, 0)} instead of {count}"
        for table, count in manifest.rows.items()
        if rows.get(table, 0) != count
    ]
    if differing:
        raise ArchiveDamaged("the rows do not agree with the manifest: " + ", ".join(differing[:5]))


def _restore_files(installation: Installation, folder: Path, members: Collection[Member]) -> None:
    for member in members:
        if member.name in {SQLITE_MEMBER, POSTGRES_MEMBER}:
            continue
        target = installation.data / member.name
        # Lists that are there already are newer knowledge or the same file.
        if member.name.startswith("backups/") and target.exists():
            continue
        with replacing(target) as output, (folder / member.name).open("rb") as source:
            shutil.copyfileobj(source, output)
    anchors = installation.data / AUDIT_ANCHORS
    if anchors.exists() and AUDIT_ANCHORS not in {member.name for member in members}:
        # They tell of rows that the restored trail does not have.
        anchors.replace(anchors.with_name(f"{AUDIT_ANCHORS}.before-restore"))
    flush_folder(installation.data)


def listing(folder: Path) -> list[Path]:
    """Whole backups in `folder`, newest first, those made before a restore included."""
    return sorted(
        folder.glob(f"{PREFIX}-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True
    )


def nightly(installation: Installation, at: datetime, keep: int = NIGHTS) -> Path:
    """One automatic whole backup, and only the last `keep` of them stay."""
    path, _manifest = make(installation, at)
    _keep_newest(installation.backups, PREFIX, keep)
    return path


def _keep_newest(folder: Path, prefix: str, keep: int) -> None:
    found: dict[datetime, Path] = {}
    for path in folder.glob(f"{prefix}-[0-9]*.tar.gz"):
        text = path.name.removeprefix(f"{prefix}-")[:15]
        with contextlib.suppress(ValueError):
            moment = datetime.strptime(text, "%Y%m%d-%H%M%S")  # noqa: DTZ007 -- compared with each other only
            number = path.name.removesuffix(".tar.gz")[len(prefix) + 17 :]
            found[moment.replace(microsecond=int(number or 1))] = path
    stay = kept(found, keep)
    for moment, path in found.items():
        if moment not in stay:
            path.unlink(missing_ok=True)


def newest_good(
    installation: Installation, known: Collection[str] | None = None
) -> Iterator[tuple[Path, Manifest]]:
    """Whole backups that pass every check and fit this installation, newest first."""
    for path in listing(installation.backups):
        try:
            manifest = archive.verify(path)
            if known is not None:
                refuse_unfit(installation, manifest, known)
        except (ArchiveDamaged, RestoreRefused, OSError):
            continue
        if manifest.database == ("postgresql" if installation.postgres else "sqlite"):
            yield path, manifest


def take_database(source: Path, installation: Installation) -> Manifest:
    """Only the embedded database of an archive, put where none is now.

    Raises:
        ArchiveDamaged, OSError: nothing was changed.
    """
    with staging(installation.data) as folder:
        manifest = archive.extract(source, folder)
        copied = folder / SQLITE_MEMBER
        try:
            problem = embedded.problem_of(copied)
            rows = embedded.rows_in(copied)
        except sqlite3.DatabaseError as error:
            raise ArchiveDamaged(str(error)) from error
        if problem:
            raise ArchiveDamaged(problem)
        _prove(rows, manifest)
        embedded.put_in_place(copied, installation.sqlite)
    return manifest
