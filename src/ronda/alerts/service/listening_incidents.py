"""From incidents to occurrences: what is told of is the incident as it stands, not the steps that led there.

A part that turned out to belong to a larger incident hands over whom it told, so that nobody hears of one
cause twice, and of its end once. What was found after a restart is no news.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Q

from ronda.alerts.models import Occurrence
from ronda.alerts.rules.occurrences import Severity, What
from ronda.alerts.service import occurrences, telling
from ronda.alerts.service.occurrences import Beginning
from ronda.alerts.service.wording import NAMED
from ronda.devices.models import Ont
from ronda.incidents.events import CHANGED, REPEATED, Change
from ronda.incidents.models import Incident, IncidentOnt, Kind
from ronda.incidents.models import Severity as Badness
from ronda.work.models import Event

#: What does not change whom an incident concerns.
NO_MATTER = frozenset({Change.ASSIGNED, Change.NOTED, Change.REPEATED})
#: A part of a part of a part: longer chains are a loop.
LONGEST_CHAIN = 20


def key_of(incident: int) -> str:
    """The key of an incident's occurrence, and the thread of its messages."""
    return f"incident:{incident}"


def take(events: Iterable[Event]) -> list[Occurrence]:
    """Bring the occurrences of these incidents up to date; those that have to be decided again."""
    changes: dict[int, set[str]] = {}
    found: list[Occurrence] = []
    for event in events:
        if event.topic == REPEATED:
            found += _of_repetition(event)
        elif event.topic == CHANGED:
            changes.setdefault(event.payload["incident"], set()).add(event.payload["change"])
    wanted = [pk for pk, made in changes.items() if made - NO_MATTER]
    rows = list(Incident.objects.filter(pk__in=wanted).order_by("pk"))
    whole = [_of_incident(row) for row in rows if row.merged_into_id is None]
    for row in rows:
        if row.merged_into_id is not None:
            whole += _hand_over(row)
    return found + list({one.pk: one for one in whole if one is not None}.values())


def _of_incident(row: Incident) -> Occurrence | None:
    known = Occurrence.objects.filter(key=key_of(row.pk)).first()
    if known is None:
        if row.silent:
            return None
        known = Occurrence(key=key_of(row.pk), incident=row.pk, opened_at=row.opened_at)
    known.what = What.ROUTER if row.kind == Kind.ROUTER else What.OUTAGE
    known.severity = Severity.CRITICAL if row.severity == Badness.CRITICAL else Severity.WARNING
    known.size = max(row.onts, 1)
    known.closed_at = row.closed_at
    known.acknowledged_at = row.acknowledged_at
    known.snoozed_until = row.snoozed_until
    _place(known, row)
    known.save()
    return known


def _place(known: Occurrence, row: Incident) -> None:
    """Where it is, and what its words are made of: one query for places and one for names."""
    members = IncidentOnt.objects.filter(incident=row)
    out = Count("ont", filter=Q(back_at=None), distinct=True)
    groups = list(
        members.order_by()
        .values("ont__site", "ont__area", "ont__area__name", "ont__category")
        .annotate(onts=Count("ont", distinct=True), out=out)
    )
    known.sites = sorted({one["ont__site"] for one in groups} | ({row.site_id} - {None}))
    known.areas = sorted({one["ont__area"] for one in groups} - {None})
    known.categories = sorted({one["ont__category"] for one in groups})
    areas: Counter[str] = Counter()
    for one in groups:
        number = one["onts"] if row.closed_at is not None else one["out"]
        areas[one["ont__area__name"] or ""] += number
    count = row.onts if row.closed_at is not None else row.out
    known.facts = {
        **({"name": row.facts["name"]} if row.facts.get("name") else {}),
        "count": count or row.onts,
        "names": _names(members, row) if 0 < (count or row.onts) <= NAMED else [],
        "areas": [[name, number] for name, number in areas.most_common(NAMED + 1) if number],
        "since": row.began_at.isoformat(),
        **_router(row),
    }


def _names(members: Any, row: Incident) -> list[str]:
    rows = members if row.closed_at is not None or not row.out else members.filter(back_at=None)
    found = rows.order_by("ont__name").values_list("ont__name", "ont__location").distinct()
    return [f"{name} ({place})" if place else name for name, place in found[:NAMED]]


def _router(row: Incident) -> dict[str, Any]:
    return {"trouble": "lost", "behind": row.onts} if row.kind == Kind.ROUTER else {}


def _hand_over(row: Incident) -> list[Occurrence]:
    whole = row
    for _step in range(LONGEST_CHAIN):
        if whole.merged_into is None:
            break
        whole = whole.merged_into
    part, target = Occurrence.objects.filter(key=key_of(row.pk)).first(), _of_incident(whole)
    if part is not None and target is not None:
        part.closed_at, part.parent, part.look_at = row.closed_at, target.key, None
        part.save()
        telling.merge(part, target)
    return [target] if target is not None else []


def _of_repetition(event: Event) -> Collection[Occurrence]:
    payload = event.payload
    ont = Ont.objects.filter(pk=payload["ont"]).first()
    if ont is None:
        return ()
    label = f"{ont.name} ({ont.location})" if ont.location else ont.name
    facts = {"name": label, "count": payload["count"], "since": payload["since"], "ont": ont.pk}
    new = Beginning(
        f"repeated:{ont.pk}:{payload['since']}",
        What.REPEATED,
        event.at,
        facts,
        site=ont.site_id,
        area=ont.area_id,
        category=ont.category,
        lasting=False,
        incident=payload.get("incident"),
    )
    return (occurrences.begin(new),)
