"""Outages that no incident explains yet, and which of them are held back: one query per question."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from ronda.devices.models import Ont
from ronda.incidents.models import Held, IncidentOnt
from ronda.incidents.rules.gathering import Lost, Sizes
from ronda.monitoring.events import Reason
from ronda.monitoring.models import Outage
from ronda.monitoring.service.taking import IMPORTED

CHUNK = 500


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """The ids in order, so many at once as a query may name."""
    ordered = sorted(ids)
    for first in range(0, len(ordered), CHUNK):
        yield ordered[first : first + CHUNK]


@dataclass(frozen=True, slots=True)
class Loss:
    """One outage that needs an incident; `at` is when it counts from, `back_at` None while it lasts."""

    outage: int
    ont: int
    name: str
    site: int
    site_name: str
    area: int | None
    area_name: str
    lost_at: datetime
    at: datetime
    confirmed_at: datetime
    back_at: datetime | None
    reason: str

    @property
    def silent(self) -> bool:
        """Found after a restart: on record, but no news."""
        return self.reason == Reason.FOUND_AFTER_RESTART

    def as_lost(self) -> Lost:
        """As the rules take it."""
        return Lost(self.ont, self.site, self.area, self.at)

    def as_old(self) -> Loss:
        """The same outage, which is no news; one that never answered is none anyway."""
        if self.reason == Reason.NEVER_ANSWERED:
            return self
        return replace(self, reason=str(Reason.FOUND_AFTER_RESTART))

    def counting_from(self, at: datetime) -> Loss:
        """The same outage, which nothing suppresses any more since `at`."""
        return replace(self, at=max(self.lost_at, at))


def unexplained(now: datetime, hold: timedelta) -> list[Loss]:
    """Outages that go on without an incident; none before the oldest of them is `hold` old."""
    rows = Outage.objects.filter(ended_at=None, incident_ont=None, held=None)
    found = list(_read(rows))
    if not found or min(one.confirmed_at for one in found) > now - hold:
        return []
    return found


def missed(outages: Collection[int], brief: timedelta) -> list[Loss]:
    """Of these outages those that ended before anybody looked, if they lasted longer than `brief`."""
    found: list[Loss] = []
    for chunk in chunks(outages):
        rows = Outage.objects.filter(pk__in=chunk, incident_ont=None, held=None)
        found += (
            one
            for one in _read(rows.exclude(ended_at=None))
            if one.back_at is not None and one.back_at - one.confirmed_at >= brief
        )
    return found


def of_outages(outages: Collection[int]) -> list[Loss]:
    """These outages, as long as they go on."""
    return [
        one
        for chunk in chunks(outages)
        for one in _read(Outage.objects.filter(pk__in=chunk, ended_at=None))
    ]


def _read(rows: QuerySet[Outage]) -> Iterator[Loss]:
    wanted = (
        rows.exclude(cause=IMPORTED)
        .order_by()
        .values_list(
            "pk",
            "ont_id",
            "ont__name",
            "ont__site_id",
            "ont__site__name",
            "ont__area_id",
            "ont__area__name",
            "started_at",
            "confirmed_at",
            "ended_at",
            "ont__watch__reason",
        )
    )
    for pk, ont, name, site, site_name, area, area_name, start, sure, end, reason in wanted:
        yield Loss(
            outage=pk,
            ont=ont,
            name=name,
            site=site,
            site_name=site_name,
            area=area,
            area_name=area_name or "",
            lost_at=start,
            at=start,
            confirmed_at=sure,
            back_at=end,
            reason=reason or "",
        )


def without_never(losses: Sequence[Loss], now: datetime) -> list[Loss]:
    """Those that were there once; that the others never answered is written down as the reason."""
    never = [one for one in losses if one.reason == Reason.NEVER_ANSWERED and one.back_at is None]
    Held.objects.bulk_create(
        (
            Held(outage_id=one.outage, ont_id=one.ont, why=Held.Why.NEVER, held_at=now)
            for one in never
        ),
        batch_size=CHUNK,
        ignore_conflicts=True,
    )
    held = {one.outage for one in never}
    return [one for one in losses if one.outage not in held]


def sizes() -> Sizes:
    """How many ONTs are watched in each area of each site."""
    rows = Ont.objects.watched().order_by().values("site_id", "area_id").annotate(count=Count("pk"))
    return Sizes({(row["site_id"], row["area_id"]): row["count"] for row in rows})


def known_onts(onts: Collection[int]) -> dict[int, set[int]]:
    """Of these ONTs those that an open incident had already: incident to ONTs."""
    found: dict[int, set[int]] = {}
    for chunk in chunks(onts):
        rows = IncidentOnt.objects.filter(ont_id__in=chunk, incident__closed_at=None)
        for incident, ont in rows.values_list("incident_id", "ont_id").distinct():
            found.setdefault(incident, set()).add(ont)
    return found
