"""What the watch wants done again and again by `ronda work`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from ronda.monitoring.history import outage_days, store
from ronda.monitoring.service import maintenance
from ronda.work.schedules import Task


def tasks(*, keep_samples: timedelta, keep_hours: timedelta) -> Sequence[Task]:
    """Begin planned work in time, seal the history's hours and days, forget what is too old."""

    def seal() -> None:
        store.seal(timezone.now())

    def compact() -> None:
        store.compact(timezone.now())

    def seal_outages() -> None:
        outage_days.seal(timezone.now())

    def forget() -> None:
        store.forget(timezone.now(), keep_samples=keep_samples, keep_hours=keep_hours)

    def begin_work() -> None:
        maintenance.begin_due(timezone.now())

    return (
        Task("monitoring.maintenance", timedelta(seconds=10), begin_work),
        Task("monitoring.seal", timedelta(minutes=5), seal),
        Task("monitoring.compact", timedelta(hours=1), compact),
        Task("monitoring.outages", timedelta(minutes=5), seal_outages),
        Task("monitoring.forget", timedelta(hours=12), forget),
    )
