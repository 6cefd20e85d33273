"""Readers of the event feed that act on it exactly once.

A consumer's effect and its place in the feed are one transaction, so a crash at any moment neither
loses an event nor acts on it twice. A consumer with a `hold` waits until its oldest unread event is
that old and then gets everything since in one batch: that is how many changes become one notice.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ronda.storage.database import hold_until_commit
from ronda.work import feed
from ronda.work.models import Cursor, Event

BATCH = 5000
# Events of others that a reader's place may lie behind before it is moved past them.
BEHIND = 1000
# Two workers must not run one consumer at once; crc32 of its name is added.
CONSUMER_LOCK = 0x52430000


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who reads (`name`, kept for ever), what (`topics`), and what is done with a batch."""

    name: str
    topics: frozenset[str]
    handle: Callable[[list[Event]], None]
    hold: Callable[[], timedelta] = timedelta


def begin(names: Iterable[str]) -> None:
    """Note the present place of consumers that are new, so that what happens from now on is theirs.

    Call it when the database is made ready: what is imported before the first worker runs is then
    told of, while a consumer that a later version brings does not tell of years.
    """
    known = set(Cursor.objects.values_list("pk", flat=True))
    place = feed.last_id()
    Cursor.objects.bulk_create(
        (Cursor(consumer=name, last_id=place) for name in names if name not in known),
        ignore_conflicts=True,
    )


def consume(consumer: Consumer, now: datetime | None = None) -> int:
    """Hand the consumer what it has not read yet and move its place; the number of events.

    Raises whatever `handle` raised; then nothing has moved and the batch comes again.
    """
    moment = now or timezone.now()
    hold = consumer.hold()
    events: list[Event] = []
    # A look without a lock first: most of the time there is nothing to do.
    place = Cursor.objects.filter(pk=consumer.name).values_list("last_id", flat=True).first()
    waiting = feed.read(place or 0, topics=consumer.topics, limit=1)
    if place is not None and (not waiting or waiting[0].at > moment - hold):
        return 0
    with transaction.atomic():
        hold_until_commit(CONSUMER_LOCK + _number(consumer.name))
        cursor, made = Cursor.objects.select_for_update().get_or_create(pk=consumer.name)
        if made:
            # A consumer that is new starts at the present, not at the beginning of history.
            cursor.last_id = feed.last_id()
        else:
            events = feed.read(cursor.last_id, topics=consumer.topics, limit=BATCH)
        if events:
            consumer.handle(events)
            cursor.last_id = events[-1].pk
        cursor.moved_at = moment
        cursor.save()
    return len(events)


class Follower:
    """A consumer that looks several times a second, at next to no cost while nothing is for it."""

    def __init__(self, consumer: Consumer) -> None:
        self.name = consumer.name
        self._consumer = consumer
        self._clear = 0  # up to this event nothing waits for it

    def step(self, now: datetime | None = None) -> int:
        """`consume` where there may be something; the number of events that were acted on."""
        newest = feed.last_id()
        if newest == self._clear:
            return 0
        name, topics = self.name, self._consumer.topics
        if self._clear > newest or feed.any_after(self._clear, topics):
            done = consume(self._consumer, now)
            place = Cursor.objects.filter(pk=name).values_list("last_id", flat=True).first()
            if done or feed.any_after(place or 0, topics):
                return done
        self._clear = newest
        # A reader of rare events must not look late, nor walk over all the others after a restart.
        Cursor.objects.filter(pk=name, last_id__lt=newest - BEHIND).update(last_id=newest)
        return 0


def _number(name: str) -> int:
    return zlib.crc32(name.encode()) & 0xFFFF
