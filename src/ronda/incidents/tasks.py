"""What incidents want done again and again by `ronda work`."""

from collections.abc import Sequence
from datetime import timedelta

from ronda.incidents.service import explaining
from ronda.work.schedules import Task


def tasks() -> Sequence[Task]:
    """Close what is over, wake what was snoozed, and tell what is suppressed no more."""
    return (Task("incidents.look", timedelta(seconds=10), explaining.look),)
