"""For the figures of use: looking at what routers allow, and forgetting."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ronda.hotspot.service.usage import limits
from ronda.hotspot.service.usage.privacy import Keep, forget
from ronda.routers.desk.port import Poll
from ronda.work import tuning
from ronda.work.schedules import Task

POLLS = (Poll("limits", limits.poll),)


def tasks() -> tuple[Task, ...]:
    """Forget names, sessions and sums that are older than the settings say."""
    return (Task("hotspot.forget-usage", timedelta(hours=12), _forget),)


def _forget() -> None:
    keep = Keep(
        names=timedelta(days=tuning.value("keep_names_days")),
        sessions=timedelta(days=tuning.value("keep_sessions_days")),
        sums=timedelta(days=tuning.value("keep_hours_days")),
    )
    forget(timezone.now(), keep)
