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
from ronda.incidents.events import CHANGED, HELD, REPEATED, Change
from ronda.incidents.models import Incident, IncidentOnt, Kind, Scope
from ronda.incidents.models import Severity as Badness
from ronda.upkeep.rules.conditions import Kind as TroubleKind
from ronda.work.models import Event

#: What does not change whom an incident concerns.
NO_MATTER = frozenset({Change.ASSIGNED, Change.NOTED, Change.REPEATED})
#: Names read of an incident of several sites, among which those of a site with few are likely to be.
MOST_NAMES = 100
#: A part of a part of a part: longer chains are a loop.
LONGEST_CHAIN = 20


def key_of(incident: int) -> str:
    """The key of an incident's occurrence, and the thread of its messages."""
    return f"incident:{incident}"


def take(events: Iterable[Event]) -> list[Occurrence]:
    """Bring the occurrences of these incidents up to date; those that have to be decided again."""
    read = list(events)
    changes: dict[int, set[str]] = {}
    for event in read:
        if event.topic == CHANGED:
            changes.setdefault(event.payload["incident"], set()).add(event.payload["change"])
    wanted = [pk for pk, made in changes.items() if made - NO_MATTER]
    rows = list(Incident.objects.filter(pk__in=wanted).order_by("pk"))
    whole = [_of_incident(row) for row in rows if row.merged_into_id is None]
    for row in rows:
        if row.merged_into_id is not None:
            whole += _hand_over(row)
    # After the incidents, which may explain them.
    found = [one for event in read for one in _of_others(event)]
    return [*{one.pk: one for one in whole if one is not None}.values(), *found]


def _of_others(event: Event) -> Collection[Occurrence]:
    if event.topic == REPEATED:
        return _of_repetition(event)
    return _of_work(event) if event.topic == HELD else ()


def _of_incident(row: Incident) -> Occurrence | None:
    known = Occurrence.objects.filter(key=key_of(row.pk)).first()
    if known is None:
        if row.silent:
            return None
        known = Occurrence(key=key_of(row.pk), incident=row.pk, opened_at=row.opened_at)
    if row.kind == Kind.ROUTER and known.what != What.ROUTER:
        # What else is wrong with a router that is lost is wrong because it is.
        troubles = (f"router:{kind}:{row.router_id}" for kind in TroubleKind)
        occurrences.explain(troubles, known.key)
    known.what = What.ROUTER if row.kind == Kind.ROUTER else What.OUTAGE
    known.severity = Severity.CRITICAL if row.severity == Badness.CRITICAL else Severity.WARNING
    known.size = max(row.onts, 1)
    known.closed_at = row.closed_at
    known.acknowledged_at = row.acknowledged_at
    known.snoozed_until = row.snoozed_until
    _place(known, row)
    known.save()
    return known


def of_router(router: int) -> str:
    """The key of what is told of this router as lost; "" while it is not."""
    lost = Incident.objects.filter(kind=Kind.ROUTER, router=router, closed_at=None)
    number = lost.filter(silent=False).values_list("pk", flat=True).first()
    return key_of(number) if number else ""


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
    over = row.closed_at is not None
    lost = [
        (one["ont__site"], one["ont__area__name"] or "", one["onts" if over else "out"])
        for one in groups
    ]
    names = _names(members, row, NAMED if len(known.sites) < 2 else MOST_NAMES)
    known.facts = {
        **({"name": row.facts["name"]} if row.facts.get("name") else {}),
        **_counted(lost, names, row.onts if over else row.out or row.onts),
        "since": row.began_at.isoformat(),
        **_router(row),
    }
    if len(known.sites) > 1:
        # What somebody reads who sees some of the sites only.
        known.facts["by_site"] = {
            str(site): _counted(
                [one for one in lost if one[0] == site], [one for one in names if one[0] == site]
            )
            for site in known.sites
        }


def _counted(
    lost: list[tuple[int, str, int]], names: list[tuple[int, str]], count: int | None = None
) -> dict[str, Any]:
    """How many are lost, their names where they are few, and the areas with the most."""
    areas: Counter[str] = Counter()
    for _site, area, number in lost:
        areas[area] += number
    total = areas.total() if count is None else count
    return {
        "count": total,
        "names": [name for _site, name in names] if 0 < total <= NAMED else [],
        "areas": [[name, number] for name, number in areas.most_common(NAMED + 1) if number],
    }


def _names(members: Any, row: Incident, most: int) -> list[tuple[int, str]]:
    """Site and name of the first ONTs."""
    rows = members if row.closed_at is not None or not row.out else members.filter(back_at=None)
    wanted = ("ont__site", "ont__name", "ont__location")
    found = rows.order_by("ont__name").values_list(*wanted).distinct()
    label = "{} ({})".format
    return [(site, label(name, place) if place else name) for site, name, place in found[:most]]


def _router(row: Incident) -> dict[str, Any]:
    return {"trouble": "lost", "behind": row.onts} if row.kind == Kind.ROUTER else {}


def whole_of(row: Incident) -> Incident:
    """The incident that this one turned out to be a part of; itself where it is none."""
    whole = row
    for _step in range(LONGEST_CHAIN):
        if whole.merged_into is None:
            break
        whole = whole.merged_into
    return whole


def _hand_over(row: Incident) -> list[Occurrence]:
    whole = whole_of(row)
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
        parent=_larger(payload.get("incident")),
    )
    return (occurrences.begin(new),)


def _larger(incident: int | None) -> str:
    """The key of the incident, where it is about more than one ONT: then each of them is explained by it."""
    row = Incident.objects.filter(pk=incident or 0).exclude(scope=Scope.ONT).first()
    known = row is not None and Occurrence.objects.filter(key=key_of(row.pk)).exists()
    return key_of(row.pk) if row is not None and known else ""


def _of_work(event: Event) -> list[Occurrence]:
    """What was lost under planned work: told to nobody, and each has that as the reason."""
    onts = Ont.objects.filter(pk__in=event.payload["onts"]).order_by("name")
    found: list[Occurrence] = []
    by_site: dict[int, list[Ont]] = {}
    for ont in onts.select_related("area"):
        by_site.setdefault(ont.site_id, []).append(ont)
    for site, lost in by_site.items():
        areas = Counter(one.area.name if one.area else "" for one in lost)
        few = lost if len(lost) <= NAMED else []
        facts = {
            "count": len(lost),
            "names": [f"{one.name} ({one.location})" if one.location else one.name for one in few],
            "areas": areas.most_common(NAMED + 1),
            "since": event.payload["since"],
        }
        key = f"work:{site}:{event.pk}"
        row = occurrences.begin(
            Beginning(key, What.OUTAGE, event.at, facts, site=site, lasting=False)
        )
        row.areas = sorted({one.area_id for one in lost} - {None})
        row.categories = sorted({one.category for one in lost})
        row.size, row.maintenance = len(lost), True
        row.save()
        found.append(row)
    return found
