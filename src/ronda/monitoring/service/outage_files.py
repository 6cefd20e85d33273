"""Outages as files, `outages-YYYYmmdd-HHMMSS.json`, in the older system's shape, and back again.

One is written before outages are hidden from the lists; what it names can be shown again from it,
also after the rows themselves were lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ronda.devices.models import Ont
from ronda.monitoring.models import Outage
from ronda.storage.dated import Dated, Series
from ronda.work import tuning

LARGEST_BYTES = 500 * 1024 * 1024
CHUNK = 500


class FileUnreadable(Exception):
    """The file is no list of outages; the text says what is wrong with it and where."""


def series() -> Series:
    """Where the files lie."""
    return Series(settings.RONDA.backups, "outages", timezone.get_default_timezone())


def write(outages: QuerySet[Outage], at: datetime) -> Dated:
    """Write these outages to a new file.

    Raises:
        OSError: the disk refused; nothing is half written.
    """
    return series().write(_content(outages), at, tuning.value("keep_backups"))


def _content(outages: QuerySet[Outage]) -> Iterator[bytes]:
    yield b"["
    first = True
    for outage in outages.select_related("ont").order_by("pk").iterator(2000):
        row = {
            "id": outage.pk,
            "ont_id": outage.ont_id,
            "ont_name": outage.ont.name,
            "start_time": outage.started_at.isoformat(),
            "end_time": outage.ended_at and outage.ended_at.isoformat(),
            "confirmed_at": outage.confirmed_at.isoformat(),
            "cause": outage.cause,
        }
        yield (b"\n" if first else b",\n") + json.dumps(row, ensure_ascii=False).encode()
        first = False
    yield b"\n]\n"


def restore(name: str) -> int:
    """Bring the outages of the file `name` back into the lists; how many were not there.

    Hidden ones are shown again; those whose rows are gone are made anew, while their ONT exists.

    Raises:
        FileUnreadable: there is no such file, or it is damaged; nothing has changed.
    """
    file = series().find(name)
    if file is None:
        raise FileUnreadable(_("There is no backup named %(name)s.") % {"name": name})
    listed = [_outage_of(row, number) for number, row in enumerate(_rows(file), start=1)]
    onts = set(Ont.objects.values_list("pk", flat=True))
    shown = 0
    with transaction.atomic():
        for first in range(0, len(listed), CHUNK):
            part = listed[first : first + CHUNK]
            there = set(
                Outage.objects.filter(ont_id__in={outage.ont_id for outage in part}).values_list(
                    "ont_id", "started_at"
                )
            )
            hidden = Outage.objects.filter(
                ont_id__in={outage.ont_id for outage in part},
                started_at__in={outage.started_at for outage in part},
                cleared_at__isnull=False,
            )
            shown += hidden.update(cleared_at=None)
            missing = [
                outage
                for outage in part
                if outage.ont_id in onts and (outage.ont_id, outage.started_at) not in there
            ]
            shown += len(Outage.objects.bulk_create(missing, batch_size=CHUNK))
    return shown


def _rows(file: Dated) -> list[Mapping[str, Any]]:
    if file.size > LARGEST_BYTES:
        raise FileUnreadable(_("%(name)s is too large to be a backup.") % {"name": file.name})
    try:
        rows = json.loads(file.path.read_bytes())
    except (ValueError, OSError) as error:
        raise FileUnreadable(
            _("%(name)s cannot be read: %(why)s") % {"name": file.name, "why": error}
        ) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FileUnreadable(_("%(name)s holds no list of outages.") % {"name": file.name})
    return rows


def _outage_of(row: Mapping[str, Any], number: int) -> Outage:
    start, end = _time(row.get("start_time")), _time(row.get("end_time"))
    ont = row.get("ont_id")
    if start is None or end is None or end < start or not isinstance(ont, int):
        raise FileUnreadable(
            _("Outage %(number)s has no ONT or no valid times.") % {"number": number}
        )
    return Outage(
        ont_id=ont,
        started_at=start,
        confirmed_at=_time(row.get("confirmed_at")) or start,
        ended_at=end,
        cause=str(row.get("cause") or "silent")[:40],
    )


def _time(text: object) -> datetime | None:
    at = parse_datetime(text) if isinstance(text, str) else None
    return None if at is None else at.astimezone(UTC) if at.tzinfo else timezone.make_aware(at)
