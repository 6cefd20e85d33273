"""Repeated tasks: run when due by whichever worker comes first, never by two at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ronda.work.models import Cursor, Event, Schedule

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """`run` every `every`; `lease` is how long one run may take before another worker may try."""

    name: str
    every: timedelta
    run: Callable[[], None]
    lease: timedelta = timedelta(minutes=30)


def run_due(task: Task, now: datetime | None = None) -> bool:
    """Run the task if it is due and nobody else is running it; whether it ran.

    A failure is written down for the health page and tried again after a tenth of the period.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        Schedule.objects.get_or_create(pk=task.name)
        # Times that lie further ahead than any can were written by a clock that has been set back since.
        due = (
            Q(ran_at=None) | Q(ran_at__lte=moment - task.every) | Q(ran_at__gt=moment + task.every)
        )
        longest = moment + 2 * max(task.lease, task.every)
        free = Q(leased_until=None) | Q(leased_until__lte=moment) | Q(leased_until__gt=longest)
        taken = Schedule.objects.filter(due, free, pk=task.name).update(
            leased_until=moment + task.lease
        )
    if not taken:
        return False
    try:
        task.run()
    except Exception as error:
        log.exception("schedule.failed", task=task.name)
        row = Schedule.objects.get(pk=task.name)
        row.failures += 1
        row.trouble = f"{type(error).__name__}: {error}"[:500]
        row.leased_until = moment + task.every / 10
        row.save()
        return True
    Schedule.objects.filter(pk=task.name).update(
        ran_at=moment, leased_until=None, failures=0, trouble=""
    )
    return True


def trim_feed(keep: timedelta, now: datetime | None = None) -> int:
    """Delete events older than `keep` that every consumer has read; the number deleted."""
    slowest = Cursor.objects.order_by("last_id").values_list("last_id", flat=True).first()
    old = Event.objects.filter(at__lt=(now or timezone.now()) - keep)
    if slowest is not None:
        old = old.filter(id__lte=slowest)
    deleted, _ = old.delete()
    return deleted
