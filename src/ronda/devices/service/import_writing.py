"""Writing what a look at a list has shown: all rows in one change that can be undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.devices.models import Area, Category, Change, Ont, Site
from ronda.devices.rules.compare import Line, Outcome
from ronda.devices.rules.places import surroundings_of
from ronda.devices.rules.rows import Candidate
from ronda.devices.service import changes
from ronda.devices.service.changes import RowChange
from ronda.devices.service.imports import ImportPreview


def carry_out(
    preview: ImportPreview,
    *,
    file_name: str,
    person: Person | None,
    actor: str = "",
    source: str = "",
) -> Change:
    """Write what a preview shows; call it in the transaction in which the preview was made.

    Raises:
        NothingToChange, CustomerIdTaken: nothing was written.
    """
    lines = [
        line
        for line in preview.comparison.lines
        if line.outcome in (Outcome.NEW, Outcome.CHANGED) and line.candidate is not None
    ]
    areas = _areas(preview.site, {line.candidate.area for line in lines if line.candidate})
    new = [line for line in lines if line.outcome is Outcome.NEW]
    returning = _deleted_onts(preview.site, [line.candidate for line in new if line.candidate])
    numbers = _numbers_to_keep(new)
    rows: list[RowChange] = []
    for line in lines:
        candidate = line.candidate
        assert candidate is not None  # noqa: S101 -- filtered above
        if line.outcome is Outcome.CHANGED:
            rows.append(RowChange(line.ont_id, _changed_values(line, areas)))
        else:
            rows.append(
                RowChange(
                    returning.get(candidate.customer_id),
                    _new_values(candidate, preview.site, areas),
                    make_as=numbers.get(line.row),
                )
            )
    if preview.delete_missing:
        now = timezone.now()
        rows += [RowChange(ont.id, {"deleted_at": now}) for ont in preview.comparison.missing]
    change = changes.apply(
        rows,
        kind="import",
        summary=_summary(preview, file_name),
        person=person,
        actor=actor,
        source=source,
    )
    _learn_box(preview.site)
    return change


def _summary(preview: ImportPreview, file_name: str) -> str:
    counts = preview.comparison.counts
    return _("Import of %(file)s into %(site)s: %(new)d new, %(changed)d changed") % {
        "file": file_name,
        "site": preview.site.name,
        "new": counts["new"],
        "changed": counts["changed"],
    }


def _areas(site: Site, names: Collection[str]) -> dict[str, int]:
    """The ids of these areas by name; those that are missing are made."""
    wanted = {name for name in names if name}
    found = dict(Area.objects.filter(site=site).values_list("name", "pk"))
    missing = sorted(wanted - found.keys())
    if missing:
        made = [Area(site=site, name=name) for name in missing]
        Area.objects.bulk_create(made, ignore_conflicts=True)  # another import may be making them
        found = dict(Area.objects.filter(site=site).values_list("name", "pk"))
    return found


def _changed_values(line: Line, areas: Mapping[str, int]) -> dict[str, Any]:
    values: dict[str, Any] = {change.field: change.after for change in line.changes}
    if "area" in values:
        values["area_id"] = areas[values.pop("area")]
    return values


def _new_values(candidate: Candidate, site: Site, areas: Mapping[str, int]) -> dict[str, Any]:
    placed = candidate.latitude is not None and candidate.longitude is not None
    return {
        "site_id": site.pk,
        "area_id": areas.get(candidate.area),
        "customer_id": candidate.customer_id,
        "name": candidate.name or candidate.customer_id,
        "location": candidate.location,
        "latitude": candidate.latitude if placed else None,
        "longitude": candidate.longitude if placed else None,
        "address": candidate.address,
        "category": candidate.category or Category.GENERAL.value,
        "notes": candidate.notes,
        "monitored": candidate.monitored is not False,
        "deleted_at": None,
    }


def _deleted_onts(site: Site, candidates: Sequence[Candidate]) -> dict[str, int]:
    """Deleted ONTs of the site by customer id: they come back with their history."""
    wanted = {candidate.customer_id for candidate in candidates}
    deleted = (
        Ont.objects.filter(site=site)
        .exclude(deleted_at=None)
        .order_by("deleted_at", "pk")
        .values_list("customer_id", "pk")
    )
    return {customer_id: pk for customer_id, pk in deleted if customer_id in wanted}


def _numbers_to_keep(new: Sequence[Line]) -> dict[int, int]:
    """In an empty installation ONTs keep the numbers that the older system's readers know.

    Only when they are dense: a number is also the ONT's slot in the history columns.
    """
    numbers = {
        line.row: line.candidate.source_number
        for line in new
        if line.candidate is not None and line.candidate.source_number
    }
    usable = (
        len(numbers) == len(new) > 0
        and len(set(numbers.values())) == len(new)
        and max(numbers.values()) <= 2 * len(new) + 100
        and not Ont.objects.exists()
    )
    return numbers if usable else {}


def _learn_box(site: Site) -> None:
    """Remember where the site lies, so that an empty site still knows which place is wrong."""
    places = [
        (latitude, longitude)
        for latitude, longitude in Ont.objects.present()
        .filter(site=site)
        .values_list("latitude", "longitude")
        if latitude is not None and longitude is not None
    ]
    around = surroundings_of(places)
    if around is None:
        return
    believed = [place for place in places if around.believes(place)]
    site.south, site.north = min(p[0] for p in believed), max(p[0] for p in believed)
    site.west, site.east = min(p[1] for p in believed), max(p[1] for p in believed)
    site.save(update_fields=["south", "west", "north", "east"])
