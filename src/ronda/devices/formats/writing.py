"""Lists of ONTs as files that other people and programs open.

Whatever is written here reads back as the same list (`rules.compare` calls every row the same),
and no cell of a CSV or workbook is run by a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ronda.devices.rules.text import guard


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One ONT as it leaves; the last three fields only go into the older fallback shape."""

    id: int
    customer_id: str
    name: str = ""
    location: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    category: str = "general"
    area: str = ""
    notes: str = ""
    monitored: bool = True
    site: str = ""
    status: str = "UNKNOWN"
    rto_count: int = 0
    last_on: str | None = None


COLUMNS = (
    "customer_id",
    "name",
    "location",
    "latitude",
    "longitude",
    "address",
    "category",
    "area",
    "monitored",
    "notes",
    "site",
)


def older_record(row: ExportRow) -> dict[str, Any]:
    """The seven keys of the older system's main list, in its order."""
    return {
        "id": row.id,
        "id_ccbs": row.customer_id,
        "name": row.name,
        "lokasi": row.location,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "ip": row.address,
    }


def fallback_record(row: ExportRow) -> dict[str, Any]:
    """The older system's fallback list: the same and three fields of state."""
    return {
        **older_record(row),
        "status": row.status,
        "rto_count": row.rto_count,
        "last_on": row.last_on,
    }


def _cell(row: ExportRow, column: str) -> str | float | None:
    value = getattr(row, column)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value  # type: ignore[no-any-return]


def _json(records: Iterable[Mapping[str, Any]]) -> bytes:
    return (json.dumps(list(records), ensure_ascii=False, indent=2) + "\n").encode()


def write_json(rows: Iterable[ExportRow]) -> bytes:
    """The older system's main list."""
    return _json(map(older_record, rows))


def write_fallback_json(rows: Iterable[ExportRow]) -> bytes:
    """The older system's fallback list."""
    return _json(map(fallback_record, rows))


def write_csv(rows: Iterable[ExportRow]) -> bytes:
    """CSV by RFC 4180, with the mark by which Excel knows UTF-8, and formula-safe cells."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (_cell(row, column) for column in COLUMNS)
        writer.writerow([guard(c) if isinstance(c, str) else c for c in cells])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[ExportRow]) -> bytes:
    """A workbook in which every text is a text cell: never a formula, a link or a number."""
    import xlsxwriter  # slow to import, seldom needed

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    page = book.add_worksheet("ONT")
    bold = book.add_format({"bold": True})
    page.freeze_panes(1, 0)
    page.set_column(0, 2, 24)
    for position, column in enumerate(COLUMNS):
        page.write_string(0, position, column, bold)
    for number, row in enumerate(rows, 1):
        for position, column in enumerate(COLUMNS):
            value = _cell(row, column)
            if isinstance(value, str):
                page.write_string(number, position, value)
            elif value is not None:
                page.write_number(number, position, value)
    book.close()
    return out.getvalue()


def _properties(row: ExportRow) -> dict[str, Any]:
    return {
        column: getattr(row, column)
        for column in COLUMNS
        if column not in ("latitude", "longitude")
    }


def write_geojson(rows: Iterable[ExportRow]) -> bytes:
    """A feature collection (RFC 7946); ONTs without a place have no geometry."""
    features = [
        {
            "type": "Feature",
            "id": row.id,
            "properties": _properties(row),
            "geometry": None
            if row.latitude is None or row.longitude is None
            else {"type": "Point", "coordinates": [row.longitude, row.latitude]},
        }
        for row in rows
    ]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


_KML_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>ONT</name>
"""


def write_kml(rows: Iterable[ExportRow]) -> bytes:
    """KML 2.2 as Google Earth and QGIS read it."""
    parts = [_KML_HEAD]
    parts += map(_placemark, rows)
    parts.append("</Document></kml>\n")
    return "".join(parts).encode()


def _placemark(row: ExportRow) -> str:
    data = "".join(
        f"<Data name={quoteattr(name)}><value>{escape(_as_text(value))}</value></Data>"
        for name, value in _properties(row).items()
    )
    point = (
        ""
        if row.latitude is None or row.longitude is None
        else f"<Point><coordinates>{row.longitude!r},{row.latitude!r}</coordinates></Point>"
    )
    return (
        f"<Placemark><name>{escape(row.name)}</name>"
        f"<ExtendedData>{data}</ExtendedData>{point}</Placemark>\n"
    )


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


@dataclass(frozen=True, slots=True)
class Writer:
    """One format that lists go out in."""

    write: Callable[[Iterable[ExportRow]], bytes]
    extension: str
    content_type: str


WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "json": Writer(write_json, "json", "application/json"),
        "onts-json": Writer(write_fallback_json, "json", "application/json"),
        "csv": Writer(write_csv, "csv", "text/csv; charset=utf-8"),
        "xlsx": Writer(
            write_xlsx,
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "geojson": Writer(write_geojson, "geojson", "application/geo+json"),
        "kml": Writer(write_kml, "kml", "application/vnd.google-earth.kml+xml"),
    }
)
