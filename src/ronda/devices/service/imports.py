"""Importing a list: look first, decide, then all rows in one transaction that can be undone.

A file is read and laid beside the site's ONTs (`look`), which changes nothing;
`import_writing.carry_out` writes what a look has shown. Pages and API keep the file in a draft
between the two (`drafts`), the command line does both at once (`import_at_once`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from ronda.devices.formats import Kind, Limits, Listing, read_listing
from ronda.devices.formats.reading import refuse_size
from ronda.devices.models import Area, Ont, Site
from ronda.devices.rules.columns import columns_of
from ronda.devices.rules.compare import Comparison, KnownOnt, Outcome, compare
from ronda.devices.rules.findings import shown
from ronda.devices.rules.places import Place
from ronda.devices.rules.reading import read_rows
from ronda.devices.rules.text import control_character
from ronda.devices.service.errors import ChangeRefused

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
