"""The older systems' `/api/notifications`, with their exact shapes and a sign-in."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from ninja import Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.service import audit
from ronda.alerts import service
from ronda.alerts.models import Notice
from ronda.alerts.service import backups
from ronda.web.answers import Refused

router = Router()

# The older list was never longer than a few hundred; a page of it must stay small.
NEWEST = 1000


class NewNotification(Schema):
    """What older programs send."""

    message: str
    type: str = "info"
    timestamp: str | None = None


@router.get("/notifications", auth=session_or_token(Role.VIEWER))
def notifications(request: HttpRequest) -> Any:
    """All notices, newest first, at most 1,000."""
    return [backups.as_older(notice) for notice in service.filtered()[:NEWEST]]


@router.post("/notifications", auth=session_or_token(Role.NOC))
def notify(request: HttpRequest, new: NewNotification) -> Any:
    """One new notice; text is kept as text, never as HTML."""
    if not new.message.strip():
        raise Refused(400, "empty", _("The message is empty."))
    if new.type not in Notice.Type.values:
        raise Refused(
            400,
            "type",
            _("The type must be one of %(types)s.") % {"types": ", ".join(Notice.Type.values)},
        )
    at = None
    if new.timestamp is not None:
        try:
            at = parse_datetime(new.timestamp)
        except ValueError:
            at = None
        if at is None:
            raise Refused(
                400,
                "timestamp",
                _("The timestamp is no ISO time: %(text)s") % {"text": new.timestamp[:40]},
            )
        at = backups.aware(at)
    made = service.create(new.type, new.message, at=at)
    audit.record_request(request, "notices.create", f"{made.pk}")
    return {"success": True}


@router.post("/notifications/mark-read/{int:notice_id}", auth=session_or_token(Role.NOC))
def mark_read(request: HttpRequest, notice_id: int) -> Any:
    """Mark one as read; 404 when there is none of this id."""
    if not service.mark_read([notice_id]):
        raise Http404(_("There is no notice %(id)s.") % {"id": notice_id})
    return {"success": True}


@router.post("/notifications/clear-all", auth=session_or_token(Role.NOC))
def clear_all(request: HttpRequest) -> Any:
    """Delete all, after a backup."""
    count = service.delete(None)
    audit.record_request(request, "notices.delete", f"{count}")
    return {"success": True, "message": _("%(count)s notices deleted.") % {"count": count}}


@router.post("/notifications/restore-backup", auth=session_or_token(Role.ADMIN))
def restore_backup(request: HttpRequest) -> Any:
    """Bring back the newest backup that holds any notice."""
    newest = backups.newest_with_more()
    if newest is None:
        raise Refused(404, "no-backup", _("There is no backup of notices yet."))
    try:
        count = service.restore(newest.name)
    except backups.BackupUnreadable as error:
        raise Refused(409, "unreadable", str(error)) from error
    audit.record_request(request, "notices.restore", newest.name)
    return {
        "success": True,
        "message": _("%(count)s notices restored.") % {"count": count},
        "count": count,
    }
