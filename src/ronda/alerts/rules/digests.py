"""When a digest is due, and what it tells whom: pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ronda.alerts.rules.deciding import World, reached
from ronda.alerts.rules.occurrences import Occurrence, Rule, matches


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


def gather(
    rule: Rule, occurrences: Sequence[Occurrence], world: World, due: datetime
) -> dict[str, list[Occurrence]]:
    """What each recipient of a digest hears of: what the rule speaks of and is at a site of theirs.

    Whoever hears of nothing, has no access any more or is not on call is left out.
    """
    spoken = [one for one in occurrences if matches(rule, one)]
    found: dict[str, list[Occurrence]] = {}
    for step in rule.steps:
        for key, reason in reached(rule, step, world, due, due).items():
            who = world.people[key]
            theirs = [one for one in spoken if who.sites is None or who.sites & one.sites]
            if theirs and reason is None and who.active:
                found[key] = theirs
    return found
