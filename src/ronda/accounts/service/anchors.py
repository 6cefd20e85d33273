"""Anchors: where the trail's chain ended at some moments, kept outside of the database.

The chain by itself cannot show that its end was cut off, or that an older copy of the whole table was
put back. A line in `audit.anchors` of the data folder, which whole backups take along, and a line of
the log can.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings

from ronda.storage.snapshot import AUDIT_ANCHORS

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Anchor:
    """At the place `position` the row had this fingerprint."""

    position: int
    fingerprint: str


def drop(anchor: Anchor, at: datetime) -> None:
    """Write one more anchor, to the file and to the log."""
    line = {
        "at": at.isoformat(timespec="seconds"),
        "position": anchor.position,
        "fingerprint": anchor.fingerprint,
    }
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
    log.info("audit.anchor", position=anchor.position, fingerprint=anchor.fingerprint)


def dropped() -> Iterator[Anchor]:
    """Every anchor, oldest first; a line that was cut off by a power cut is left out."""
    with suppress(FileNotFoundError), _file().open(encoding="utf-8") as file:
        for line in file:
            with suppress(ValueError, KeyError, TypeError):
                values = json.loads(line)
                yield Anchor(int(values["position"]), str(values["fingerprint"]))


def set_aside() -> None:
    """Begin a new file; the former one stays beside it."""
    with suppress(FileNotFoundError):
        _file().replace(_file().with_name(f"{AUDIT_ANCHORS}.former"))


def _file() -> Path:
    folder: Path = settings.RONDA.data
    return folder / AUDIT_ANCHORS
