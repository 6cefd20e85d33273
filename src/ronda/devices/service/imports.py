"""Importing a list: look first, decide, then all rows in one transaction that can be undone.

A file is read and laid beside the site's ONTs (`look`), which changes nothing; `carry_out` writes
what a look has shown. Pages and API keep the file in a draft between the two (`drafts`), the
command line does both at once (`import_file`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.formats import Kind, Limits, Listing, read_listing
from ronda.devices.formats.reading import refuse_size
from ronda.devices.models import Area, Category, Change, Ont, Site
from ronda.devices.rules.columns import columns_of
from ronda.devices.rules.compare import Comparison, KnownOnt, Line, Outcome, compare
from ronda.devices.rules.findings import shown
from ronda.devices.rules.places import Place, surroundings_of
from ronda.devices.rules.rows import Candidate, read_rows
from ronda.devices.rules.text import control_character
from ronda.devices.service import changes
from ronda.devices.service.changes import RowChange
from ronda.devices.service.errors import ChangeRefused
from ronda.devices.service.takers import look_at, taker_of

MEGABYTE = 1_000_000
#: The columns of `KnownOnt`, in its order.
KNOWN_FIELDS = (
    "id",
    "customer_id",
    "name",
    "location",
    "latitude",
    "longitude",
    "address",
    "category",
    "area__name",
    "notes",
    "monitored",
)
#: Told after each step of an import: read, compared, written; and of how many rows.
Progress = Callable[[str, int], None]


class ImportRefused(ChangeRefused):
    """The import cannot be carried out; the text says why and what to do."""

    code = "import_refused"


class WrongKind(ImportRefused):
    """A file of ours to know, but not a list of ONTs, and nobody takes it."""

    code = "wrong_kind"


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do; `fingerprint` names the state of the site it was made from."""

    site: Site
    listing: Listing
    comparison: Comparison
    fingerprint: str
    delete_missing: bool = False

    @property
    def remarks(self) -> list[tuple[str, str]]:
        """What is worth telling about the file as a whole, as code and value."""
        ignored = columns_of(self.listing.headings).ignored
        told = list(self.listing.remarks)
        if ignored:
            told.append(("columns_ignored", ", ".join(map(shown, ignored))[:200]))
        return told

    @property
    def writes(self) -> int:
        """How many ONTs would be written."""
        made = self.comparison.count(Outcome.NEW) + self.comparison.count(Outcome.CHANGED)
        return made + (len(self.comparison.missing) if self.delete_missing else 0)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided: accepted findings and areas (see `rules.compare.compare`)."""

    repairs: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    delete_missing: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Choices:
        """The choices kept in a draft."""
        return cls(
            tuple(stored.get("repairs", ())),
            tuple(stored.get("areas", ())),
            bool(stored.get("delete_missing", False)),
        )

    def stored(self) -> dict[str, Any]:
        """As a draft keeps them."""
        return {
            "repairs": _storable(self.repairs),
            "areas": _storable(self.areas),
            "delete_missing": self.delete_missing,
        }


def _storable(texts: Iterable[str]) -> list[str]:
    """What names a finding or an area never holds control characters, which databases refuse."""
    return [text for text in texts if control_character(text) is None]


def limits() -> Limits:
    """How much this installation takes."""
    return Limits(file_bytes=settings.RONDA.upload_mb * MEGABYTE)


def read_path(path: Path) -> bytes:
    """The bytes of a file, refused by its size before it is opened.

    Raises:
        FormatError: too large.
        OSError: as from the disk.
    """
    refuse_size(path.stat().st_size, limits())
    return path.read_bytes()


def read(content: bytes) -> Listing:
    """The file, understood.

    Raises:
        FormatError: nothing of it was used.
    """
    bounds = limits()
    refuse_size(len(content), bounds)
    return read_listing(content, bounds)


def known_onts(site: Site) -> list[KnownOnt]:
    """The site's present ONTs as the rules compare them; none for a site that is not saved yet."""
    if not site.pk:
        return []
    onts = Ont.objects.present().filter(site=site).order_by("pk").values_list(*KNOWN_FIELDS)
    return [
        KnownOnt(*values[:8], values[8] or "", *values[9:])  # type: ignore[call-arg] # eleven of them
        for values in onts.iterator(chunk_size=5000)
    ]


def _near(site: Site, known: Sequence[KnownOnt]) -> list[Place]:
    places = [
        (ont.latitude, ont.longitude)
        for ont in known
        if ont.latitude is not None and ont.longitude is not None
    ]
    if places or None in (site.south, site.west, site.north, site.east):
        return places
    south, west, north, east = (
        float(v or 0) for v in (site.south, site.west, site.north, site.east)
    )
    return [(south, west), (south, east), (north, west), (north, east)]


def look(listing: Listing, site: Site, choices: Choices | None = None) -> ImportPreview:
    """What importing this list into the site would do; changes nothing.

    Raises:
        WrongKind: the file lists something else, or nothing.
    """
    if listing.kind is not Kind.ONTS:
        from ronda.devices.service import wording

        raise WrongKind(
            _("The file is %(kind)s, not a list of ONTs.") % {"kind": wording.KINDS[listing.kind]}
        )
    chosen = choices or Choices()
    known = known_onts(site)
    areas = list(Area.objects.filter(site=site).values_list("name", flat=True)) if site.pk else []
    readings = read_rows(listing.rows, near=_near(site, known), known_areas=areas)
    comparison = compare(
        readings,
        known,
        known_areas=areas,
        accepted=frozenset(chosen.repairs),
        accepted_areas=frozenset(chosen.areas),
    )
    fingerprint = hashlib.sha256(repr(known).encode()).hexdigest()[:16]
    return ImportPreview(site, listing, comparison, fingerprint, chosen.delete_missing)


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


def import_other(
    content: bytes,
    *,
    file_name: str = "",
    site_name: str = "",
    person: Person | None = None,
    dry_run: bool = False,
) -> tuple[Kind, int, list[str]] | None:
    """Hand one of the older systems' other files to whoever takes it.

    Its kind, how many records, and what taking it comes to in sentences. None for a list of ONTs,
    and for a kind that nobody takes. What was taken is written down with the site, to be undone.

    Raises:
        FormatError, ImportRefused: nothing was written.
    """
    from ronda.devices.service import drafts

    listing = read(content)
    taker = taker_of(listing.kind)
    if listing.kind is Kind.ONTS or taker is None:
        return None
    with transaction.atomic():
        told = look_at(listing)
        if dry_run:
            return listing.kind, len(listing.rows), told
        taken = taker(listing, person)
        if site_name:
            site = drafts.site_named(site_name, person, "terminal")
            drafts.note_taken(listing.kind, taken, content=content, file_name=file_name, site=site)
        count = taken if isinstance(taken, int) else taken.count
        told_of = {"kind": listing.kind.value, "count": count}
        audit.record(person, "import.take", file_name, None, told_of, "terminal")
    return listing.kind, taken if isinstance(taken, int) else taken.count, told


def import_file(
    content: bytes,
    *,
    file_name: str,
    site_name: str,
    choices: Choices,
    actor: str,
    person: Person | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _step, _count: None,
) -> tuple[ImportPreview, Change | None]:
    """Read, compare and write in one go, for the command line; a new site is made when needed.

    Returns the preview and the change; no change on a dry run or when nothing differs.

    Raises:
        FormatError, ImportRefused, ChangeRefused: nothing was written, not even the site.
    """
    listing = read(content)
    progress("read", len(listing.rows))
    with transaction.atomic():
        site = Site.objects.filter(name__iexact=site_name).first() or Site(name=site_name)
        preview = look(listing, site, choices)
        progress("compared", len(preview.comparison.lines))
        if dry_run or not preview.writes:
            return preview, None
        if not site.pk:
            site.save()
            audit.record(person, "site.create", site_name, source="terminal")
        change = carry_out(
            preview, file_name=file_name, person=person, actor=actor, source="terminal"
        )
    progress("written", change.count)
    return preview, change
