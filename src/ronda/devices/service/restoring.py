"""Bringing the list of ONTs back to what a backup says; a change like any other, so undoable."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.devices.models import Area, Category, Change, Ont, Site
from ronda.devices.service import backups
from ronda.devices.service.changes import RowChange, apply
from ronda.storage.dated import Dated


def restore(backup: Dated, person: Person | None, *, actor: str = "", source: str = "") -> Change:
    """Make the list what it was when `backup` was written.

    ONTs that are not in it are deleted (softly), those in it come back or get their values back,
    ids and history included.

    Raises:
        backups.BackupUnreadable: the file is damaged.
        changes.NothingToChange: the list already is like that.
    """
    return restore_rows(
        backups.read(backup),
        summary=_("Restored from %(name)s") % {"name": backup.name},
        person=person,
        actor=actor,
        source=source,
    )


def restore_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    summary: str,
    person: Person | None,
    actor: str = "",
    source: str = "",
) -> Change:
    """`restore` for rows that were read already."""
    backups.keep_present_state("restore")
    with transaction.atomic():
        wanted = _changes(rows)
        return apply(
            wanted, kind="restore", summary=summary, person=person, actor=actor, source=source
        )


def _changes(rows: Iterable[Mapping[str, Any]]) -> list[RowChange]:
    places = _Places()
    present = {ont.pk: ont for ont in Ont.objects.all()}
    by_key = {
        (ont.site_id, ont.customer_id): ont for ont in present.values() if ont.deleted_at is None
    }
    changes: list[RowChange] = []
    kept: set[int] = set()
    for row in rows:
        values = _values(row, places)
        ont = _same(row, present) or by_key.get((values["site_id"], values["customer_id"]))
        if ont is not None and ont.pk not in kept:
            kept.add(ont.pk)
            changes.append(RowChange(ont.pk, values))
        else:
            free = isinstance(row.get("id"), int) and row["id"] not in present
            changes.append(RowChange(None, values, make_as=row["id"] if free else None))
    gone = [pk for pk, ont in present.items() if ont.deleted_at is None and pk not in kept]
    now = timezone.now()
    return changes + [RowChange(pk, {"deleted_at": now}) for pk in gone]


def _same(row: Mapping[str, Any], present: Mapping[int, Ont]) -> Ont | None:
    """The ONT that this row was written from: its id, made at the same moment.

    The moment matters: in an installation that started anew, an id belongs to somebody else.
    """
    ont = present.get(row.get("id", 0))
    made_at = row.get("created_at")
    return ont if ont is not None and ont.created_at.isoformat() == made_at else None


def _values(row: Mapping[str, Any], places: "_Places") -> dict[str, Any]:
    site = places.site(str(row.get("site") or ""))
    category = str(row.get("category") or "")
    return {
        "site_id": site,
        "area_id": places.area(site, str(row.get("area") or "")),
        "customer_id": str(row["id_ccbs"]),
        "name": str(row["name"]),
        "location": str(row.get("lokasi") or ""),
        "address": str(row.get("ip") or ""),
        "latitude": row.get("latitude"),
        "longitude": row.get("longitude"),
        "category": category if category in Category.values else Category.GENERAL,
        "notes": str(row.get("notes") or ""),
        "monitored": bool(row.get("monitored", True)),
        "deleted_at": None,
    }


class _Places:
    """Sites and areas by name, made when a backup names one that is gone."""

    def __init__(self) -> None:
        self.sites = {site.name: site.pk for site in Site.objects.all()}
        self.areas = {(area.site_id, area.name): area.pk for area in Area.objects.all()}

    def site(self, name: str) -> int:
        if not name:
            name = next(iter(self.sites), _("Main site"))
        if name not in self.sites:
            self.sites[name] = Site.objects.create(name=name).pk
        return self.sites[name]

    def area(self, site: int, name: str) -> int | None:
        if not name:
            return None
        if (site, name) not in self.areas:
            self.areas[site, name] = Area.objects.create(site_id=site, name=name).pk
        return self.areas[site, name]


def written_at(backup: Dated) -> datetime:
    """When the backup was written, from the file's own time."""
    return datetime.fromtimestamp(backup.path.stat().st_mtime, UTC)
