"""The file of a whole-installation backup: one tar.gz, its manifest first, a SHA-256 for every member."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from ronda.storage.files import PRIVATE, replacing

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1024 * 1024
# A manifest of 100,000 members is 12 MB; more is no manifest of ours.
LARGEST_MANIFEST = 64 * 1024 * 1024


class ArchiveDamaged(Exception):
    """The file is no whole backup of an installation; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds, and what a restore has to prove: the rows of every table."""

    made_at: str
    version: str
    database: str
    migrations: tuple[str, ...]
    rows: Mapping[str, int]
    members: tuple[Member, ...]
    holds_secret_key: bool
    format: int = FORMAT

    def text(self) -> bytes:
        """The manifest as it stands in the archive."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()


def member_of(name: str, path: Path) -> Member:
    """The entry of a file that is to go into an archive."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Member(name, path.stat().st_size, digest)


def write(target: Path, manifest: Manifest, files: Mapping[str, Path], at: datetime) -> None:
    """Write an archive: whole or not at all, readable by this account only.

    Raises:
        OSError: the disk refused, or a file changed its size meanwhile.
    """
    with (
        replacing(target) as output,
        tarfile.open(fileobj=output, mode="w:gz", compresslevel=6) as tar,
    ):
        text = manifest.text()
        tar.addfile(_entry(MANIFEST, len(text), at), io.BytesIO(text))
        for member in manifest.members:
            with files[member.name].open("rb") as source:
                tar.addfile(_entry(member.name, member.size, at), source)


def _entry(name: str, size: int, at: datetime) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, PRIVATE, int(at.timestamp())
    return entry


def read_manifest(path: Path) -> Manifest:
    """The manifest alone, quickly.

    Raises:
        ArchiveDamaged: it is no archive of ours, or cut off.
    """
    with _reading(path) as tar:
        return _manifest(tar)


def verify(path: Path) -> Manifest:
    """Read the whole archive and compare every check sum.

    Raises:
        ArchiveDamaged: something is missing, differs, or is not listed.
    """
    return extract(path, None)


def extract(path: Path, folder: Path | None) -> Manifest:
    """Verify an archive, and unpack it into `folder` unless that is None.

    Raises:
        ArchiveDamaged: something is missing, differs, is not listed, or has a dangerous name.
    """
    with _reading(path) as tar:
        manifest = _manifest(tar)
        expected = {member.name: member for member in manifest.members}
        while (entry := _next(tar)) is not None:
            member = expected.pop(entry.name, None)
            if member is None or not entry.isfile():
                raise ArchiveDamaged(f"{entry.name!r} is not in the manifest")
            source = tar.extractfile(entry)
            if source is None or _unpack(source, member, folder) != member.sha256:
                raise ArchiveDamaged(f"{entry.name} is damaged: its SHA-256 differs")
        if expected:
            raise ArchiveDamaged(f"{', '.join(sorted(expected))} is missing")
    return manifest


class _Tar:
    """An archive whose every failure to read is `ArchiveDamaged`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> tarfile.TarFile:
        try:
            self.tar = tarfile.open(self.path, mode="r:gz")
        except (OSError, tarfile.TarError, EOFError) as error:
            raise ArchiveDamaged(f"{self.path.name} cannot be read: {error}") from error
        return self.tar

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.tar.close()
        # zlib.error and EOFError come from a cut or damaged stream, in the middle of reading.
        if error is not None and type(error).__name__ in {"error", "EOFError", "BadGzipFile"}:
            raise ArchiveDamaged(f"{self.path.name} is cut off or damaged: {error}") from error
        if isinstance(error, tarfile.TarError):
            raise ArchiveDamaged(f"{self.path.name} is damaged: {error}") from error


def _reading(path: Path) -> _Tar:
    return _Tar(path)


def _next(tar: tarfile.TarFile) -> tarfile.TarInfo | None:
    return tar.next()


def _manifest(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or first.size > LARGEST_MANIFEST:
        raise ArchiveDamaged("there is no manifest: this is no backup of an installation")
    source = tar.extractfile(first)
    try:
        values: dict[str, Any] = json.loads(source.read() if source else b"")
        if values["format"] > FORMAT:
            raise ArchiveDamaged(
                f"it was made by a newer version ({values['version']}); upgrade first"
            )
        members = tuple(Member(**member) for member in values.pop("members"))
        manifest = Manifest(
            **values | {"migrations": tuple(values["migrations"]), "members": members}
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveDamaged(f"the manifest cannot be read: {error}") from error
    _refuse_dangerous_names(members)
    return manifest


def _refuse_dangerous_names(members: Sequence[Member]) -> None:
    for member in members:
        parts = PurePosixPath(member.name).parts
        if not parts or member.name.startswith("/") or {"..", ""} & set(parts):
            raise ArchiveDamaged(f"{member.name!r} would be written outside the data folder")
        if "\\" in member.name or ":" in member.name:
            raise ArchiveDamaged(f"{member.name!r} would be written outside the data folder")


def _unpack(source: Any, member: Member, folder: Path | None) -> str:
    digest = hashlib.sha256()
    output: BinaryIO | None = None
    if folder is not None:
        path = folder / member.name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        output = path.open("wb")
        path.chmod(PRIVATE)
    try:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            if output is not None:
                output.write(chunk)
    finally:
        if output is not None:
            output.close()
    return digest.hexdigest()
