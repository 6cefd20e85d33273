"""Which troubles lie wholly under planned work, and so are no news while it lasts."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from ronda.alerts.models import Occurrence
from ronda.incidents.models import Incident, IncidentOnt, Kind
from ronda.monitoring.service import maintenance


def under_work(rows: Collection[Occurrence], now: datetime) -> set[int]:
    """The ids of the open troubles that planned work explains now; one question where there is no work.

    An incident is explained when each of its ONTs that are out is under work, that of a router by work on its
    whole site; what else belongs to sites, by work on all of them.
    """
    placed = [row for row in rows if row.closed_at is None and row.sites]
    works = list(maintenance.on_at(now)) if placed else []
    whole = {one.site_id for one in works if one.site_id and not one.area_id}
    if not works:
        return set()
    found = {row.pk for row in placed if row.incident is None and whole.issuperset(row.sites)}
    incidents = {row.incident: row.pk for row in placed if row.incident is not None}
    return found | {incidents[number] for number in _incidents(incidents, whole, now)}


def _incidents(numbers: Collection[int], whole: Collection[int | None], now: datetime) -> set[int]:
    out: defaultdict[int, set[int]] = defaultdict(set)
    members = IncidentOnt.objects.filter(incident__in=numbers, back_at=None)
    for incident, ont in members.values_list("incident", "ont"):
        out[incident].add(ont)
    covered = maintenance.covering({ont for onts in out.values() for ont in onts}, now)
    routers = Incident.objects.filter(pk__in=numbers, kind=Kind.ROUTER)
    at_site = dict(routers.values_list("pk", "site"))
    found = {number for number in out if out[number] <= covered.keys()} - at_site.keys()
    return found | {number for number, site in at_site.items() if site in whole}
