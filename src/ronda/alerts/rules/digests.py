"""When a digest is due: pure."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Every(StrEnum):
    """How often what happened is told in one message."""

    DAY = "day"
    WEEK = "week"


def last_due(every: Every, weekday: int, at: time, zone: str, now: datetime) -> datetime:
    """The newest moment not after `now` at which this digest is due; Monday is weekday 0."""
    there = ZoneInfo(zone)
    local = now.astimezone(there)
    day = local.date()
    if every == Every.WEEK:
        day -= timedelta(days=(day.weekday() - weekday) % 7)
    due = datetime.combine(day, at, there)
    if due > local:
        due = datetime.combine(day - timedelta(days=7 if every == Every.WEEK else 1), at, there)
    return due.astimezone(UTC)
