"""While an incident goes on, the first message of it is changed silently, where its channel can and is set to.

The beginning and the end are messages of their own, so that telephones ring; what happens between (more are lost,
some are back, somebody has taken it on) changes the first in its place. A change waits a little and has the words
of the time when it is sent, so that several are one; it takes no place among the ten messages of ten minutes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ronda.alerts.models import Occurrence, Outgoing, Told
from ronda.alerts.rules.occurrences import Severity
from ronda.alerts.rules.verdicts import Kind
from ronda.alerts.service import addresses, channels, sending, telling
from ronda.alerts.service.listening_incidents import key_of, whole_of
from ronda.incidents.events import CHANGED, Change
from ronda.incidents.models import Incident
from ronda.work.models import Event

#: What a reader of the first message would not see in it.
UNSEEN = frozenset({Change.OPENED, Change.NOTED, Change.REPEATED, Change.SNOOZED, Change.WOKEN})
#: Changes are gathered for so long.
PAUSE = timedelta(seconds=30)
#: What is made this long before its time comes is surely seen by whoever sends it.
MARGIN = timedelta(seconds=10)


def follow(events: Iterable[Event], now: datetime) -> int:
    """Have the first messages about these incidents changed; how many. Call it in the events' transaction."""
    changed = {
        event.payload["incident"]
        for event in events
        if event.topic == CHANGED and event.payload["change"] not in UNSEEN
    }
    if not changed:
        return 0
    keys = {key_of(whole_of(row).pk) for row in Incident.objects.filter(pk__in=changed)}
    rows = Occurrence.objects.filter(key__in=keys, told__isnull=False).distinct()
    return sum(_change(row, now) for row in rows.order_by("pk"))


def _change(row: Occurrence, now: datetime) -> int:
    mark = "success" if row.closed_at else telling.MARKS[Severity(row.severity)]
    return sum(_post(one, mark, now) for one in _firsts(row))


def _firsts(row: Occurrence) -> list[Outgoing]:
    """The first message that each address got about it, where it can be changed and tells of nothing else."""
    told = row.told.filter(kind__in=(Kind.ALARM, Kind.REPEAT)).values_list("letter", flat=True)
    sent = Outgoing.objects.filter(
        what=telling.WHAT, about__in=list(told), edits=False, state=Outgoing.State.SENT
    ).exclude(reference="")
    first: dict[tuple[int, str], Outgoing] = {}
    for one in sent.select_related("channel", "address__person", "address__channel").order_by("pk"):
        first.setdefault((one.channel_id, one.to), one)
    return [one for one in first.values() if channels.follows(one.channel) and _is_alone(one)]


def _is_alone(one: Outgoing) -> bool:
    """Whether it tells of one trouble only, and to somebody who is still reached there."""
    address = one.address
    reached = address is None or (addresses.is_usable(address) and address.person.is_active)
    alone = not one.carried.exists() and Told.objects.filter(letter=one.about or 0).count() == 1
    return reached and alone


def _post(first: Outgoing, mark: str, now: datetime) -> int:
    coming = Outgoing.objects.filter(
        channel=first.channel_id,
        to=first.to,
        thread=first.thread,
        edits=True,
        state=Outgoing.State.WAITING,
        made_at__gt=now - PAUSE + MARGIN,
    )
    if coming.exists():
        return 0
    once = f"progress:{first.pk}:{int(now.timestamp() * 1000)}"
    made = sending.post(
        first.channel,
        first.to,
        telling.WHAT,
        first.about,
        once,
        thread=first.thread,
        severity=mark,
        edits=True,
        pause=PAUSE,
    )
    return 1 if made else 0
