"""What looking after routers wants done again and again by `ronda work`."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from ronda.routers.models import Router
from ronda.routers.service.routers import KEEP_DELETED
from ronda.upkeep.service import connections, copying, files, health, troubles
from ronda.work.schedules import Task

KEEP_SPANS = timedelta(days=730)


def tasks() -> Sequence[Task]:
    """Daily copies of configurations, hours of health, and what is too old forgotten."""
    return (
        Task("upkeep.copies", copying.EVERY, _copies),
        Task("upkeep.hours", timedelta(minutes=20), _hours),
        Task("upkeep.forget", timedelta(hours=12), _forget),
    )


def _copies() -> None:
    copying.ask_all()


def _hours() -> None:
    health.roll_up()
    troubles.forget_unused()


def _forget() -> None:
    now = timezone.now()
    health.forget()
    connections.forget(now - KEEP_SPANS)
    for router in Router.objects.filter(deleted_at__lt=now - KEEP_DELETED):
        files.remove_all(router.pk)
