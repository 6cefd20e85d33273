"""Taking over the older system's status cache: what it last knew becomes a note at each ONT.

It is no reading of ours and would age at once as a status, so it is kept as what it is: what another
system last said, with the day of the import. Notes are a change like any other and undone by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.devices.formats import Listing
from ronda.devices.models import Ont
from ronda.devices.service import changes
from ronda.devices.service.changes import RowChange
from ronda.devices.service.imports import ImportRefused
from ronda.devices.service.takers import Taken

STATUSES = {
    word.casefold(): word
    for word in ("ON", "OFF", "OFF(RTO)", "OFF(Waiting Connection)", "UNKNOWN")
}


def look(listing: Listing) -> list[str]:
    """What taking the file would come to, in sentences.

    Raises:
        ImportRefused: a record holds no status that the older system had.
    """
    found, strange = _found(listing)
    told = [_("%(count)d ONTs get a note of their last known status.") % {"count": len(found)}]
    if strange:
        told.append(
            _("%(count)d records name no address that one ONT has, and are left out.")
            % {"count": strange}
        )
    return told


def take(listing: Listing, person: Person | None) -> Taken:
    """Write the statuses into the ONTs' notes, as one change.

    Raises:
        ImportRefused: a record is wrong, or no ONT is concerned; nothing was written.
    """
    found, _strange = _found(listing)
    line = _("Older system, taken over on %(day)s: %(status)s")
    day = date_format(timezone.localdate(), "j M Y")
    notes = dict(Ont.objects.filter(pk__in=found).values_list("pk", "notes"))
    rows = []
    for ont, status in found.items():
        told = line % {"day": day, "status": status}
        if told not in notes[ont].splitlines():
            rows.append(RowChange(ont, {"notes": f"{notes[ont]}\n{told}".strip()}))
    if not rows:
        raise ImportRefused(_("No ONT here is concerned, or all these notes are there already."))
    summary = _("Status cache of the older system: %(count)d notes") % {"count": len(rows)}
    change = changes.apply(rows, kind="import", summary=summary, person=person)
    return Taken(change.count, str(change.pk))


def undo(token: str, person: Person | None) -> None:
    """Take the change back that wrote the notes.

    Raises:
        ChangeRefused: it was undone already.
    """
    changes.undo(int(token), person)


def _found(listing: Listing) -> tuple[dict[int, str], int]:
    """The ONTs that records name by an address only they have, and how many name none."""
    by_address: dict[str, list[int]] = {}
    for pk, address in Ont.objects.present().exclude(address="").values_list("pk", "address"):
        by_address.setdefault(address, []).append(pk)
    found: dict[int, str] = {}
    strange = 0
    for row in listing.rows:
        status = STATUSES.get(str(row.values.get("status", "")).strip().casefold())
        if status is None:
            raise ImportRefused(
                _("Record %(number)s has no status of the older system.") % {"number": row.number}
            )
        onts = by_address.get(_address(row.values), [])
        if len(onts) == 1:
            found[onts[0]] = status
        else:
            strange += 1
    return found, strange


def _address(values: Mapping[str, Any]) -> str:
    """The record's address; a dictionary from address to status has it as its id."""
    return str(values.get("ip") or values.get("id") or "").strip()
