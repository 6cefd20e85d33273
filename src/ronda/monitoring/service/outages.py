"""Questions about outages, one function each; filtering, sorting and paging happen in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from ronda.devices.service.scope import Sites, here
from ronda.monitoring.models import Outage
from ronda.monitoring.rules.intervals import Span, Uptime
from ronda.monitoring.service import outage_files
from ronda.monitoring.service.uptime import uptimes
from ronda.work import feed

#: Feed topic: outages were hidden from the lists.
CLEARED = "monitoring.cleared"

SORTS = {
    "start": ("started_at", "id"),
    "end": ("ended_at", "id"),
    "name": ("ont__name", "id"),
    "duration": ("lasted", "id"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outages are meant; None and "" leave a question open."""

    ont: int | None = None
    site: int | None = None
    area: int | None = None
    category: str = ""
    ongoing: bool | None = None
    start: datetime | None = None
    end: datetime | None = None
    search: str = ""
    cleared: bool = False
    """Also those that a person hid by "clear all"."""
    sites: Sites = field(default_factory=here)


def listing(
    wanted: Wanted, *, sort: str = "-start", now: datetime | None = None
) -> QuerySet[Outage]:
    """Outages with their ONT, site and area; newest first unless `sort` says otherwise.

    `sort` is one of `SORTS`, with a minus for descending; anything else is the default.
    """
    moment = now or timezone.now()
    query = Outage.objects.select_related("ont__site", "ont__area").filter(_where(wanted))
    column = sort.lstrip("-")
    if column not in SORTS:
        sort, column = "-start", "start"
    if column == "duration":
        query = query.annotate(lasted=Coalesce(F("ended_at"), moment) - F("started_at"))
    sign = "-" if sort.startswith("-") else ""
    if column == "end":
        # An outage that has not ended is later than any that has.
        end = F("ended_at")
        first = end.desc(nulls_first=True) if sign else end.asc(nulls_last=True)
        return query.order_by(first, f"{sign}id")
    return query.order_by(*(f"{sign}{name}" for name in SORTS[column]))


def _where(wanted: Wanted, prefix: str = "") -> Q:
    """The condition on outages (`prefix` empty)."""
    where = Q(ont__deleted_at=None) if wanted.ont is None else Q(ont=wanted.ont)
    if wanted.sites is not None:
        where &= Q(ont__site__in=wanted.sites)
    if wanted.site is not None:
        where &= Q(ont__site=wanted.site)
    if wanted.area is not None:
        where &= Q(ont__area=wanted.area)
    if wanted.category:
        where &= Q(ont__category=wanted.category)
    if wanted.ongoing is not None:
        where &= Q(ended_at=None) if wanted.ongoing else Q(ended_at__isnull=False)
    if wanted.start is not None:
        where &= Q(ended_at=None) | Q(ended_at__gt=wanted.start)
    if wanted.end is not None:
        where &= Q(started_at__lt=wanted.end)
    if not wanted.cleared:
        where &= Q(cleared_at=None)
    for word in wanted.search.split()[:8]:
        where &= (
            Q(ont__name__icontains=word)
            | Q(ont__customer_id__icontains=word)
            | Q(ont__location__icontains=word)
            | Q(ont__address__icontains=word)
        )
    return where


@dataclass(frozen=True, slots=True)
class OntSummary:
    """The outages of one ONT within the period asked for; durations are clipped to it."""

    ont_id: int
    name: str
    location: str
    area: str
    count: int
    last_start: datetime
    last_end: datetime | None
    ongoing: bool
    uptime: Uptime

    @property
    def down(self) -> timedelta:
        """Observed time of the period in which it was down."""
        return self.uptime.down

    @property
    def longest(self) -> timedelta:
        """The longest outage's part of that."""
        return self.uptime.longest


SUMMARY_SORTS = {
    "count": ("count", "last_start"),
    "last": ("last_start", "count"),
    "name": ("ont__name", "last_start"),
}


def summary_groups(wanted: Wanted, *, sort: str = "-count") -> QuerySet[Outage, Any]:
    """One row per ONT that had an outage: `ont_id`, `name`, `location`, `count`, `last_start`,
    `last_end`, `open`, `area`; by number of outages, then by the last one's start."""
    column = sort.lstrip("-")
    if column not in SUMMARY_SORTS:
        sort, column = "-count", "count"
    last_end = (
        Outage.objects.filter(ont=OuterRef("ont_id")).order_by("-started_at").values("ended_at")[:1]
    )
    return (
        Outage.objects.filter(_where(wanted))
        .order_by()
        .values(
            "ont_id",
            name=F("ont__name"),
            location=F("ont__location"),
            area=F("ont__area__name"),
        )
        .annotate(
            count=Count("id"),
            last_start=Max("started_at"),
            last_end=Subquery(last_end),
            open=Count("id", filter=Q(ended_at=None)),
        )
        .order_by(
            *(f"-{name}" if sort.startswith("-") else name for name in SUMMARY_SORTS[column]),
            "ont_id",
        )
    )


def with_uptime(
    groups: Iterable[dict[str, Any]], period: Span, now: datetime | None = None
) -> list[OntSummary]:
    """The rows of one page of `summary_groups` with their uptime within `period`."""
    rows = list(groups)
    figures = uptimes(period, onts=[row["ont_id"] for row in rows], now=now)
    return [
        OntSummary(
            ont_id=row["ont_id"],
            name=row["name"],
            location=row["location"],
            area=row["area"] or "",
            count=row["count"],
            last_start=row["last_start"],
            last_end=None if row["open"] else row["last_end"],
            ongoing=bool(row["open"]),
            uptime=figures.of(row["ont_id"]),
        )
        for row in rows
    ]


def count(wanted: Wanted) -> int:
    """How many outages are meant; without the joins that only sorting needs."""
    query = Outage.objects.filter(_where(wanted))
    return query.order_by().count()


def clear_all(now: datetime | None = None) -> int:
    """Hide all outages that are over from the lists; uptime figures still count them.

    They are written to a file first (`outage_files`). Returns how many were hidden. Open outages
    stay, for they are the present.

    Raises:
        OSError: the file could not be written; nothing was hidden.
    """
    moment = now or timezone.now()
    over = Outage.objects.filter(cleared_at=None, ended_at__lte=moment)
    if not over.exists():
        return 0
    file = outage_files.write(over, moment)
    with transaction.atomic():
        hidden = over.update(cleared_at=moment)
        feed.append(CLEARED, {"at": moment.isoformat(), "outages": hidden, "file": file.name})
    return hidden


def hidden_count() -> int:
    """How many outages are hidden from the lists."""
    return Outage.objects.filter(cleared_at__isnull=False).count()


def restore_cleared(cleared_at: datetime | None = None) -> int:
    """Show again what `clear_all` hid (at that moment, or ever); returns how many."""
    hidden = Outage.objects.filter(cleared_at__isnull=False)
    if cleared_at is not None:
        hidden = hidden.filter(cleared_at=cleared_at)
    return hidden.update(cleared_at=None)


CSV_COLUMNS = (
    "ont_id",
    "customer_id",
    "name",
    "location",
    "site",
    "area",
    "category",
    "address",
    "start",
    "end",
    "duration_s",
    "confirmed",
    "last_ok",
    "cause",
)


def csv_rows(
    wanted: Wanted, *, sort: str = "-start", now: datetime | None = None
) -> Iterator[list[Any]]:
    """Heading and rows of a CSV of these outages; times in ISO with the installation's offset."""
    from ronda.devices.rules.text import guard

    moment = now or timezone.now()
    yield list(CSV_COLUMNS)
    for outage in listing(wanted, sort=sort, now=moment).iterator(chunk_size=2000):
        ont = outage.ont
        texts = (
            ont.customer_id,
            ont.name,
            ont.location,
            ont.site.name,
            ont.area.name if ont.area else "",
            ont.category,
            ont.address,
        )
        lasted = (outage.ended_at or moment) - outage.started_at
        yield [
            ont.pk,
            *(guard(text) for text in texts),
            _local(outage.started_at),
            _local(outage.ended_at),
            round(lasted.total_seconds()),
            _local(outage.confirmed_at),
            _local(outage.last_ok_at),
            outage.cause,
        ]


def _local(at: datetime | None) -> str:
    return "" if at is None else timezone.localtime(at).isoformat(timespec="seconds")


def since_ever(wanted: Wanted) -> Span:
    """The period that a summary without dates means: the last 30 days."""
    end = wanted.end or timezone.now()
    return Span(wanted.start or end - timedelta(days=30), wanted.end)


def within(wanted: Wanted, period: Span) -> Wanted:
    """The same question about this period."""
    return replace(wanted, start=period.start, end=period.end)
