"""Notices under `/api/v1`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import StrictBool, StrictInt

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.accounts.service import audit
from ronda.alerts import service
from ronda.alerts.models import Notice
from ronda.alerts.service import backups, own
from ronda.alerts.service.wording import text_of
from ronda.kernel.ids import LARGEST_ID
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["notices"])

Type = Literal["success", "info", "warning", "danger"]


class NoticeOut(Schema):
    """One notice; `details` names the ONTs it tells of."""

    id: int
    type: str
    kind: str
    text: str
    ont: int | None
    ont_name: str
    at: datetime
    read_at: datetime | None
    details: dict[str, Any]


class NoticesOut(Schema):
    """One page of notices, newest first; `mine` counts the caller's own that they have not read."""

    count: int
    unread: int
    mine: int
    items: list[NoticeOut]


class NoticeIn(Schema):
    """A notice to be made."""

    type: Type = "info"
    text: str = Field(min_length=1, max_length=2000)


class Chosen(Schema):
    """Which notices: their ids, or all."""

    ids: list[StrictInt] = Field(default=[], max_length=10_000)
    all: StrictBool = False


class Count(Schema):
    """How many notices an operation concerned."""

    count: int


class BackupOut(Schema):
    """One backup file of notices."""

    name: str
    at: datetime
    size: int


def _out(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.pk,
        "type": notice.type,
        "kind": notice.kind,
        "text": text_of(notice),
        "ont": notice.ont_id,
        "ont_name": notice.ont_name,
        "at": notice.at,
        "read_at": notice.read_at,
        "details": notice.details,
    }


@router.get("/notices", response={200: NoticesOut, **FAILURES}, auth=session_or_token(Role.VIEWER))
def notices(
    request: HttpRequest,
    type: Type | None = None,  # noqa: A002 -- the older systems' word
    kind: Annotated[str, Query(max_length=24)] = "",
    unread: bool = False,
    ont: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    q: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Any:
    """Notices, newest first."""
    found = service.filtered(
        type=type or "",
        kind=kind.replace("\0", ""),
        unread=unread,
        ont=ont,
        search=q.replace("\0", ""),
    )
    return {
        "count": found.count(),
        "unread": service.unread_count(),
        "mine": own.unread_count(request.user) if isinstance(request.user, Person) else 0,
        "items": [_out(notice) for notice in found[offset : offset + limit]],
    }


@router.post("/notices", response={201: NoticeOut, **FAILURES}, auth=session_or_token(Role.NOC))
def create(request: HttpRequest, new: NoticeIn) -> Any:
    """Make a notice."""
    made = service.create(new.type, new.text.replace("\0", ""))
    audit.record_request(request, "notices.create", f"{made.pk}")
    return 201, _out(made)


@router.post("/notices/read", response={200: Count, **FAILURES}, auth=session_or_token(Role.NOC))
def mark_read(request: HttpRequest, chosen: Chosen) -> Any:
    """Mark some, or all, as read."""
    return {"count": service.mark_read(_ids(chosen))}


@router.post("/notices/delete", response={200: Count, **FAILURES}, auth=session_or_token(Role.NOC))
def delete(request: HttpRequest, chosen: Chosen) -> Any:
    """Delete some, or all, after a backup."""
    count = service.delete(_ids(chosen))
    audit.record_request(request, "notices.delete", f"{count}")
    return {"count": count}


@router.get(
    "/notices/backups", response={200: list[BackupOut], **FAILURES}, auth=session_or_token(Role.NOC)
)
def list_backups(request: HttpRequest) -> Any:
    """Backups of notices, newest first."""
    return [
        {"name": file.name, "at": file.at, "size": file.size} for file in backups.series().listing()
    ]


@router.post(
    "/notices/backups/{name}/restore",
    response={200: Count, **FAILURES},
    auth=session_or_token(Role.ADMIN),
)
def restore(request: HttpRequest, name: str) -> Any:
    """Make the notices what they were in this backup; what is there now is backed up first."""
    if backups.series().find(name) is None:
        raise Http404(_("There is no backup named %(name)s.") % {"name": name})
    try:
        count = service.restore(name)
    except backups.BackupUnreadable as error:
        raise Refused(409, "unreadable", str(error)) from error
    audit.record_request(request, "notices.restore", name)
    return {"count": count}


def _ids(chosen: Chosen) -> list[int] | None:
    return None if chosen.all else [number for number in chosen.ids if 0 < number <= LARGEST_ID]
