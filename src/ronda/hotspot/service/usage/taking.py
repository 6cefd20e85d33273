"""Taking over the older system's counts and user logs, from files that came in by the import.

Each file becomes a series of its own, so that taking it back is forgetting the series. Records whose
time is known already (the same file again, or a later copy of it) are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.devices.formats import Listing
from ronda.devices.rules.rows import RawRow
from ronda.devices.service.imports import ImportRefused
from ronda.devices.service.takers import Taken
from ronda.hotspot.models import SeriesKind, UsageSample, UsageSeries
from ronda.hotspot.rules.older_rows import WrongRow, rows_of
from ronda.hotspot.rules.readings import Active, Reading
from ronda.hotspot.service.usage import recording

MOST_USERS = 10_000_000
OTHERS = (SeriesKind.OLDER, SeriesKind.IMPORT)


class Record(NamedTuple):
    """One count of a file, with the rows where it has them."""

    at: datetime
    users: int
    rows: tuple[Active, ...] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a file would write, oldest first, and how many of its records are there already."""

    new: Sequence[Record]
    known: int


def look(listing: Listing) -> list[str]:
    """What taking the file would come to, in sentences.

    Raises:
        ImportRefused: a record is none.
    """
    plan = _plan(listing)
    told = []
    if plan.new:
        first, last = plan.new[0].at, plan.new[-1].at
        told.append(
            _("%(count)d counts from %(first)s to %(last)s, at most %(most)d users.")
            % {
                "count": len(plan.new),
                "first": _day(first),
                "last": _day(last),
                "most": max(record.users for record in plan.new),
            }
        )
    devices = {row.mac for record in plan.new for row in record.rows or () if row.mac}
    if devices:
        told.append(_("%(count)d different devices.") % {"count": len(devices)})
    if plan.known:
        told.append(_("%(count)d are there already and stay as they are.") % {"count": plan.known})
    return told


def take(listing: Listing, person: Person | None) -> Taken:
    """Take the file's counts (and sessions, where it has rows) over as a series of its own.

    Raises:
        ImportRefused: a record is none, or all are there already; nothing was written.
    """
    plan = _plan(listing)
    if not plan.new:
        raise ImportRefused(_("All these counts are there already."))
    now = timezone.now()
    own = UsageSeries.objects.create(
        kind=SeriesKind.IMPORT,
        name=f"{listing.kind.value} {timezone.localtime(now):%Y-%m-%d %H:%M}",
        made_at=now,
        made_by=person.get_username() if person else "",
    )
    logged = [record for record in plan.new if record.rows is not None]
    recording.record_many(
        own,
        [Reading(record.at, int(record.at.timestamp()), record.rows or ()) for record in logged],
    )
    recording.count_many(own, [(r.at, r.users) for r in plan.new if r.rows is None])
    return Taken(len(plan.new), str(own.pk))


def undo(token: str, _person: Person | None) -> None:
    """Forget the series that taking a file made."""
    UsageSeries.objects.filter(kind=SeriesKind.IMPORT, pk=int(token)).delete()


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y H:i")


def _plan(listing: Listing) -> Plan:
    found = {record.at: record for record in map(_record, listing.rows)}
    if not found:
        return Plan((), 0)
    present = set(
        UsageSample.objects.filter(
            series__kind__in=OTHERS, at__gte=min(found), at__lte=max(found)
        ).values_list("at", flat=True)
    )
    new = [found[at] for at in sorted(found) if at not in present]
    return Plan(new, len(found) - len(new))


def _record(row: RawRow) -> Record:
    values = {str(key).lower(): value for key, value in row.values.items()}
    at = _time(values.get("timestamp"))
    if at is None:
        raise ImportRefused(_("Record %(number)s has no valid time.") % {"number": row.number})
    users = values.get("users")
    if isinstance(users, list):
        try:
            rows = rows_of(users)
        except WrongRow as wrong:
            raise ImportRefused(
                _("Record %(number)s, user %(user)s: %(field)s is missing or of the wrong kind.")
                % {"number": row.number, "user": wrong.number, "field": wrong.field}
            ) from wrong
        return Record(at, len(rows), rows)
    if isinstance(users, str) and users.isascii() and users.isdigit() and len(users) < 9:
        users = int(users)
    if isinstance(users, bool) or not isinstance(users, int) or not 0 <= users <= MOST_USERS:
        raise ImportRefused(_("Record %(number)s has no number of users.") % {"number": row.number})
    return Record(at, users, None)


def _time(value: Any) -> datetime | None:
    """The older systems' naive times are local."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        return at if at.tzinfo else timezone.make_aware(at)
    except (ValueError, OverflowError):
        return None
