"""Taking over the older system's outages, from a file that came in by the import.

They are marked (`cause` is `imported`) and all of one file bear the moment of the import as
`confirmed_at`, by which it is taken back. An outage that the file leaves open is left out: when it
ended is not known, and whether the ONT is down now is ours to find out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.devices.formats import Listing
from ronda.devices.models import Ont
from ronda.devices.rules.rows import RawRow
from ronda.devices.service.imports import ImportRefused
from ronda.devices.service.takers import Taken
from ronda.monitoring.history import outage_days
from ronda.monitoring.models import Outage

IMPORTED = "imported"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a file would write, and what it leaves out and why."""

    new: Sequence[tuple[int, datetime, datetime]]
    known: int
    open: int
    strange: int


def look(listing: Listing) -> list[str]:
    """What taking the file would come to, in sentences.

    Raises:
        ImportRefused: a record is no outage.
    """
    plan = _plan(listing)
    told = [
        _("%(count)d outages are taken over and marked as imported.") % {"count": len(plan.new)}
    ]
    if plan.known:
        told.append(_("%(count)d are there already and stay as they are.") % {"count": plan.known})
    if plan.open:
        told.append(
            _("%(count)d without an end are left out: the watch finds out itself what is down.")
            % {"count": plan.open}
        )
    if plan.strange:
        told.append(
            _("%(count)d name no ONT that is known here by that name, and are left out.")
            % {"count": plan.strange}
        )
    return told


def take(listing: Listing, _person: Person | None) -> Taken:
    """Add the file's outages that are over to those of the ONTs they name.

    Raises:
        ImportRefused: a record is no outage, or none is new; nothing was written.
    """
    plan = _plan(listing)
    if not plan.new:
        raise ImportRefused(
            _("The file holds no outage that can be taken over and is not there yet.")
        )
    now = timezone.now()
    Outage.objects.bulk_create(
        (
            Outage(ont_id=ont, started_at=start, ended_at=end, confirmed_at=now, cause=IMPORTED)
            for ont, start, end in plan.new
        ),
        batch_size=BATCH,
    )
    outage_days.reopen(end for _ont, _start, end in plan.new)
    return Taken(len(plan.new), now.isoformat())


def undo(token: str, _person: Person | None) -> None:
    """Remove the outages of one import."""
    moment = datetime.fromisoformat(token)
    taken = Outage.objects.filter(cause=IMPORTED, confirmed_at=moment)
    outage_days.reopen([taken.aggregate(first=Min("ended_at"))["first"]])
    taken.delete()


def _plan(listing: Listing) -> Plan:
    names = _Names()
    wanted: dict[tuple[int, datetime], datetime] = {}
    left = strange = 0
    for row in listing.rows:
        values = row.values
        start = _time(row, values.get("start_time"))
        end = values.get("end_time")
        ont = names.find(values)
        if ont is None:
            strange += 1
        elif end is None:
            left += 1
        else:
            ended = _time(row, end)
            if ended < start:
                raise ImportRefused(
                    _("Outage %(number)s ends before it begins.") % {"number": row.number}
                )
            wanted[ont, start] = ended
    starts = [start for _ont, start in wanted]
    present = set(
        Outage.objects.filter(started_at__gte=min(starts), started_at__lte=max(starts)).values_list(
            "ont_id", "started_at"
        )
        if starts
        else ()
    )
    new = [(ont, start, end) for (ont, start), end in wanted.items() if (ont, start) not in present]
    return Plan(sorted(new, key=lambda item: item[1]), len(wanted) - len(new), left, strange)


class _Names:
    """Finds the ONT a record means: its number with the same name, else the only one of that name."""

    def __init__(self) -> None:
        self.by_id: dict[int, str] = {}
        self.by_name: dict[str, list[int]] = {}
        for pk, name in Ont.objects.present().order_by("pk").values_list("pk", "name"):
            self.by_id[pk] = name
            self.by_name.setdefault(name.casefold(), []).append(pk)

    def find(self, values: Mapping[str, Any]) -> int | None:
        number, name = values.get("ont_id"), values.get("ont_name")
        if not isinstance(name, str) or not name.strip():
            return None
        if isinstance(number, int) and self.by_id.get(number, "").casefold() == name.casefold():
            return number
        same = self.by_name.get(name.casefold(), [])
        return same[0] if len(same) == 1 else None


def _time(row: RawRow, value: Any) -> datetime:
    """Naive times of the older system are local."""
    try:
        at = datetime.fromisoformat(value.strip())
        return at if at.tzinfo else timezone.make_aware(at)
    except (AttributeError, ValueError, OverflowError):
        raise ImportRefused(
            _("Outage %(number)s has no valid time.") % {"number": row.number}
        ) from None
