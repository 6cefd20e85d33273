"""KML and KMZ from Google Earth, My Maps and QGIS: placemarks with points."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ronda.devices.formats.archives import open_archive, unpack
from ronda.devices.formats.errors import (
    FileDangerous,
    FileTooLarge,
    FileTruncated,
    FileUnreadable,
)
from ronda.devices.formats.listing import Kind, Limits, Listing
from ronda.devices.rules.columns import columns_of
from ronda.devices.rules.rows import RawRow

_KML_MEMBER = re.compile(r".*\.kml", re.IGNORECASE)


def read_kmz(content: bytes, limits: Limits) -> Listing:
    """Read the document of a KMZ: `doc.kml`, else the first `.kml` (as the KMZ manual says)."""
    members = unpack(open_archive(content), _KML_MEMBER, limits)
    if not members:
        raise FileUnreadable("zip_unknown")
    name = "doc.kml" if "doc.kml" in members else next(iter(members))
    listing = read_kml(members[name], limits)
    return Listing(listing.kind, "kmz", listing.rows, listing.remarks)


def read_kml(content: bytes, limits: Limits) -> Listing:
    """Read the placemarks; `number` is the placemark's position from 1.

    Any namespace or none. Data come from `ExtendedData` (both forms), else name and description.

    Raises:
        FileDangerous: a document type, entities, or nesting deeper than any map.
        FileTruncated: the XML ends early; says where and how many placemarks were whole.
    """
    rows: list[RawRow] = []
    try:
        for placemark in _placemarks(content, limits):
            if len(rows) >= limits.rows:
                raise FileTooLarge("too_many_rows", row=len(rows), limit=limits.rows)
            rows.append(_row(len(rows) + 1, placemark, limits))
    except ParseError as wrong:
        line, column = wrong.position
        if wrong.code in (3, 5, 6):  # expat: no element found, unclosed token, partial character
            raise FileTruncated(
                "xml_cut_off", row=line, column=column + 1, records=len(rows)
            ) from None
        raise FileUnreadable("xml_mistake", row=line, column=column + 1) from None
    except DefusedXmlException:
        raise FileDangerous("xml_entities", member="KML") from None
    except (ValueError, LookupError):  # an encoding that Python or expat does not know
        raise FileUnreadable("xml_mistake", row=1, column=1) from None
    return Listing(Kind.ONTS if rows else Kind.EMPTY, "kml", rows)


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _placemarks(content: bytes, limits: Limits) -> Iterator[Element]:
    depth = 0
    events: Any = iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True)
    for event, element in events:
        if event == "start":
            depth += 1
            if depth == 1 and _tag(element) not in ("kml", "Document", "Folder", "Placemark"):
                raise FileUnreadable("xml_no_kml", row=1, found=_tag(element)[:40])
            if depth > limits.depth:
                raise FileDangerous("nested_too_deep")
        else:
            depth -= 1
            if _tag(element) == "Placemark":
                yield element
                element.clear()


def _row(number: int, placemark: Element, limits: Limits) -> RawRow:
    values: dict[str, object] = {}
    texts: dict[str, str] = {}
    point: str | None = None
    shapes: list[str] = []
    for element in placemark.iter():
        tag = _tag(element)
        if tag == "Data" and element.get("name"):
            value = next((c.text for c in element if _tag(c) == "value"), None)
            values[str(element.get("name"))] = value or ""
        elif tag == "SimpleData" and element.get("name"):
            values[str(element.get("name"))] = element.text or ""
        elif tag in ("name", "description", "address"):
            texts.setdefault(tag, element.text or "")
        elif tag == "Point":
            point = next((c.text for c in element if _tag(c) == "coordinates"), None) or ""
        elif tag in ("LineString", "Polygon", "LinearRing", "Model"):
            shapes.append(tag)
    if len(values) > limits.columns:
        raise FileTooLarge("too_many_columns", row=number, limit=limits.columns)
    found = columns_of(values).headings
    if "name" not in found and texts.get("name"):
        values["name"] = texts["name"]
    if "notes" not in found and texts.get("description"):
        values["description"] = texts["description"]
    if "customer_id" not in found and placemark.get("id"):
        values["id"] = placemark.get("id")
    if point is None:
        trouble = (("not_a_point", "Point", shapes[0]),) if shapes else ()
        return RawRow(number, values, trouble)
    for name in ("latitude", "longitude", "coordinates"):
        values.pop(found.get(name, ""), None)
    parts = [p.strip() for p in point.strip().split(",")]
    if len(parts) in (2, 3):
        values["longitude"], values["latitude"] = parts[0], parts[1]
    elif point.strip():
        return RawRow(number, values, (("not_a_point", "coordinates", point.strip()[:80]),))
    return RawRow(number, values)
