"""What follows a repair of the database: the list of ONTs brought up to date, and people told."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from ronda.devices.models import Change
from ronda.devices.service import backups
from ronda.devices.service.errors import NothingToChange
from ronda.devices.service.restoring import restore_rows, written_at
from ronda.storage import integrity
from ronda.work import feed


def finish() -> str:
    """Follow up what `integrity.check_and_repair` did; "" when there is nothing to follow up.

    Call it once the tables exist. After a set-aside database the newest good list is restored when
    it is newer than the whole backup that was put in place. Killed midway, the next start does it again.
    """
    report = integrity.unfinished(settings.RONDA.data)
    if report is None:
        return ""
    text = str(report)
    if report.set_aside:
        feed.leap()
    if report.set_aside and report.problem:
        text += _list_brought_back(report)
    backups.tell_trouble("database", text)
    integrity.finished(settings.RONDA.data)
    return text


def _list_brought_back(report: integrity.Report) -> str:
    found = backups.newest_good()
    if found is None:
        return ""
    backup, rows = found
    if report.restored_from is not None:
        if written_at(backup) <= datetime.fromisoformat(report.made_at):
            return ""
    elif Change.objects.exists():
        return ""
    try:
        change = restore_rows(
            rows,
            summary=_("Restored from %(name)s after the database was damaged")
            % {"name": backup.name},
            person=None,
            actor="system",
        )
    except NothingToChange:
        return ""
    return "\n" + _("The list of ONTs was restored from %(name)s: %(count)d ONTs.") % {
        "name": backup.name,
        "count": change.count,
    }
