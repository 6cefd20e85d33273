"""GeoJSON (RFC 7946): points with properties."""

from __future__ import annotations

from typing import Any

from ronda.devices.formats.errors import FileTooLarge, FileUnreadable
from ronda.devices.formats.listing import Kind, Limits, Listing
from ronda.devices.rules.columns import columns_of
from ronda.devices.rules.rows import RawRow


def is_geojson(document: Any) -> bool:
    """Does this JSON document say that it is GeoJSON?"""
    return isinstance(document, dict) and document.get("type") in ("FeatureCollection", "Feature")


def read_geojson(document: dict[str, Any], limits: Limits) -> Listing:
    """Read the features; `number` is the feature's position from 1.

    The geometry wins over coordinates among the properties.

    Raises:
        FormatError: no features, or too many.
    """
    features = document.get("features") if document["type"] == "FeatureCollection" else [document]
    if not isinstance(features, list):
        raise FileUnreadable("geojson_features")
    if len(features) > limits.rows:
        raise FileTooLarge("too_many_rows", limit=limits.rows)
    rows = [_row(number, feature, limits) for number, feature in enumerate(features, 1)]
    return Listing(Kind.ONTS if rows else Kind.EMPTY, "geojson", rows)


def _row(number: int, feature: Any, limits: Limits) -> RawRow:
    if not isinstance(feature, dict):
        raise FileUnreadable("record_expected", row=number, found=type(feature).__name__)
    properties = feature.get("properties")
    values: dict[str, object] = dict(properties) if isinstance(properties, dict) else {}
    if len(values) > limits.columns:
        raise FileTooLarge("too_many_columns", row=number, limit=limits.columns)
    if "id" in feature and not columns_of(values).has_customer_id:
        values["id"] = feature["id"]
    geometry = feature.get("geometry")
    if geometry is None:
        return RawRow(number, values)
    point = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if (
        not isinstance(geometry, dict)
        or geometry.get("type") != "Point"
        or not isinstance(point, list)
        or len(point) < 2
    ):
        shape = geometry.get("type") if isinstance(geometry, dict) else geometry
        return RawRow(number, values, (("not_a_point", "geometry", str(shape)),))
    found = columns_of(values).headings
    for name in ("latitude", "longitude", "coordinates"):
        values.pop(found.get(name, ""), None)
    return RawRow(number, values | {"longitude": point[0], "latitude": point[1]})
