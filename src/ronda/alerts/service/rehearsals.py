"""What a rule would have sent in the last thirty days, from what is on record; bounded however long the record is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings

from ronda.alerts.models import AlertRule, Occurrence
from ronda.alerts.rules.deciding import World
from ronda.alerts.rules.digests import Every, gather, last_due
from ronda.alerts.rules.grouping import Loss, group
from ronda.alerts.rules.occurrences import Occurrence as Seen
from ronda.alerts.rules.occurrences import Rule, What, matches
from ronda.alerts.rules.rehearsing import rehearse
from ronda.alerts.rules.verdicts import Kind
from ronda.alerts.service import recipients, ruling, telling
from ronda.monitoring.models import Outage

DAYS = 30
#: Troubles looked at, newest first; `Preview.whole` says whether that was all.
MOST = 1000
#: Messages listed.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One message that would have been sent; `key` leads to the occurrence, where it is on record."""

    at: datetime
    kind: Kind
    to: str
    what: What
    size: int
    pk: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would have been sent: in all, by recipient, on the worst day, and the newest messages."""

    count: int
    troubles: int
    people: list[tuple[str, int]]
    worst: int
    lines: list[Line]
    whole: bool


def preview(row: AlertRule, now: datetime) -> Preview:
    """What this rule, kept or not, would have sent in the thirty days before `now`."""
    begin = now - timedelta(days=DAYS)
    rule = replace(ruling.as_rule(row), since=begin, active=True)
    rows = list(
        Occurrence.objects.filter(opened_at__gte=begin, parent="", maintenance=False)[:MOST]
    )
    seen = [telling.as_seen(one) for one in rows]
    numbers = {(one.key, one.opened_at): one.pk for one in rows}
    first = min((one.opened_at for one in seen), default=now)
    older = _before(begin, first) if len(rows) < MOST else []
    # What was in the way then is not in the way of this rule.
    known = [replace(one, maintenance=False, snoozed_until=None) for one in (*older, *seen)]
    spoken = [one for one in known if matches(rule, one)]
    world = recipients.world([rule], (), now, since=begin)
    lines = list(
        _digests(row, rule, spoken, world, begin, now)
        if row.digest
        else _messages(spoken, world, now, numbers)
    )
    lines.sort(key=lambda one: one.at, reverse=True)
    days = Counter(one.at.date() for one in lines)
    return Preview(
        count=len(lines),
        troubles=len(spoken),
        people=Counter(one.to for one in lines).most_common(),
        worst=max(days.values(), default=0),
        lines=lines[:SHOWN],
        whole=len(rows) < MOST and len(older) < MOST,
    )


def _before(begin: datetime, first: datetime) -> list[Seen]:
    """Troubles of ONTs from before there were incidents; none that were held back, as under planned work."""
    old = Outage.objects.filter(started_at__gte=begin, started_at__lt=first)
    rows = (
        old.filter(incident_ont=None, held=None)
        .order_by("-started_at")
        .values_list("started_at", "ended_at", "ont__site", "ont__area", "ont__category")
    )
    return group(Loss(*row) for row in rows[:MOST])


def _messages(
    spoken: list[Seen], world: World, now: datetime, numbers: dict[tuple[str, datetime], int]
) -> Iterator[Line]:
    for one in spoken:
        for would in rehearse(one, world, now):
            pk = numbers.get((one.key, one.opened_at))
            yield Line(would.at, would.delivery.kind, would.delivery.to, one.what, one.size, pk)


def _digests(
    row: AlertRule, rule: Rule, spoken: list[Seen], world: World, begin: datetime, now: datetime
) -> Iterator[Line]:
    every = Every(row.digest)
    span = timedelta(days=7 if every == Every.WEEK else 1)
    due = last_due(every, row.digest_weekday, row.digest_at, settings.TIME_ZONE, now)
    while due > begin:
        happened = [one for one in spoken if due - span <= one.opened_at < due]
        for to, found in gather(rule, happened, world, due).items():
            yield Line(due, Kind.DIGEST, to, found[0].what, len(found), None)
        due -= span
