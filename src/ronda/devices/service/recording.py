"""What a change remembers of each row, and how it is packed.

Only the fields that a change set are kept, so undoing it leaves later edits of other fields alone.
Site and area are kept with their names: they can be made again when they were removed meanwhile.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ronda.accounts.models import Role
from ronda.devices.models import Change, Ont

#: Fields of an ONT that a change may set; everything else follows from them.
FIELDS = (
    "site_id",
    "area_id",
    "customer_id",
    "name",
    "location",
    "address",
    "latitude",
    "longitude",
    "category",
    "notes",
    "monitored",
    "deleted_at",
)


class RowRecord(NamedTuple):
    """One row of a change: `before` is None for an ONT that the change made."""

    ont_id: int
    before: dict[str, Any] | None
    after: dict[str, Any]


def values_of(ont: Ont) -> dict[str, Any]:
    """The recorded fields of an ONT, as Python values."""
    return {name: getattr(ont, name) for name in FIELDS}


def plain(
    values: Mapping[str, Any], sites: Mapping[int, str], areas: Mapping[int, str]
) -> dict[str, Any]:
    """The values as JSON can hold them, with the names of site and area beside their ids."""
    found = dict(values)
    if "deleted_at" in found:
        moment: datetime | None = found["deleted_at"]
        found["deleted_at"] = None if moment is None else moment.astimezone(UTC).isoformat()
    if "site_id" in found:
        found["site"] = sites.get(found["site_id"], "")
    if found.get("area_id") is not None:
        found["area"] = areas.get(found["area_id"], "")
    return found


def pack(rows: Iterable[RowRecord]) -> bytes:
    """The bytes kept in `Change.rows`."""
    text = json.dumps(
        [{"id": row.ont_id, "before": row.before, "after": row.after} for row in rows],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return zlib.compress(text.encode(), 6)


def unpack(change: Change) -> list[RowRecord]:
    """The rows of a change, in the order in which they were applied."""
    rows = json.loads(zlib.decompress(bytes(change.rows)))
    return [RowRecord(row["id"], row["before"], row["after"]) for row in rows]


def sites_of_change(change: Change) -> set[int]:
    """The sites of the ONTs of a change: where they are, and where it took them from or to."""
    records = unpack(change)
    found = {
        values["site_id"]
        for record in records
        for values in (record.before or {}, record.after)
        if "site_id" in values
    }
    ids = [record.ont_id for record in records]
    for start in range(0, len(ids), 1000):
        onts = Ont.objects.filter(pk__in=ids[start : start + 1000])
        found |= set(onts.order_by().values_list("site", flat=True).distinct())
    return found


def needed_to_undo(records: Iterable[RowRecord]) -> Role:
    """Who may take a change back: whoever may do it; notes and pausing are a NOC operator's."""
    small = all(
        record.before is not None and record.after.keys() <= {"notes", "monitored"}
        for record in records
    )
    return Role.NOC if small else Role.ADMIN
