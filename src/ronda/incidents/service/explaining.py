"""From outages to incidents: the one pass that opens, grows, shrinks, merges and closes them.

The pass looks at what is, not at what it was told: outages without an incident, and incidents whose
outages have ended. So it may run as often as it likes, after any crash and on any number of events,
and does the same thing once. Events of the feed only wake it, and name the outages that had ended
before anybody looked. It runs in one transaction with the feed's position (`work.consumers`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ronda.incidents.models import Incident, Kind, Scope
from ronda.incidents.rules.gathering import NEAR, Open, gather
from ronda.incidents.service import held, parents, repeating
from ronda.incidents.service.book import REACHES, Book
from ronda.incidents.service.losses import (
    Loss,
    known_onts,
    missed,
    sizes,
    unexplained,
    without_never,
)
from ronda.monitoring.service import maintenance
from ronda.storage.database import hold_until_commit
from ronda.work import tuning
from ronda.work.models import Event

#: What was lost longer ago than this when the very first incidents are made is no news: an upgrade.
OLD = timedelta(minutes=15)
EXPLAIN_LOCK = 0x496E6369


def hold() -> timedelta:
    """How long losses are gathered before they open an incident."""
    return timedelta(seconds=tuning.value("notice_hold_s"))


def hear(events: list[Event]) -> None:
    """Take in a batch of what became of ONTs and routers."""
    ended = {
        entry["outage"]
        for event in events
        for entry in event.payload.get("onts", ())
        if entry.get("outage") and entry["state"] != "down"
    }
    explain(timezone.now(), ended=ended)


def look(now: datetime | None = None) -> None:
    """What time alone changes: incidents that are over, snoozes that end, what is suppressed no more."""
    explain(now or timezone.now(), wait=hold())


def explain(now: datetime, *, ended: Collection[int] = (), wait: timedelta = timedelta()) -> None:
    """One pass over everything.

    Args:
        ended: outages that ended lately; those that no incident knows are written down all the same.
        wait: how old the oldest loss must be before new ones are explained.
    """
    with transaction.atomic():
        hold_until_commit(EXPLAIN_LOCK)
        maintenance.begin_due(now)
        book = Book(now)
        book.take_back()
        parents.routers(book)
        losses = [*unexplained(now, wait), *missed(ended, hold())]
        if losses and not Incident.objects.exists():
            losses = [one.as_old() if now - one.confirmed_at > OLD else one for one in losses]
        losses = held.without_work(without_never(losses, now), now)
        losses += held.outlasting(now)
        losses = parents.behind(book, losses)
        losses += parents.left_behind(book)
        _gather(book, losses)
        book.write_members()
        book.recount()
        book.close()
        book.wake()
        book.save()
        repeating.tell(book.found, now)


def _gather(book: Book, losses: list[Loss]) -> None:
    if not losses:
        return
    # An ONT may have been lost twice since the last pass; both outages are of the same incident.
    latest = {one.ont: one for one in sorted(losses, key=lambda one: one.at)}
    begin = min(one.at for one in losses) - NEAR
    again = known_onts(latest)
    nearby = [
        _open(one, again.get(one.pk, set()))
        for one in book.open.values()
        if one.pk in again or (one.kind == Kind.OUTAGE and one.last_lost_at >= begin)
    ]
    doubled = {one.outage for one in losses} - {one.outage for one in latest.values()}
    for gathered in gather((one.as_lost() for one in latest.values()), nearby, sizes()):
        incident = book.put(gathered, latest)
        onts = set(gathered.onts)
        book.add(incident, [one for one in losses if one.outage in doubled and one.ont in onts])


def _open(one: Incident, onts: set[int]) -> Open:
    return Open(
        incident=one.pk,
        reach=REACHES[Scope(one.scope)],
        site=one.site_id,
        area=one.area_id,
        first=one.began_at,
        last=one.last_lost_at,
        out=one.out,
        onts=frozenset(onts),
    )
