"""Notices for one person inside Ronda: reading them."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.alerts.models import OwnNotice


def of(person: Person) -> QuerySet[OwnNotice]:
    """Their notices, newest first."""
    return OwnNotice.objects.filter(person=person)


def unread_count(person: Person) -> int:
    """How many they have not read."""
    return of(person).filter(read_at=None).count()


def mark_read(person: Person, until: int) -> int:
    """All up to this one, as they saw them, are read; how many were not."""
    return of(person).filter(read_at=None, pk__lte=until).update(read_at=timezone.now())


def forget_older_than(moment: datetime) -> int:
    """Delete those from before `moment`; how many."""
    deleted, _ = OwnNotice.objects.filter(at__lt=moment).delete()
    return deleted
