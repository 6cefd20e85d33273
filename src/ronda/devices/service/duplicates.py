"""Which ONTs may be the same one twice, among those present or in a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from ronda.devices.formats import Kind as ListKind
from ronda.devices.models import Ont
from ronda.devices.rules.columns import columns_of
from ronda.devices.rules.coordinates import read_angle
from ronda.devices.rules.duplicates import Group, Kind, Listed, find_duplicates
from ronda.devices.rules.places import in_range
from ronda.devices.rules.rows import RawRow
from ronda.devices.rules.text import tidy
from ronda.devices.service.imports import WrongKind, read
from ronda.devices.service.scope import mine

KIND_NAMES = {
    Kind.CUSTOMER_ID: gettext_lazy("Same customer ID"),
    Kind.ADDRESS: gettext_lazy("Same address"),
    Kind.NAME: gettext_lazy("Same name and location"),
    Kind.COORDINATES: gettext_lazy("Same coordinates"),
    Kind.NEAR: gettext_lazy("Closer than 10 m"),
}


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What was found; `onts` gives the members of the groups by their ref."""

    groups: tuple[Group, ...]
    onts: dict[int, Listed]
    checked: int


def among_present(site_id: int | None = None) -> Duplicates:
    """Groups among the present ONTs, of one site or of all; refs are ONT ids."""
    onts = mine(Ont.objects.present()).order_by("pk")
    if site_id is not None:
        onts = onts.filter(site_id=site_id)
    return _found(
        Listed(*values)
        for values in onts.values_list(
            "pk",
            "customer_id",
            "name",
            "location",
            "address",
            "latitude",
            "longitude",
            "site__name",
        ).iterator(chunk_size=5000)
    )


def in_file(content: bytes) -> Duplicates:
    """Groups among the rows of a file; refs are row numbers.

    Reads cells as they stand, without the import's judgement: a row that an import refuses is
    still somebody's double.

    Raises:
        FormatError: the file is refused.
        WrongKind: it is no list of ONTs.
    """
    listing = read(content)
    if listing.kind not in (ListKind.ONTS, ListKind.EMPTY):
        raise WrongKind(f"{listing.kind.value}")
    return _found(_listed(row) for row in listing.rows)


def _listed(row: RawRow) -> Listed:
    headings = columns_of(row.values).headings

    def text(name: str) -> str:
        value = row.values.get(headings.get(name, ""))
        return tidy(str(value)) if value is not None else ""

    latitude, longitude = (
        read_angle(row.values.get(headings.get(name, ""))).value
        for name in ("latitude", "longitude")
    )
    if latitude is None or longitude is None or not in_range((latitude, longitude)):
        latitude = longitude = None
    return Listed(
        row.number,
        text("customer_id"),
        text("name"),
        text("location"),
        text("address"),
        latitude,
        longitude,
    )


def _found(listed: Iterable[Listed]) -> Duplicates:
    everyone = list(listed)
    groups = tuple(find_duplicates(everyone))
    named = {ref for group in groups for ref in group.members}
    return Duplicates(groups, {o.ref: o for o in everyone if o.ref in named}, len(everyone))
