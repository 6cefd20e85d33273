"""The list of ONTs as a file, `onts-YYYYmmdd-HHMMSS.json`, written after every change.

The rows have the older system's shape (`id`, `id_ccbs`, `name`, `lokasi`, `latitude`, `longitude`,
`ip`) with our fields beside it, one row a line, so that any tool of that time reads it and a person
can compare two of them. A file is whole or absent (`storage.files`). A full disk costs a backup and
makes a notice; it never costs the change itself.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.devices.models import Change, Ont
from ronda.storage.dated import Dated, Series
from ronda.work import feed, tuning

#: Feed topic of everything that a disk or a database refused.
TROUBLE = "storage.trouble"
log = structlog.get_logger(__name__)


class BackupUnreadable(Exception):
    """The file is not a backup of ONTs; the text says what is wrong with it."""


def series() -> Series:
    """Where the backups of ONTs lie."""
    return Series(folder(), "onts", timezone.get_default_timezone())


def folder() -> Path:
    """Where the automatic backups of everything lie."""
    path: Path = settings.RONDA.backups
    return path


def listing() -> list[Dated]:
    """All backups of ONTs, newest first."""
    return series().listing()


def find(name: str) -> Dated | None:
    """The backup of this name; None when there is none, whatever the name tries to reach."""
    return series().find(name)


def write() -> Dated:
    """Write the present list and drop what retention no longer keeps.

    Raises:
        OSError: the disk refused; nothing is half written.
    """
    return series().write(_content(), timezone.now(), tuning.value("keep_backups"))


def _content() -> Iterator[bytes]:
    first = True
    for row in _rows():
        yield ("[\n" if first else ",\n").encode() + json.dumps(row, ensure_ascii=False).encode()
        first = False
    yield b"[]\n" if first else b"\n]\n"


def _rows() -> Iterator[dict[str, Any]]:
    onts = (
        Ont.objects.present()
        .order_by("pk")
        .values_list(
            "pk",
            "customer_id",
            "name",
            "location",
            "latitude",
            "longitude",
            "address",
            "site__name",
            "area__name",
            "category",
            "notes",
            "monitored",
            "created_at",
        )
    )
    names = (
        *("id", "id_ccbs", "name", "lokasi", "latitude", "longitude", "ip"),
        *("site", "area", "category", "notes", "monitored"),
    )
    for *values, made_at in onts.iterator(chunk_size=5000):
        yield dict(zip(names, values, strict=True)) | {"created_at": made_at.isoformat()}


def tidy() -> int:
    """Remove backups beyond `keep_backups` and what crashed writers left; returns how many went."""
    return series().tidy(tuning.value("keep_backups"))


def read(backup: Dated) -> list[dict[str, Any]]:
    """The rows of a backup.

    Raises:
        BackupUnreadable: cut off, damaged, or something else than a list of ONTs.
    """
    try:
        rows = json.loads(backup.path.read_bytes())
    except (OSError, ValueError) as error:
        raise BackupUnreadable(
            _("%(name)s cannot be read: %(error)s") % {"name": backup.name, "error": error}
        ) from error
    whole = isinstance(rows, list) and all(
        isinstance(row, dict) and isinstance(row.get("id_ccbs"), str) and "name" in row
        for row in rows
    )
    if not whole:
        raise BackupUnreadable(_("%(name)s is no list of ONTs.") % {"name": backup.name})
    return list(rows)


def newest_good() -> tuple[Dated, list[dict[str, Any]]] | None:
    """The newest backup that can be read, with its rows; None when there is none."""
    for backup in listing():
        try:
            return backup, read(backup)
        except BackupUnreadable as problem:
            log.warning("backup skipped", reason=str(problem))
    return None


def keep_present_state(kind: str) -> None:
    """Before something that takes away: see to it that the present list is in a backup."""
    if kind not in {"delete", "restore", "import", "undo"}:
        return
    last = Change.objects.order_by("-id").values_list("at", flat=True).first()
    newest = next(iter(listing()), None)
    # Names have whole seconds only, so the file's own time tells whether it came after the change.
    if newest is not None and (last is None or newest.path.stat().st_mtime >= last.timestamp()):
        return
    if Ont.objects.present().exists():
        write_or_tell()


def write_after_commit() -> None:
    """Write a backup as soon as the current transaction has committed."""
    transaction.on_commit(write_or_tell, robust=True)


def write_or_tell() -> Dated | None:
    """Write a backup; when the disk refuses, say so on the feed and go on."""
    try:
        return write()
    except OSError as error:
        tell_trouble(
            "backup",
            _("The automatic backup could not be written: %(error)s. Free some disk space.")
            % {"error": error.strerror or error},
        )
        return None


def tell_trouble(what: str, text: str) -> None:
    """Put a trouble on the feed for a notice; where even that fails, the log has it."""
    log.error("storage trouble", what=what, text=text)
    try:
        feed.append(TROUBLE, {"what": what, "text": text})
    except DatabaseError:
        log.exception("trouble could not be told")
