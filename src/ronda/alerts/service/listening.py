"""From the event feed to notices: what the slices below told of, gathered and put into words."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.alerts.rules.onts import FLAPPING_BIT, TYPES, Kind, News, Step, tell
from ronda.alerts.service import backups
from ronda.alerts.service.notices import Draft, create_all
from ronda.alerts.service.wording import NAMED, sentence
from ronda.devices.models import Change, Ont
from ronda.work import tuning
from ronda.work.models import Event

log = structlog.get_logger(__name__)

# Ids kept with a notice, so that its page can list them.
LISTED = 2000


def hold() -> timedelta:
    """How long changes of ONTs are gathered."""
    return timedelta(seconds=tuning.value("notice_hold_s"))


def tell_transitions(events: list[Event]) -> None:
    """Make the notices of a batch of `monitoring.transitions`."""
    steps = [_step(entry) for event in events for entry in event.payload["onts"]]
    with translation.override(settings.LANGUAGE_CODE):
        create_all([_draft(kind, news) for kind, news in tell(steps).items()])


def _step(entry: dict[str, Any]) -> Step:
    return Step(
        ont=entry["id"],
        before=entry["before"],
        after=entry["state"],
        since=entry["since"],
        reason=entry["reason"],
        flapping=bool(entry["overlay"] & FLAPPING_BIT),
    )


def _draft(kind: Kind, news: list[News]) -> Draft:
    onts = {
        ont.pk: ont
        for chunk in _chunks([item.ont for item in news])
        for ont in Ont.objects.select_related("area").filter(pk__in=chunk)
    }
    areas = Counter(ont.area.name if ont.area else "" for ont in onts.values())
    details = {
        "count": len(news),
        "onts": [item.ont for item in news[:LISTED]],
        "names": [_label(onts[item.ont]) for item in news[:NAMED] if item.ont in onts],
        "areas": [[name, count] for name, count in areas.most_common(NAMED + 1)],
        "since": news[0].since,
    }
    only = onts.get(news[0].ont) if len(news) == 1 else None
    return Draft(TYPES[kind], str(kind), sentence(kind, details), only, details)


def _label(ont: Ont) -> str:
    return f"{ont.name} ({ont.location})" if ont.location else ont.name


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    for first in range(0, len(ids), 500):
        yield ids[first : first + 500]


def tell_others(events: list[Event]) -> None:
    """Make the notices of imports, restores, deletions, trouble of the watch and of the disk."""
    drafts: list[Draft] = []
    changes: set[int] = set()
    with translation.override(settings.LANGUAGE_CODE):
        for event in events:
            payload = event.payload
            if event.topic == "devices.changed":
                if payload.get("kind") in TOLD_CHANGES and payload["change"] not in changes:
                    changes.add(payload["change"])
                    drafts.append(_of_change(payload["change"], payload["kind"]))
            elif event.topic == "monitoring.poller":
                drafts.append(_of_poller(payload))
            elif event.topic == "monitoring.cleared":
                drafts.append(_of_cleared(payload))
            else:
                drafts.append(_of_storage(payload))
        create_all(drafts)


TOLD_CHANGES = frozenset({"import", "restore", "undo", "delete"})


def _of_change(change_id: int, kind: str) -> Draft:
    change = Change.objects.filter(pk=change_id).first()
    count = change.count if change else 0
    text = {
        "import": ngettext(
            "Import: %(count)s ONT changed.", "Import: %(count)s ONTs changed.", count
        ),
        "restore": ngettext(
            "Restored from a backup: %(count)s ONT changed.",
            "Restored from a backup: %(count)s ONTs changed.",
            count,
        ),
        "undo": ngettext(
            "Undone: %(count)s ONT changed back.", "Undone: %(count)s ONTs changed back.", count
        ),
        "delete": ngettext("%(count)s ONT deleted.", "%(count)s ONTs deleted.", count),
    }[kind] % {"count": count}
    if change and change.summary:
        text = f"{text} {change.summary.rstrip('.')}."
    if change and change.actor:
        text = _("%(text)s By %(who)s.") % {"text": text, "who": change.actor}
    return Draft("info", kind, text, details={"change": change_id})


def _of_cleared(payload: dict[str, Any]) -> Draft:
    count = int(payload["outages"])
    text = ngettext(
        "%(count)s outage was hidden from the lists; %(file)s keeps it.",
        "%(count)s outages were hidden from the lists; %(file)s keeps them.",
        count,
    ) % {"count": count, "file": payload.get("file", "")}
    return Draft("info", "cleared", text, details=payload)


def _of_poller(payload: dict[str, Any]) -> Draft:
    state, cause = str(payload.get("state", "")), str(payload.get("cause", ""))
    if state == "blind":
        text = _(
            "The watch is blind: our own network is lost. Nothing counts as an outage until it is back."
        )
    elif state == "recovered" and cause == "blind":
        text = _("The watch sees again. The time in between counts as not observed.")
    elif state == "recovered":
        text = _("The watch is well again.")
    else:
        text = _("Trouble in the watch: %(text)s") % {"text": payload.get("text") or cause}
    return Draft("success" if state == "recovered" else "warning", "poller", text, details=payload)


def _of_storage(payload: dict[str, Any]) -> Draft:
    text = payload.get("text") or _("A backup could not be written. Check the disk.")
    return Draft(str(payload.get("type", "warning")), "backup", str(text), details=payload)


def calm() -> timedelta:
    """How long changes of notices are gathered before one backup file keeps them."""
    return timedelta(seconds=10)


def keep_backup(_events: list[Event]) -> None:
    """Write the notices to a file; a disk that refuses must not stop the notices themselves."""
    try:
        backups.write()
    except OSError as error:
        log.warning("notices.backup_failed", why=error.strerror)
