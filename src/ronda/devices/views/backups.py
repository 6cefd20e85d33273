"""The automatic backups: list, download, restore; and whole backups of the installation."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.devices.acting import actor
from ronda.devices.models import Ont
from ronda.devices.service import backups, restoring
from ronda.devices.service.backups import BackupUnreadable
from ronda.devices.service.errors import ChangeRefused
from ronda.devices.views.parts import offer_undo
from ronda.storage import snapshot
from ronda.storage.dated import Dated


@require(Role.ADMIN)
@never_cache
@require_safe
def backup_list(request: HttpRequest) -> HttpResponse:
    """Backups of the list, and of the whole installation."""
    whole = [
        {"name": path.name, "size": path.stat().st_size, "at": _at(path.stat().st_mtime)}
        for path in snapshot.listing(backups.folder())
    ]
    return render(
        request,
        "devices/backups.html",
        {
            "backups": backups.listing(),
            "whole": whole,
            "present": Ont.objects.present().count(),
            "keep": settings.RONDA.keep_backups,
            "folder": backups.folder(),
        },
    )


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.get_default_timezone())


@require(Role.ADMIN)
@require_POST
def backup_now(request: HttpRequest) -> HttpResponse:
    """Write a backup of the list at once."""
    me = actor(request)
    backup = backups.write_or_tell()
    if backup is None:
        messages.error(request, _("The backup could not be written; see the notices for why."))
    else:
        audit.record(me.person, "ont.backup", backup.name, source=me.source)
        messages.success(request, _("%(name)s was written.") % {"name": backup.name})
    return redirect("devices:backups")


@require(Role.ADMIN)
@never_cache
@require_safe
def backup_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Download a backup of the list."""
    backup = _find(name)
    me = actor(request)
    audit.record(me.person, "ont.backup-download", backup.name, source=me.source)
    return FileResponse(backup.path.open("rb"), as_attachment=True, filename=backup.name)


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def backup_restore(request: HttpRequest, name: str) -> HttpResponse:
    """Asks with what it would do, then makes the list what it was."""
    backup = _find(name)
    me = actor(request)
    try:
        rows = backups.read(backup)
        if request.method == "POST":
            offer_undo(request, restoring.restore(backup, me.person, source=me.source))
            return redirect("devices:backups")
    except (BackupUnreadable, ChangeRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("devices:backups")
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("Restore the list from %(name)s?") % {"name": backup.name},
            "text": _("The list of ONTs becomes what it was then."),
            "details": [
                _("ONTs in the backup: %(count)d") % {"count": len(rows)},
                _("ONTs now: %(count)d") % {"count": Ont.objects.present().count()},
            ],
            "undo": _(
                "A backup of the present list is made first, outages and history stay, "
                "and you can undo this."
            ),
            "confirm_label": _("Restore"),
            "danger": True,
            "cancel_url": "/backups/",
        },
    )


def _find(name: str) -> Dated:
    backup = backups.find(name)
    if backup is None:
        raise Http404(_("There is no such backup."))
    return backup
