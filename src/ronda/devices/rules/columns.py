"""Which column of a foreign file holds which field of ours.

The older systems' keys (`id_ccbs`, `id_pelanggan`, `ID/Nama/Lokasi/...`) come from their files;
the rest are the headings people write by hand in Indonesian and English.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

_FIELDS: dict[str, tuple[str, ...]] = {
    "customer_id": (
        "idccbs",
        "ccbs",
        "idpelanggan",
        "customerid",
        "idcustomer",
        "nopelanggan",
        "nomorpelanggan",
        "kodepelanggan",
        "pelangganid",
    ),
    "name": ("name", "nama", "namaont", "namalokasi", "namasekolah", "ontname", "title", "judul"),
    "location": ("lokasi", "location", "tempat", "place", "alamatlokasi", "namatempat"),
    "latitude": ("latitude", "lat", "lintang", "garislintang"),
    "longitude": ("longitude", "lon", "long", "lng", "bujur", "garisbujur"),
    "coordinates": ("koordinat", "coordinates", "coordinate", "latlong", "latlng", "latlon"),
    "address": ("ip", "ipaddress", "address", "alamatip", "ipont", "ippublik", "host", "hostname"),
    "category": ("category", "kategori", "jenis", "program"),
    "area": ("area", "padukuhan", "dusun", "wilayah", "kampung"),
    "notes": ("notes", "catatan", "keterangan", "note", "description", "deskripsi"),
    "monitored": ("monitored", "dipantau", "pantau", "watched"),
}
_BY_HEADING = {heading: name for name, headings in _FIELDS.items() for heading in headings}
_NUMBERS = ("no", "nomor", "number", "nourut")
_KNOWN_IGNORED = {
    "status",
    "rtocount",
    "laston",
    "icon",
    "site",
    "situs",
    "kind",
    *_NUMBERS,
}


def fold(heading: str) -> str:
    """A heading without case, spaces and punctuation: `Id_CCBS ` and `ID CCBS` are the same."""
    return "".join(c for c in heading.casefold() if c.isalnum())


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings of a file, by field of ours; `ignored` names those nobody reads."""

    headings: dict[str, str]
    number: str | None = None
    ignored: tuple[str, ...] = ()
    doubled: tuple[str, ...] = field(default=())

    @property
    def has_customer_id(self) -> bool:
        """Can rows of this file be told apart at all?"""
        return "customer_id" in self.headings


def columns_of(headings: Iterable[str]) -> Columns:
    """Find our fields among a file's headings.

    `id` is the customer id only when nothing better is there: the older lists have both a running
    `id` and `id_ccbs`, the newer one has `no` and `ID`.
    """
    found: dict[str, str] = {}
    number: str | None = None
    bare_id: str | None = None
    ignored: list[str] = []
    doubled: list[str] = []
    for heading in headings:
        folded = fold(heading)
        name = _BY_HEADING.get(folded)
        if name is not None:
            if name in found:
                doubled.append(heading)
            else:
                found[name] = heading
        elif folded == "id" and bare_id is None:
            bare_id = heading
        elif folded in _NUMBERS and number is None:
            number = heading
        elif folded not in _KNOWN_IGNORED:
            ignored.append(heading)
    if bare_id is not None:
        if "customer_id" in found:
            number = bare_id
        else:
            found["customer_id"] = bare_id
    return Columns(found, number, tuple(ignored), tuple(doubled))


def recognised(headings: Iterable[str]) -> int:
    """How many of these headings mean something to us; the heading line has most."""
    return len(columns_of(headings).headings)
