"""The event feed (transactional outbox): what happened, in commit order, for whoever wants to know.

Guarantee: an event exists if and only if the transaction that appended it committed, and an event
with a lower id was committed before one with a higher id, so a reader that remembers the last id it
saw misses nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from ronda.storage.database import APPEND_LOCK, hold_until_commit
from ronda.work.models import Event

#: More events than an installation can have had between a backup and the moment it is put back; counts
#: where the clock is wrong.
LEAP = 10_000_000


def append(topic: str, payload: Mapping[str, Any], *, at: datetime | None = None) -> None:
    """Write one event; it becomes visible when the caller's transaction commits."""
    append_all([(topic, payload)], at=at)


def append_all(
    events: Sequence[tuple[str, Mapping[str, Any]]], *, at: datetime | None = None
) -> None:
    """Write several events in order; call it last in a transaction, for it waits its turn there."""
    if not events:
        return
    moment = at or timezone.now()
    with transaction.atomic():
        # Without this, PostgreSQL hands out ids before commit and a reader could pass one by.
        hold_until_commit(APPEND_LOCK)
        Event.objects.bulk_create(
            Event(at=moment, topic=topic, payload=payload) for topic, payload in events
        )


def read(after: int, *, topics: Collection[str] | None = None, limit: int = 1000) -> list[Event]:
    """Events with an id above `after`, oldest first, at most `limit`.

    Readers ask several times a second and mostly hear nothing, which is made cheap.
    """
    if not any_after(after, topics):
        return []
    events = Event.objects.filter(id__gt=after)
    if topics is not None:
        events = events.filter(topic__in=topics)
    return list(events.order_by("id")[:limit])


def any_after(after: int, topics: Collection[str] | None = None) -> bool:
    """Whether there is one; a prepared statement, for building a query takes ten times as long."""
    wanted = "" if topics is None else f" AND topic IN ({', '.join(['%s'] * len(topics))})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM work_event WHERE id > %s{wanted} LIMIT 1",  # noqa: S608 -- placeholders only
            [after, *(topics or ())],
        )
        return cursor.fetchone() is not None


def last_id() -> int:
    """Id of the newest event, 0 when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM work_event")
        return cursor.fetchone()[0] or 0


def leap() -> None:
    """Pass over many ids after an older state was put back, so that none comes a second time.

    Readers outside, such as open pages, remember ids that were given out after the backup was made,
    also after an earlier leap from the same backup: so the clock, in milliseconds, is leapt to.
    """
    now = timezone.now()
    with transaction.atomic():
        hold_until_commit(APPEND_LOCK)
        place = max(last_id() + LEAP, int(now.timestamp() * 1000))
        Event.objects.create(pk=place, at=now, topic="storage.restored", payload={})
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Event]):
                cursor.execute(statement)
