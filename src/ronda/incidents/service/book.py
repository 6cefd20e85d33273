"""What one pass changes about incidents: gathered in memory, written in bulk, told at the end.

Everything happens in the transaction of the caller. The number of queries follows the batch (one per
500 ONTs and kind of row), never the ONTs one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q

from ronda.accounts.models import Person
from ronda.incidents.events import CHANGED, Change
from ronda.incidents.models import Incident, IncidentOnt, Kind, Scope, Severity, Step
from ronda.incidents.rules.gathering import Gathered, Reach
from ronda.incidents.service.losses import CHUNK, Loss, chunks
from ronda.work import feed

SCOPES = {
    Reach.ONT: Scope.ONT,
    Reach.AREA: Scope.AREA,
    Reach.SITE: Scope.SITE,
    Reach.FLEET: Scope.FLEET,
}
REACHES = {scope: reach for reach, scope in SCOPES.items()} | {Scope.ROUTER: Reach.SITE}
SEVERITIES = {
    Scope.ONT: Severity.MINOR,
    Scope.AREA: Severity.MAJOR,
    Scope.ROUTER: Severity.CRITICAL,
    Scope.SITE: Severity.CRITICAL,
    Scope.FLEET: Severity.CRITICAL,
}

#: After its last ONT came back an incident stays open for so long, should one be lost again.
SETTLED = timedelta(seconds=60)

ORDER = list(Change)

NOBODY: dict[str, Any] = {"onts": 0, "out": 0, "began": None, "back": None}
WRITTEN = [
    "kind",
    "scope",
    "severity",
    "site",
    "area",
    "router",
    "ont",
    "facts",
    "onts",
    "out",
    "began_at",
    "last_lost_at",
    "last_back_at",
    "router_back_at",
    "closed_at",
    "merged_into",
    "silent",
    "snoozed_until",
]


class Book:
    """The open incidents, and what this pass does to them; `write` puts everything into the database."""

    def __init__(self, now: datetime) -> None:
        """Reads the open incidents and locks them, so that nobody acts on them meanwhile."""
        self.now = now
        rows = Incident.objects.select_for_update().filter(closed_at=None).order_by("pk")
        self.open: dict[int, Incident] = {incident.pk: incident for incident in rows}
        self._new: list[Incident] = []
        self._members: list[tuple[Incident, Loss]] = []
        self._absorbed: dict[int, Incident] = {}
        self._changes: defaultdict[int, dict[Change, dict[str, Any]]] = defaultdict(dict)
        self.found: dict[int, Incident] = {}
        self._touched: set[int] = set()
        self._before = {pk: (one.onts, one.out) for pk, one in self.open.items()}

    def note(self, incident: Incident, change: Change, **details: Any) -> None:
        """This became of it; told once however often it is noted."""
        self._changes[incident.pk].setdefault(change, {}).update(details)

    def touch(self, incident: Incident) -> None:
        """Something of it changed that is no news."""
        self._touched.add(incident.pk)

    def every(self) -> list[Incident]:
        """The open incidents, those that this pass opens included."""
        return [*self.open.values(), *self._new]

    def remove(self, members: Sequence[int]) -> None:
        """Take these rows of ONTs out of their incidents; the caller puts their outages elsewhere."""
        for chunk in chunks(members):
            IncidentOnt.objects.filter(pk__in=chunk).delete()

    def start(self, incident: Incident) -> None:
        """A new incident; it has its number after `write_members`."""
        self._new.append(incident)

    def put(self, gathered: Gathered, losses: Mapping[int, Loss]) -> Incident:
        """Let losses that belong together open an incident, or an open one grow; that incident."""
        own = [losses[ont] for ont in gathered.onts]
        incident = (
            self.open[gathered.incident] if gathered.incident else self._opened(gathered, own)
        )
        for number in gathered.absorbs:
            self._absorbed[number] = incident
        reach = max(gathered.reach, REACHES[Scope(incident.scope)])
        if incident.kind == Kind.OUTAGE and reach != REACHES[Scope(incident.scope)]:
            _widen(incident, gathered, own)
        self.add(incident, own)
        return incident

    def add(self, incident: Incident, losses: Sequence[Loss]) -> None:
        """These are part of that incident now."""
        self._members += [(incident, one) for one in losses]
        self.found |= {one.ont: incident for one in losses if not one.silent}
        if losses:
            incident.last_lost_at = max(incident.last_lost_at, *(one.at for one in losses))
            if incident.pk:
                self.touch(incident)
        if any(not one.silent for one in losses):
            incident.silent = False

    def _opened(self, gathered: Gathered, losses: Sequence[Loss]) -> Incident:
        scope = SCOPES[gathered.reach]
        incident = Incident(
            kind=Kind.OUTAGE,
            scope=scope,
            severity=SEVERITIES[scope],
            site_id=gathered.site,
            area_id=gathered.area,
            ont_id=losses[0].ont if gathered.reach is Reach.ONT else None,
            facts=_facts(scope, losses),
            began_at=min(one.lost_at for one in losses),
            last_lost_at=max(one.at for one in losses),
            opened_at=self.now,
            silent=all(one.silent for one in losses),
        )
        self.start(incident)
        return incident

    def write_members(self) -> None:
        """Write the new incidents, the outages of all, and what was absorbed."""
        Incident.objects.bulk_create(self._new, batch_size=CHUNK)
        for incident in self._new:
            self.open[incident.pk] = incident
            self.note(incident, Change.OPENED)
        IncidentOnt.objects.bulk_create(
            (
                IncidentOnt(
                    incident=incident,
                    ont_id=one.ont,
                    outage_id=one.outage,
                    lost_at=one.lost_at,
                    back_at=one.back_at,
                )
                for incident, one in self._members
            ),
            batch_size=CHUNK,
        )
        for number, target in self._absorbed.items():
            IncidentOnt.objects.filter(incident=number).update(incident=target)
            part = self.open[number]
            part.closed_at, part.merged_into = self.now, target
            self.note(part, Change.MERGED, into=target.pk)

    def take_back(self) -> None:
        """Note of every outage that has ended when it did."""
        ended = IncidentOnt.objects.filter(back_at=None, outage__ended_at__isnull=False)
        rows = list(ended.values_list("pk", "outage__ended_at"))
        by_end: defaultdict[datetime, list[int]] = defaultdict(list)
        for pk, end in rows:
            if end is not None:
                by_end[end].append(pk)
        if len(by_end) <= len(rows) // 10 + 1:
            for end, pks in by_end.items():
                for chunk in chunks(pks):
                    IncidentOnt.objects.filter(pk__in=chunk).update(back_at=end)
            return
        changed = [IncidentOnt(pk=pk, back_at=end) for pk, end in rows]
        IncidentOnt.objects.bulk_update(changed, ["back_at"], batch_size=CHUNK)

    def recount(self) -> None:
        """Count the ONTs of all open incidents anew, and note which grew and which shrank."""
        counts: dict[int, Any] = {
            row["incident_id"]: row
            for chunk in chunks(self.open)
            for row in IncidentOnt.objects.filter(incident_id__in=chunk)
            .order_by()
            .values("incident_id")
            .annotate(
                onts=Count("ont_id", distinct=True),
                out=Count("ont_id", distinct=True, filter=Q(back_at=None)),
                began=Min("lost_at"),
                back=Max("back_at"),
            )
        }
        for pk, incident in self.open.items():
            if incident.merged_into is not None:
                continue
            row = counts.get(pk, NOBODY)
            onts, out = self._before.get(pk, (0, 0))
            incident.onts, incident.out = max(row["onts"], onts), row["out"]
            if row["began"] is not None:
                incident.began_at = min(incident.began_at, row["began"])
            incident.last_back_at = row["back"]
            if Change.OPENED in self._changes[pk]:
                self.note(incident, Change.OPENED, count=incident.onts)
                continue
            if incident.onts > onts or out < incident.out:
                self.note(
                    incident, Change.GREW, count=max(incident.onts - onts, incident.out - out)
                )
            elif incident.out < out:
                self.note(incident, Change.SHRANK, count=out - incident.out)

    def close(self) -> None:
        """Close what is over: all back for a while, none of them coming and going."""
        over = [one for one in self.open.values() if self._is_over(one)]
        flapping = set(
            IncidentOnt.objects.filter(
                incident__in=[one.pk for one in over], ont__watch__flapping=True
            ).values_list("incident_id", flat=True)
            if over
            else ()
        )
        for incident in over:
            if incident.pk not in flapping:
                incident.closed_at, incident.snoozed_until = self.now, None
                self.note(incident, Change.CLOSED)

    def _is_over(self, incident: Incident) -> bool:
        if incident.merged_into is not None or incident.out:
            return False
        if incident.kind == Kind.ROUTER and incident.router_back_at is None:
            return False
        backs = [at for at in (incident.last_back_at, incident.router_back_at) if at is not None]
        return max(backs, default=self.now - SETTLED) <= self.now - SETTLED

    def wake(self) -> None:
        """End the snoozes that have run out."""
        for incident in self.open.values():
            if incident.snoozed_until is not None and incident.snoozed_until <= self.now:
                incident.snoozed_until = None
                self.note(incident, Change.WOKEN)

    def save(self) -> None:
        """Write what changed of the incidents, their timelines, and tell of it."""
        changed = [self.open[pk] for pk, changes in self._changes.items() if changes]
        silently = [self.open[pk] for pk in self._touched if not self._changes.get(pk)]
        Incident.objects.bulk_update([*changed, *silently], WRITTEN, batch_size=100)
        told = [
            (incident, change, details)
            for incident in changed
            for change, details in self._changes[incident.pk].items()
        ]
        # What opens or grows comes before the parts that it took in.
        tell(sorted(told, key=lambda one: ORDER.index(one[1])), self.now)


def tell(
    changes: Iterable[tuple[Incident, Change, Mapping[str, Any]]],
    now: datetime,
    *,
    person: Person | None = None,
    text: str = "",
) -> None:
    """Write the timelines and tell the feed; last in the transaction that wrote the incidents."""
    told = list(changes)
    Step.objects.bulk_create(
        (
            Step(
                incident=incident,
                at=now,
                change=change.value,
                person=person,
                actor=person.get_username() if person else "",
                text=text,
                details=dict(details),
            )
            for incident, change, details in told
        ),
        batch_size=CHUNK,
    )
    feed.append_all(
        [
            (
                CHANGED,
                {
                    "incident": incident.pk,
                    "change": change.value,
                    "onts": incident.onts,
                    "out": incident.out,
                    "silent": incident.silent,
                    **({"into": details["into"]} if "into" in details else {}),
                },
            )
            for incident, change, details in told
        ],
        at=now,
    )


def _widen(incident: Incident, gathered: Gathered, losses: Sequence[Loss]) -> None:
    scope = SCOPES[gathered.reach]
    incident.scope, incident.severity = scope, SEVERITIES[scope]
    incident.site_id, incident.area_id, incident.ont = gathered.site, gathered.area, None
    incident.facts = _facts(scope, losses) if losses else incident.facts


def _facts(scope: Scope, losses: Sequence[Loss]) -> dict[str, Any]:
    """What it is called should the rows be gone; a fleet has no name."""
    first = losses[0]
    names = {
        Scope.ONT: first.name,
        Scope.AREA: first.area_name or first.site_name,
        Scope.SITE: first.site_name,
    }
    return {"name": names.get(scope, ""), "site": "" if scope is Scope.FLEET else first.site_name}
