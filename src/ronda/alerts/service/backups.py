"""Notices as files, `notices-YYYYmmdd-HHMMSS.json`, in the older systems' shape, and back again."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ronda.alerts.models import Notice
from ronda.devices.models import Ont
from ronda.storage.dated import Dated, Series
from ronda.work import feed, tuning

LARGEST_BYTES = 200 * 1024 * 1024


class BackupUnreadable(Exception):
    """The file is not a backup of notices; the text says what is wrong with it and where."""


def series() -> Series:
    """Where the backups of notices lie."""
    return Series(settings.RONDA.backups, "notices", timezone.get_default_timezone())


def write() -> Dated:
    """Write all notices to a new file.

    Raises:
        OSError: the disk refused; nothing is half written.
    """
    return series().write(_content(), timezone.now(), tuning.value("keep_backups"))


def as_older(notice: Notice) -> dict[str, Any]:
    """One notice in the older shape."""
    return {
        "id": notice.pk,
        "message": notice.text,
        "type": notice.type,
        "timestamp": notice.at.isoformat(),
        "ont_id": notice.ont_id,
        "ont_name": notice.ont_name or None,
        "read": notice.read_at is not None,
    }


def _content() -> Iterator[bytes]:
    yield b"["
    first = True
    for notice in Notice.objects.order_by("pk").iterator(2000):
        row = {**as_older(notice), "kind": notice.kind, "details": notice.details}
        yield (b"\n" if first else b",\n") + json.dumps(row, ensure_ascii=False).encode()
        first = False
    yield b"\n]\n"


def restore(name: str) -> int:
    """Make the notices what they were in the backup `name`; the number restored.

    What is there now is backed up first, so that restoring that file undoes this.

    Raises:
        BackupUnreadable: there is no such backup, or it is damaged; nothing has changed.
        OSError: the present state could not be backed up; nothing has changed.
    """
    file = series().find(name)
    if file is None:
        raise BackupUnreadable(_("There is no backup named %(name)s.") % {"name": name})
    rows = _read(file)
    write()
    return replace_all(rows)


def newest_with_more() -> Dated | None:
    """The newest backup that holds any notice; what the older "restore backup" means."""
    return next((file for file in series().listing() if file.size > len(b"[\n]\n")), None)


def _read(file: Dated) -> list[Mapping[str, Any]]:
    if file.size > LARGEST_BYTES:
        raise BackupUnreadable(_("%(name)s is too large to be a backup.") % {"name": file.name})
    try:
        rows = json.loads(file.path.read_bytes())
    except (ValueError, OSError) as error:
        raise BackupUnreadable(
            _("%(name)s cannot be read: %(why)s") % {"name": file.name, "why": error}
        ) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BackupUnreadable(_("%(name)s holds no list of notices.") % {"name": file.name})
    return rows


def replace_all(rows: list[Mapping[str, Any]]) -> int:
    """Put these older-shaped notices in the place of all present ones, in one transaction.

    Raises:
        BackupUnreadable: a row is not a notice; nothing has changed.
    """
    known = (
        set(Ont.objects.values_list("pk", flat=True))
        if any(r.get("ont_id") for r in rows)
        else set()
    )
    notices = [notice_of(row, number, known) for number, row in enumerate(rows, start=1)]
    with transaction.atomic():
        Notice.objects.all().delete()
        Notice.objects.bulk_create(notices, batch_size=1000)
        feed.append("alerts.notices", {"difference": len(notices)})
    return len(notices)


def notice_of(row: Mapping[str, Any], number: int, known: set[int]) -> Notice:
    """The notice an older-shaped row stands for; `number` is its place in the file, from 1.

    Raises:
        BackupUnreadable: the text or the time is missing or wrong.
    """
    text, stamp = row.get("message"), row.get("timestamp")
    at = parse_datetime(stamp) if isinstance(stamp, str) else None
    if not isinstance(text, str) or at is None:
        raise BackupUnreadable(
            _("Notice %(number)s has no text or no valid time.") % {"number": number}
        )
    type_ = row.get("type")
    details = row.get("details")
    ont = row.get("ont_id")
    return Notice(
        # Without an id of its own it gets a new one; duplicates are refused by the database.
        pk=row["id"] if isinstance(row.get("id"), int) else None,
        text=text,
        type=type_ if type_ in Notice.Type.values else Notice.Type.INFO,
        kind=str(row.get("kind") or "manual")[:24],
        at=aware(at),
        ont_id=ont if ont in known else None,
        ont_name=str(row.get("ont_name") or "")[:200],
        read_at=aware(at) if row.get("read") else None,
        details=details if isinstance(details, dict) else {},
    )


def aware(at: datetime) -> datetime:
    """Naive times of the older systems are local."""
    return at.astimezone(UTC) if at.tzinfo else timezone.make_aware(at)
