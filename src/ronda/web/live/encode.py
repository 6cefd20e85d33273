"""The fleet as JSON bytes in the shapes of docs/live.md and of the older `/api/onts`: pure functions."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ronda.web.live.rows import DEGRADED, FLAPPING, STATES, Row, full, short

Watch = Mapping[str, Any]


def compact(value: object) -> bytes:
    """JSON without spaces, UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Area by area, then by id: neighbours in the list look alike and compress well."""
    return sorted(rows, key=lambda row: (row.area or 0, row.id))


def differences(numbers: Iterable[int]) -> list[int]:
    """Each number less the one before it."""
    last = 0
    out = []
    for number in numbers:
        out.append(number - last)
        last = number
    return out


def micro_degrees(degrees: Iterable[float | None]) -> list[int | None]:
    """Micro-degrees, each less the last one that is known."""
    last = 0
    out: list[int | None] = []
    for degree in degrees:
        if degree is None:
            out.append(None)
        else:
            value = round(degree * 1e6)
            out.append(value - last)
            last = value
    return out


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many ONTs are in each state; all keys are always there."""
    tally = [0] * len(STATES)
    total = flapping = degraded = unlocated = 0
    for row in rows:
        total += 1
        tally[row.state] += 1
        if row.overlay:
            flapping += bool(row.overlay & FLAPPING)
            degraded += bool(row.overlay & DEGRADED)
        unlocated += row.lat is None or row.lon is None
    return {
        "total": total,
        **dict(zip(STATES, tally, strict=True)),
        "flapping": flapping,
        "degraded": degraded,
        "unlocated": unlocated,
    }


def columns(
    rows: Sequence[Row], version: int, at: int, totals: Mapping[str, int], watch: Watch
) -> bytes:
    """`/live/columns` of rows that are `in_order`."""
    areas: dict[int, int] = {}
    names: list[list[int | str]] = []
    for row in rows:
        if row.area is not None and row.area not in areas:
            areas[row.area] = len(names)
            names.append([row.area, row.area_name, row.site])
    return compact(
        {
            "version": version,
            "at": at,
            "ids": differences(row.id for row in rows),
            "lat": micro_degrees(row.lat for row in rows),
            "lon": micro_degrees(row.lon for row in rows),
            "areas": names,
            "area": [-1 if row.area is None else areas[row.area] for row in rows],
            "categories": "".join(str(row.category) for row in rows),
            "states": "".join(str(row.state) for row in rows),
            "rows": [short(row) for row in rows if not row.is_plain],
            "counts": totals,
            "watch": watch,
        }
    )


def names(rows: Sequence[Row], version: int, *, public: bool) -> bytes:
    """`/live/names` of rows that are `in_order`."""
    return compact(
        {
            "version": version,
            "ids": differences(row.id for row in rows),
            "names": [row.name for row in rows],
            "customer_ids": [None if public else row.customer_id for row in rows],
            "locations": [row.location or None for row in rows],
            "addresses": [None if public else row.address or None for row in rows],
        }
    )


def delta(
    base: int,
    version: int,
    at: int,
    *,
    rows: Iterable[Row],
    changed: Iterable[Row],
    gone: Iterable[int],
    totals: Mapping[str, int],
    watch: Watch,
    public: bool = False,
) -> bytes:
    """What a client at `base` must apply to be at `version`."""
    return compact(
        {
            "base": base,
            "version": version,
            "at": at,
            "rows": [short(row) for row in rows],
            "changed": [full(row, public=public) for row in changed],
            "gone": list(gone),
            "counts": totals,
            "watch": watch,
        }
    )


def older(row: Row) -> bytes:
    """One entry of the older `/api/onts`, with its exact keys."""
    return compact(
        {
            "id": row.id,
            "id_ccbs": row.customer_id,
            "name": row.name,
            "lokasi": row.location,
            "ip": row.address,
            "latitude": row.lat,
            "longitude": row.lon,
            "status": row.status,
        }
    )


def event(name: str, data: bytes, version: int | None = None) -> bytes:
    """One server-sent event; compact JSON has no line break, so one data line is enough."""
    identity = b"" if version is None else b"id: %d\n" % version
    return b"event: %s\n%sdata: %s\n\n" % (name.encode(), identity, data)
