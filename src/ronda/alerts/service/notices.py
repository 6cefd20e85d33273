"""Making, reading and deleting notices; each change is announced, and backed up before a deletion."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ronda.alerts.models import Notice
from ronda.alerts.service import backups
from ronda.devices.models import Ont
from ronda.devices.service.scope import here, mine
from ronda.work import feed

CHANGED = "alerts.notices"
TEXT_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice to be made."""

    type: str
    kind: str
    text: str
    ont: Ont | None = None
    details: dict[str, Any] | None = None


def create(
    type: str,  # noqa: A002 -- the older systems' word
    text: str,
    *,
    kind: str = "manual",
    at: datetime | None = None,
    ont: Ont | None = None,
    details: dict[str, Any] | None = None,
) -> Notice:
    """One new notice."""
    return create_all([Draft(type, kind, text, ont, details)], at=at)[0]


def create_all(drafts: Sequence[Draft], *, at: datetime | None = None) -> list[Notice]:
    """New notices in the caller's transaction, in order."""
    moment = at or timezone.now()
    with transaction.atomic():
        made = Notice.objects.bulk_create(
            Notice(
                type=draft.type,
                kind=draft.kind,
                text=draft.text[:TEXT_LIMIT],
                ont=draft.ont,
                ont_name=draft.ont.name if draft.ont else "",
                at=moment,
                details=draft.details or {},
            )
            for draft in drafts
        )
        _announce(len(made))
    return made


def filtered(
    *,
    type: str = "",  # noqa: A002 -- the older systems' word
    kind: str = "",
    unread: bool = False,
    ont: int | None = None,
    search: str = "",
) -> QuerySet[Notice]:
    """Notices, newest first."""
    notices = mine(Notice.objects.select_related("ont"), "ont__site")
    if type:
        notices = notices.filter(type=type)
    if kind:
        notices = notices.filter(kind=kind)
    if unread:
        notices = notices.filter(read_at=None)
    if ont is not None:
        notices = notices.filter(ont_id=ont)
    for word in search.split():
        notices = notices.filter(Q(text__icontains=word) | Q(ont_name__icontains=word))
    return notices


def unread_count() -> int:
    """How many notices nobody has read."""
    return mine(Notice.objects.filter(read_at=None), "ont__site").count()


def mark_read(ids: Collection[int] | None) -> int:
    """Mark these, or all (None), as read; the number of notices that exist among them."""
    with transaction.atomic():
        chosen = _chosen(ids)
        found = chosen.count()
        if chosen.filter(read_at=None).update(read_at=timezone.now()):
            _announce(0)
    return found


def delete(ids: Collection[int] | None) -> int:
    """Delete these, or all (None), after writing a backup; the number deleted.

    Raises:
        OSError: the backup could not be written; nothing was deleted.
    """
    chosen = _chosen(ids)
    if not chosen.exists():
        return 0
    backups.write()
    with transaction.atomic():
        deleted, _ = chosen.delete()
        _announce(-deleted)
    return deleted


def _chosen(ids: Collection[int] | None) -> QuerySet[Notice]:
    """These, or all, as far as whoever asks sees them."""
    found = Notice.objects.all() if ids is None else Notice.objects.filter(pk__in=ids)
    sites = here()
    if sites is None:
        return found
    return found.filter(ont__in=Ont.objects.filter(site__in=sites))


def forget_older_than(moment: datetime) -> int:
    """Delete notices from before `moment`; retention, so no backup is made of them."""
    deleted, _ = Notice.objects.filter(at__lt=moment).delete()
    return deleted


def _announce(difference: int) -> None:
    feed.append(CHANGED, {"difference": difference})
