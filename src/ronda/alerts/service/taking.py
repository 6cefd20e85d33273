"""Taking over the notifications of an older system, from a file that came in by the import."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.alerts.models import Notice
from ronda.alerts.service.backups import BackupUnreadable, notice_of
from ronda.alerts.service.notices import TEXT_LIMIT
from ronda.devices.formats import Listing
from ronda.devices.models import Ont
from ronda.devices.rules.rows import RawRow
from ronda.devices.rules.text import control_character
from ronda.devices.service.imports import ImportRefused
from ronda.work import feed


def take_notifications(listing: Listing, _person: Person | None) -> int:
    """Add the file's notifications to the notices, with their times; how many were new.

    Those that are there already (same time and text) are left alone, so that taking the same file
    twice doubles nothing. The file's own ids are not kept.

    Raises:
        ImportRefused: a record is no notification, or all are there already; nothing was written.
    """
    names = dict(Ont.objects.values_list("pk", "name"))
    try:
        found = [_notice(row, names) for row in listing.rows]
    except BackupUnreadable as refused:
        raise ImportRefused(str(refused)) from refused
    times = [notice.at for notice in found]
    present = set(
        Notice.objects.filter(at__gte=min(times), at__lte=max(times)).values_list("at", "text")
    )
    new = list({(n.at, n.text): n for n in found if (n.at, n.text) not in present}.values())
    if not new:
        raise ImportRefused(_("All these notifications are there already."))
    Notice.objects.bulk_create(new, batch_size=1000)
    feed.append("alerts.notices", {"difference": len(new)})
    return len(new)


def _notice(row: RawRow, names: Mapping[int, str]) -> Notice:
    """An ONT's number counts only together with its name: numbers of two systems may differ."""
    values = {**row.values, "id": None}
    ont, name = values.get("ont_id"), values.get("ont_name")
    same = isinstance(ont, int) and names.get(ont) == name
    notice = notice_of(values, row.number, {ont} if isinstance(ont, int) and same else set())
    if control_character(notice.text + notice.ont_name + notice.kind) is not None:
        raise BackupUnreadable(
            _("Notice %(number)s holds a control character.") % {"number": row.number}
        )
    notice.text = notice.text[:TEXT_LIMIT]
    return notice
