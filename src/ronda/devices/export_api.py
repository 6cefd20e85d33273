"""`/api/v1/exports/onts` and `/duplicates`: lists of ONTs as files, and rows that may be one ONT."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.downloads import download
from ronda.devices.formats.writing import WRITERS
from ronda.devices.service import duplicates, exports
from ronda.kernel.ids import LARGEST_ID
from ronda.web.answers import FAILURES

router = Router(tags=["imports"])
READ = session_or_token(Role.VIEWER)
BINARY = {"type": "string", "format": "binary"}


class ExportQuery(Schema):
    """Which ONTs, in which format; `json` and `onts-json` have the older system's shape."""

    format: Literal["json", "onts-json", "csv", "xlsx", "geojson", "kml"] = "json"
    site: int | None = Field(None, ge=1, le=LARGEST_ID)
    area: int | None = Field(None, ge=1, le=LARGEST_ID)


@router.get(
    "/exports/onts",
    auth=READ,
    response=FAILURES,
    openapi_extra={
        "responses": {
            200: {
                "description": "The file.",
                "content": {
                    kind: {"schema": {} if "json" in kind else BINARY}
                    for kind in (one.content_type.partition(";")[0] for one in WRITERS.values())
                },
            }
        }
    },
)
def export(request: HttpRequest, query: Query[ExportQuery]) -> HttpResponse:
    """The list of ONTs as a file."""
    return download(exports.export(query.format, query.site, area_id=query.area))


class DuplicatesQuery(Schema):
    """Where to look."""

    site: int | None = Field(None, ge=1, le=LARGEST_ID)
    limit: int = Field(500, ge=1, le=5000)


class DuplicateOut(Schema):
    """One ONT of a group."""

    ont: int
    customer_id: str
    name: str
    location: str
    address: str


class GroupOut(Schema):
    """ONTs that agree in one thing; `metres` only for `near`."""

    kind: Literal["customer_id", "address", "name", "coordinates", "near"]
    value: str
    metres: float | None
    members: list[DuplicateOut]


class DuplicatesOut(Schema):
    """What was found, by kind and then largest first."""

    checked: int
    total: int
    groups: list[GroupOut]


@router.get("/duplicates", auth=READ, response={200: DuplicatesOut, **FAILURES})
def find_duplicates(
    request: HttpRequest,
    query: Query[DuplicatesQuery],
) -> Any:
    """ONTs that may be the same one twice."""
    found = duplicates.among_present(query.site)
    return {
        "checked": found.checked,
        "total": len(found.groups),
        "groups": [
            {
                "kind": group.kind.value,
                "value": group.value,
                "metres": group.metres,
                "members": [
                    {
                        "ont": ref,
                        "customer_id": found.onts[ref].customer_id,
                        "name": found.onts[ref].name,
                        "location": found.onts[ref].location,
                        "address": found.onts[ref].address,
                    }
                    for ref in group.members
                ],
            }
            for group in found.groups[: query.limit]
        ],
    }
