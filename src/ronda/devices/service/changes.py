"""The one way in which ONTs change: recorded, announced, backed up, undoable.

Guarantee: the rows, the record of the change, its audit row and its events on the feed are one
transaction. Whoever edits ONTs (pages, API, import, restore) goes through `apply`, so there is no
change that cannot be undone and none that the slices above do not hear of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.events import onts_changed
from ronda.devices.models import Area, Change, Ont, Site
from ronda.devices.service import backups
from ronda.devices.service.errors import (
    AlreadyUndone,
    ChangedSince,
    CustomerIdTaken,
    EditedMeanwhile,
    NothingToChange,
    OntMissing,
)
from ronda.devices.service.recording import FIELDS, RowRecord, pack, plain, unpack, values_of
from ronda.work import feed

#: Rows named in one statement; SQLite's own limit is 32,766 parameters.
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class RowChange:
    """What shall become of one ONT.

    `ont_id` None makes a new one. `values` holds only what is set, by the names in
    `recording.FIELDS` (`site_id` and `area_id`, not `site` and `area`); a moment in `deleted_at`
    deletes, None there brings back. `expected` is the `updated_at` that an editor saw: another one
    in the table refuses the change. `make_as` gives a new ONT a certain id, as a restore needs it.
    """

    ont_id: int | None
    values: Mapping[str, Any] = field(default_factory=dict)
    expected: datetime | None = None
    make_as: int | None = None


def apply(
    rows: Sequence[RowChange],
    *,
    kind: str,
    summary: str,
    person: Person | None,
    actor: str = "",
    source: str = "",
    undoes: Change | None = None,
) -> Change:
    """Change ONTs, all or none; returns the record with which it can be undone.

    Args:
        kind: create, edit, delete, import, restore or undo.
        summary: one line for the list of changes.
        person: who did it; None for a command or a schedule, which `actor` then names.
        source: where it came from, for the audit trail.

    Raises:
        NothingToChange, OntMissing, CustomerIdTaken, EditedMeanwhile: nothing was written.
    """
    backups.keep_present_state(kind)
    try:
        with transaction.atomic():
            change = _apply(rows, kind, summary, person, actor, source, undoes)
    except IntegrityError as error:
        if "customer_id" not in str(error):
            raise
        # Two transactions met on PostgreSQL: the check before the write saw neither.
        raise CustomerIdTaken(_("(several)"), _("this site")) from error
    return change


def _apply(
    rows: Sequence[RowChange],
    kind: str,
    summary: str,
    person: Person | None,
    actor: str,
    source: str,
    undoes: Change | None,
) -> Change:
    present = _present(row.ont_id for row in rows if row.ont_id is not None)
    made, edited, moved = _sorted_out(rows, present)
    if not made and not edited:
        raise NothingToChange
    if made or moved:
        _refuse_taken_ids([*made, *(ont for ont, _before in edited)])
        _free_customer_ids(moved)
    _write([ont for ont, _before in edited])
    _make(made)
    records = _records(made, edited)
    change = Change.objects.create(
        at=timezone.now(),
        person=person,
        actor=actor or (person.get_username() if person else audit.SYSTEM),
        kind=kind,
        summary=summary[:300],
        count=len(records),
        rows=pack(records),
        undoes=undoes,
    )
    one = records[0] if len(records) == 1 else None
    audit.record(
        person,
        f"ont.{kind}",
        summary,
        one.before if one else None,
        one.after if one else {"change": change.pk, "count": len(records)},
        source,
    )
    feed.append_all(onts_changed([record.ont_id for record in records], kind, change.pk))
    backups.write_after_commit()
    return change


def _present(ids: Iterable[int]) -> dict[int, Ont]:
    """The rows of these ids, locked until the transaction ends.

    Raises:
        OntMissing: some are not there.
    """
    wanted = sorted(set(ids))
    found: dict[int, Ont] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        found.update(
            (ont.pk, ont)
            for ont in Ont.objects.select_for_update().filter(pk__in=chunk).order_by("pk")
        )
    missing = [pk for pk in wanted if pk not in found]
    if missing:
        raise OntMissing(missing)
    return found


def _sorted_out(
    rows: Sequence[RowChange], present: Mapping[int, Ont]
) -> tuple[list[Ont], list[tuple[Ont, dict[str, Any]]], set[int]]:
    """New ONTs, edited ones with what their set fields were, and those that change their key."""
    made: list[Ont] = []
    edited: list[tuple[Ont, dict[str, Any]]] = []
    moved: set[int] = set()
    for row in rows:
        unknown = row.values.keys() - set(FIELDS)
        if unknown:
            raise ValueError(f"no such field of an ONT: {', '.join(sorted(unknown))}")
        if row.ont_id is None:
            made.append(Ont(pk=row.make_as, **row.values))
            continue
        ont = present[row.ont_id]
        if row.expected is not None and row.expected != ont.updated_at:
            raise EditedMeanwhile(ont)
        before = {
            name: getattr(ont, name)
            for name, value in row.values.items()
            if getattr(ont, name) != value
        }
        if not before:
            continue
        for name in before:
            setattr(ont, name, row.values[name])
        edited.append((ont, before))
        if before.keys() & {"site_id", "customer_id", "deleted_at"}:
            moved.add(ont.pk)
    return made, edited, moved


def _refuse_taken_ids(candidates: Sequence[Ont]) -> None:
    """Refuse when two ONTs of a site would share a customer id after the change.

    Raises:
        CustomerIdTaken: naming the id, the site and who holds it.
    """
    wanted: dict[tuple[int, str], Ont] = {}
    for ont in candidates:
        if ont.deleted_at is not None:
            continue
        key = (ont.site_id, ont.customer_id)
        if key in wanted:
            raise CustomerIdTaken(ont.customer_id, str(ont.site), str(wanted[key]))
        wanted[key] = ont
    moving = {ont.pk for ont in candidates if ont.pk is not None}
    customers = sorted({customer for _site, customer in wanted})
    for start in range(0, len(customers), CHUNK):
        holders = Ont.objects.present().filter(customer_id__in=customers[start : start + CHUNK])
        for holder in holders.only("pk", "site_id", "customer_id", "name"):
            if holder.pk in moving:
                continue
            if (holder.site_id, holder.customer_id) in wanted:
                raise CustomerIdTaken(holder.customer_id, str(holder.site), str(holder))


def _free_customer_ids(moved: Collection[int]) -> None:
    """Take rows out of the unique index first, so that two ONTs can swap their customer ids."""
    ids = sorted(moved)
    for start in range(0, len(ids), CHUNK):
        Ont.objects.filter(pk__in=ids[start : start + CHUNK]).update(deleted_at=timezone.now())


def _write(onts: Sequence[Ont]) -> None:
    # One upsert of whole rows: bulk_update's CASE took four times as long for 10,000 rows.
    Ont.objects.bulk_create(
        onts,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*FIELDS, "updated_at"],
    )


def _make(onts: Sequence[Ont]) -> None:
    with_id = [ont for ont in onts if ont.pk is not None]
    Ont.objects.bulk_create(with_id)
    Ont.objects.bulk_create([ont for ont in onts if ont.pk is None])
    if with_id and connection.features.supports_sequence_reset:
        from django.core.management.color import no_style

        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Ont]):
                cursor.execute(statement)


def _records(made: Sequence[Ont], edited: Sequence[tuple[Ont, dict[str, Any]]]) -> list[RowRecord]:
    sites = dict(Site.objects.values_list("pk", "name"))
    areas = dict(Area.objects.values_list("pk", "name"))
    new = [RowRecord(ont.pk, None, plain(values_of(ont), sites, areas)) for ont in made]
    old = [
        RowRecord(
            ont.pk,
            plain(before, sites, areas),
            plain({name: getattr(ont, name) for name in before}, sites, areas),
        )
        for ont, before in edited
    ]
    return new + old


def undo(
    change_id: int, person: Person | None, *, force: bool = False, actor: str = "", source: str = ""
) -> Change:
    """Bring back what a change altered; the undoing is a change of its own and can be undone.

    Fields that the change did not set keep what they became later. `force` also overwrites fields
    that were changed again since.

    Raises:
        AlreadyUndone, ChangedSince, CustomerIdTaken, OntMissing: nothing was written.
    """
    with transaction.atomic():
        change = Change.objects.select_for_update().get(pk=change_id)
        if change.undone_at is not None:
            raise AlreadyUndone
        records = unpack(change)
        present = _present(record.ont_id for record in records)
        later = [present[r.ont_id] for r in records if _differs(present[r.ont_id], r.after)]
        if later and not force:
            raise ChangedSince(later)
        made = apply(
            [RowChange(record.ont_id, _restored(record)) for record in records],
            kind="undo",
            summary=_("Undone: %(change)s") % {"change": change.summary},
            person=person,
            actor=actor,
            source=source,
            undoes=change,
        )
        change.undone_at = made.at
        change.save(update_fields=["undone_at"])
        if change.undoes_id is not None:
            # What the undone undoing had taken back is in force again.
            Change.objects.filter(pk=change.undoes_id).update(undone_at=None)
    return made


def _differs(ont: Ont, after: Mapping[str, Any]) -> bool:
    present = plain({name: getattr(ont, name) for name in FIELDS if name in after}, {}, {})
    return any(present[name] != after[name] for name in FIELDS if name in after)


def _restored(record: RowRecord) -> dict[str, Any]:
    """The values that take this row back; a site or area that was removed is made again."""
    if record.before is None:
        return {"deleted_at": timezone.now()}
    values = {name: value for name, value in record.before.items() if name in FIELDS}
    if values.get("deleted_at"):
        values["deleted_at"] = datetime.fromisoformat(values["deleted_at"])
    if "site_id" in values and not Site.objects.filter(pk=values["site_id"]).exists():
        values["site_id"] = Site.objects.get_or_create(name=record.before["site"])[0].pk
    if values.get("area_id") and not Area.objects.filter(pk=values["area_id"]).exists():
        site = values.get("site_id") or Ont.objects.get(pk=record.ont_id).site_id
        name = record.before.get("area") or _("Unnamed area")
        values["area_id"] = Area.objects.get_or_create(site_id=site, name=name)[0].pk
    return values
