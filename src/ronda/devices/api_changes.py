"""`/api/v1`: the changes of the list with undo, and the automatic backups with restore."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import StrictBool

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.roles import holds
from ronda.accounts.service import audit
from ronda.devices.acting import actor
from ronda.devices.api_answers import UndoableChange, change_out, refusals_answered
from ronda.devices.models import Change
from ronda.devices.service import backups, changes, restoring
from ronda.devices.service.backups import BackupUnreadable
from ronda.devices.service.recording import needed_to_undo, unpack
from ronda.kernel.ids import LARGEST_ID
from ronda.storage.dated import Dated
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["changes"])
READ = session_or_token(Role.VIEWER)
TEND = session_or_token(Role.NOC)
WRITE = session_or_token(Role.ADMIN)
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
MOST_ROWS = 1000
Field_ = str | float | bool | None


class ChangePage(Schema):
    """One page of changes, newest first."""

    items: list[UndoableChange]
    total: int
    page: int
    per_page: int


class ChangedRow(Schema):
    """One ONT of a change: the fields it set; `before` is null for an ONT it made."""

    ont: int
    before: dict[str, Field_] | None
    after: dict[str, Field_]


class ChangeDetail(UndoableChange):
    """A change with its rows, at most 1,000 of them."""

    rows: list[ChangedRow]


class UndoIn(Schema):
    """`force` also overwrites what was changed again later."""

    model_config = {"extra": "forbid"}
    force: StrictBool = False


class ListBackup(Schema):
    """One automatic backup of the list."""

    name: str
    at: datetime
    size: int


class ChangePaging(Schema):
    """Which page."""

    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(100, ge=1, le=1000)


@router.get("/changes", auth=READ, response={200: ChangePage, **FAILURES})
def list_changes(request: HttpRequest, paging: Query[ChangePaging]) -> Any:
    """All changes of the list."""
    found = Change.objects.defer("rows")
    first = (paging.page - 1) * paging.per_page
    return {
        "items": [change_out(change) for change in found[first : first + paging.per_page]],
        "total": found.count(),
        "page": paging.page,
        "per_page": paging.per_page,
    }


@router.get("/changes/{change_id}", auth=READ, response={200: ChangeDetail, **FAILURES})
def read_change(request: HttpRequest, change_id: Id) -> Any:
    """One change, row by row."""
    change = _find(change_id)
    rows = [
        {"ont": row.ont_id, "before": row.before, "after": row.after}
        for row in unpack(change)[:MOST_ROWS]
    ]
    return change_out(change) | {"rows": rows}


@router.post("/changes/{change_id}/undo", auth=TEND, response={200: UndoableChange, **FAILURES})
@refusals_answered
def undo_change(request: HttpRequest, how: UndoIn, change_id: Id) -> Any:
    """Take a change back; the answer is the change that did it, which can be undone as well."""
    me = actor(request)
    needed = needed_to_undo(unpack(_find(change_id)))
    if not holds(me.person.role, needed):
        raise Refused(403, "role", _("Only an administrator can take this back."))
    return change_out(changes.undo(change_id, me.person, force=how.force, source=me.source))


@router.get("/backups", auth=WRITE, response={200: list[ListBackup], **FAILURES})
def list_backups(request: HttpRequest) -> Any:
    """The automatic backups of the list, newest first."""
    return [_backup_out(backup) for backup in backups.listing()]


@router.post("/backups", auth=WRITE, response={201: ListBackup, **FAILURES})
def write_backup(request: HttpRequest) -> Any:
    """Back the list up now."""
    me = actor(request)
    backup = backups.write_or_tell()
    if backup is None:
        raise Refused(409, "disk", _("The backup could not be written; see the notices for why."))
    audit.record(me.person, "ont.backup", backup.name, source=me.source)
    return Status(201, _backup_out(backup))


@router.post("/backups/{name}/restore", auth=WRITE, response={200: UndoableChange, **FAILURES})
@refusals_answered
def restore_backup(request: HttpRequest, name: Annotated[str, Field(max_length=60)]) -> Any:
    """Make the list what it was when the backup was written; a change that can be undone."""
    me = actor(request)
    backup = backups.find(name)
    if backup is None:
        raise Http404(_("There is no such backup."))
    try:
        return change_out(restoring.restore(backup, me.person, source=me.source))
    except BackupUnreadable as damage:
        raise Refused(409, "damaged", str(damage)) from damage


def _find(pk: int) -> Change:
    change = Change.objects.filter(pk=pk).first()
    if change is None:
        raise Http404(_("There is no such change."))
    return change


def _backup_out(backup: Dated) -> dict[str, Any]:
    return {"name": backup.name, "at": backup.at, "size": backup.size}
