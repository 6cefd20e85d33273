"""What the watch wants done again and again by `ronda work`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from ronda.monitoring.history import store
from ronda.work.schedules import Task


def tasks(*, keep_samples: timedelta, keep_hours: timedelta) -> Sequence[Task]:
    """Seal the history's hours, pack its days, forget what is too old."""

    def seal() -> None:
        store.seal(timezone.now())

    def compact() -> None:
        store.compact(timezone.now())

    def forget() -> None:
        store.forget(timezone.now(), keep_samples=keep_samples, keep_hours=keep_hours)

    return (
        Task("monitoring.seal", timedelta(minutes=5), seal),
        Task("monitoring.compact", timedelta(hours=1), compact),
        Task("monitoring.forget", timedelta(hours=12), forget),
    )
