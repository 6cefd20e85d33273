"""The list of ONTs as a file for people and other programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from ronda.devices.formats.writing import WRITERS, ExportRow
from ronda.devices.models import Ont
from ronda.devices.service.scope import mine

FORMATS = tuple(WRITERS)


@dataclass(frozen=True, slots=True)
class OlderState:
    """What the older fallback list says of one ONT's state, in its words."""

    status: str
    rto_count: int = 0
    last_on: str | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A file ready to be sent."""

    content: bytes
    content_type: str
    file_name: str
    count: int


def rows(
    site_id: int | None = None,
    *,
    area_id: int | None = None,
    states: Callable[[], Mapping[int, OlderState]] | None = None,
) -> list[ExportRow]:
    """The present ONTs, of one site or area if given, in the order of their ids."""
    known = states() if states is not None else {}
    unknown = OlderState("UNKNOWN")
    onts = mine(Ont.objects.present()).order_by("pk")
    if site_id is not None:
        onts = onts.filter(site_id=site_id)
    if area_id is not None:
        onts = onts.filter(area_id=area_id)
    listed = []
    for values in onts.values_list(
        "pk",
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
        "site__name",
    ).iterator(chunk_size=5000):
        state = known.get(values[0], unknown)
        listed.append(
            ExportRow(
                *values[:8],
                area=values[8] or "",
                notes=values[9],
                monitored=values[10],
                site=values[11],
                status=state.status,
                rto_count=state.rto_count,
                last_on=state.last_on,
            )
        )
    return listed


def export(
    format_: str,
    site_id: int | None = None,
    *,
    area_id: int | None = None,
    states: Callable[[], Mapping[int, OlderState]] | None = None,
    at: datetime | None = None,
) -> Export:
    """The list in one of `FORMATS`.

    `states` is asked only for formats that carry a state; devices itself knows of none.

    Raises:
        KeyError: no such format.
    """
    writer = WRITERS[format_]
    listed = rows(site_id, area_id=area_id, states=states if format_ == "onts-json" else None)
    moment = timezone.localtime(at or timezone.now())
    return Export(
        writer.write(listed),
        writer.content_type,
        f"onts-{moment:%Y%m%d-%H%M%S}.{writer.extension}",
        len(listed),
    )
