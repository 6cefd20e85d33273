"""Outages as files, `outages-YYYYmmdd-HHMMSS.json`, in the older system's shape, and back again.

One is written before outages are hidden from the lists; what it names can be shown again from it,
also after the rows themselves were lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ronda.devices.models import Ont
from ronda.monitoring.history import outage_days
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


@dataclass(frozen=True, slots=True)
class Changed:
    """How many outages were shown or hidden, and the file that names them (None for none)."""

    count: int
    file: Dated | None = None


def write(outages: QuerySet[Outage], at: datetime) -> Dated:
    """Write these outages to a new file.

    Raises:
        OSError: the disk refused; nothing is half written.
    """
    rows = (
        (one, one.ont.name) for one in outages.select_related("ont").order_by("pk").iterator(2000)
    )
    return series().write(_content(rows), at, tuning.value("keep_backups"))


def _content(outages: Iterable[tuple[Outage, str]]) -> Iterator[bytes]:
    yield b"["
    first = True
    for outage, name in outages:
        row = {
            "id": outage.pk,
            "ont_id": outage.ont_id,
            "ont_name": name,
            "start_time": outage.started_at.isoformat(),
            "end_time": outage.ended_at and outage.ended_at.isoformat(),
            "confirmed_at": outage.confirmed_at.isoformat(),
            "cause": outage.cause,
        }
        yield (b"\n" if first else b",\n") + json.dumps(row, ensure_ascii=False).encode()
        first = False
    yield b"\n]\n"


def restore(name: str, now: datetime | None = None) -> Changed:
    """Bring the outages of the file `name` back into the lists, and write a new file of those that were not there.

    Hidden ones are shown again; those whose rows are gone are made anew, while their ONT exists. Hiding what the
    new file names (`hide`) undoes it.

    Raises:
        FileUnreadable: there is no such file, or it is damaged; nothing has changed.
        OSError: the disk refused the new file; nothing has changed.
    """
    names = dict(Ont.objects.values_list("pk", "name"))
    away: list[Outage] = []
    for part in _parts(_listed(name)):
        there = _found(part)
        for outage in part:
            outage.pk, is_hidden = there.get((outage.ont_id, outage.started_at), (None, True))
            if is_hidden and outage.ont_id in names:
                away.append(outage)
    if not away:
        return Changed(0)
    content = _content((outage, names[outage.ont_id]) for outage in away)
    file = series().write(content, now or timezone.now(), tuning.value("keep_backups"))
    with transaction.atomic():
        for part in _parts(away):
            hidden = [outage.pk for outage in part if outage.pk is not None]
            Outage.objects.filter(pk__in=hidden).update(cleared_at=None)
            Outage.objects.bulk_create(outage for outage in part if outage.pk is None)
        outage_days.reopen(outage.ended_at for outage in away)
    return Changed(len(away), file)


def hide(name: str, now: datetime | None = None) -> Changed:
    """Hide the outages of the file `name` that are over and shown; the file keeps them.

    Raises:
        FileUnreadable: there is no such file, or it is damaged; nothing has changed.
    """
    listed, moment, count = _listed(name), now or timezone.now(), 0
    with transaction.atomic():
        for part in _parts(listed):
            shown = [pk for pk, is_hidden in _found(part).values() if not is_hidden]
            over = Outage.objects.filter(pk__in=shown, ended_at__isnull=False)
            count += over.update(cleared_at=moment)
    return Changed(count, series().find(name))


def _listed(name: str) -> list[Outage]:
    file = series().find(name)
    if file is None:
        raise FileUnreadable(_("There is no backup named %(name)s.") % {"name": name})
    return [_outage_of(row, number) for number, row in enumerate(_rows(file), start=1)]


def _parts(listed: Sequence[Outage]) -> Iterator[Sequence[Outage]]:
    for first in range(0, len(listed), CHUNK):
        yield listed[first : first + CHUNK]


def _found(part: Sequence[Outage]) -> dict[tuple[int, datetime], tuple[int, bool]]:
    """Of these outages those that have a row: its id, and whether it is hidden."""
    wanted = {(outage.ont_id, outage.started_at) for outage in part}
    rows = Outage.objects.filter(
        ont_id__in={ont for ont, _at in wanted}, started_at__in={at for _ont, at in wanted}
    ).values_list("pk", "ont_id", "started_at", "cleared_at")
    return {
        (ont, at): (pk, cleared is not None) for pk, ont, at, cleared in rows if (ont, at) in wanted
    }


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
