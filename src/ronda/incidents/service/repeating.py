"""ONTs that are lost again and again: told of once a period, and listed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet

from ronda.accounts.models import Person
from ronda.devices.service import scope
from ronda.incidents.events import REPEATED, Change
from ronda.incidents.models import Held, Incident, Repeated, Step
from ronda.incidents.service.losses import CHUNK, chunks
from ronda.monitoring.models import Outage
from ronda.work import feed, tuning

# Outages that came in by an import tell of the past.
IMPORTED = "imported"


def least() -> int:
    """So many outages in `period` are often; 0: nothing is."""
    return int(tuning.value("repeated_outages"))


def period() -> timedelta:
    """The time in which outages are counted."""
    return timedelta(hours=tuning.value("repeated_hours"))


def tell(lost: Mapping[int, Incident], now: datetime) -> int:
    """Tell of those of the ONTs just lost that have been lost often; how many were told of.

    Call it in the transaction that found the losses. Each is told of at most once a period.
    """
    enough = least()
    if not lost or enough < 2:
        return 0
    since = now - period()
    often = [row for row in _counted(lost, since) if row["count"] >= enough]
    told = _told(often, since)
    rows = [
        Repeated(
            ont_id=row["ont_id"],
            since=row["first"],
            count=row["count"],
            told_at=now,
            incident=lost[row["ont_id"]],
        )
        for row in often
        if row["ont_id"] not in told
    ]
    Repeated.objects.bulk_create(rows, batch_size=CHUNK)
    Step.objects.bulk_create(
        (
            Step(
                incident=row.incident,
                at=now,
                change=Change.REPEATED.value,
                details={"count": row.count, "ont": row.ont_id},
            )
            for row in rows
        ),
        batch_size=CHUNK,
    )
    feed.append_all(
        [
            (
                REPEATED,
                {
                    "ont": row.ont_id,
                    "count": row.count,
                    "since": row.since.isoformat(),
                    "incident": row.incident_id,
                },
            )
            for row in rows
        ],
        at=now,
    )
    return len(rows)


def _counted(onts: Collection[int], since: datetime) -> list[dict[str, Any]]:
    return [
        dict(row)
        for chunk in chunks(onts)
        for row in _outages(since)
        .filter(ont_id__in=chunk)
        .values("ont_id")
        .annotate(count=Count("pk"), first=Min("started_at"))
    ]


def _told(often: Collection[Mapping[str, Any]], since: datetime) -> set[int]:
    return {
        ont
        for chunk in chunks(row["ont_id"] for row in often)
        for ont in Repeated.objects.filter(ont_id__in=chunk, told_at__gt=since).values_list(
            "ont_id", flat=True
        )
    }


def _outages(since: datetime) -> QuerySet[Outage]:
    """The outages that count: not planned work, not what never answered, not imported."""
    # `held` is NULL for most, which a plain `exclude` would take as "not known" on some databases.
    counts = Q(held=None) | ~Q(held__why__in=[Held.Why.NEVER, Held.Why.WINDOW])
    return Outage.objects.filter(counts, started_at__gt=since).exclude(cause=IMPORTED).order_by()


def often_lost(person: Person | None, now: datetime) -> QuerySet[Outage, Any]:
    """The ONTs that were lost often in the period: `ont_id`, `name`, `location`, `area`, `site`,
    `count` and `last`, most often first. Nothing when `least` is 0."""
    rows = scope.narrow(_outages(now - period()), person, "ont__site")
    found = (
        rows.filter(ont__deleted_at=None)
        .values(
            "ont_id",
            name=F("ont__name"),
            location=F("ont__location"),
            area=F("ont__area__name"),
            site=F("ont__site__name"),
        )
        .annotate(count=Count("pk"), last=Max("started_at"))
        .filter(count__gte=least())
    )
    return found.order_by("-count", "-last", "ont_id") if least() >= 2 else found.none()


def times_lost(ont: int, now: datetime) -> int:
    """How often one ONT was lost in the period."""
    return _outages(now - period()).filter(ont=ont).count()
