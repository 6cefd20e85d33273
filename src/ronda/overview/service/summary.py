"""The dashboard's figures: each a question to the slices below, none proportional to the page."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When
from django.utils import timezone

from ronda.devices.models import Category, Ont
from ronda.devices.service.scope import mine
from ronda.monitoring.models import Outage, Poller, State

WORST_AREAS = 12
LONGEST = 15
HOURS = 24

DOWN = Q(watch__state=State.DOWN)
WATCHED = Q(monitored=True) & ~Q(address="")


@dataclass(frozen=True, slots=True)
class Group:
    """ONTs of one area or category: how many, how many of them down, how many not known."""

    id: int | str | None
    name: str
    total: int
    down: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Outages that began in one hour; `height` is 0-100 of the tallest."""

    at: datetime
    count: int
    height: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the dashboard shows."""

    counts: dict[str, int]
    areas: list[Group]
    categories: list[Group]
    ongoing: list[Outage]
    unstable: list[Ont]
    bars: list[Bar] = field(default_factory=list)
    pollers: list[Poller] = field(default_factory=list)
    unlocated: int = 0
    unaddressed: int = 0


def counts() -> dict[str, int]:
    """How many ONTs are in each state; what is not watched is paused, or unknown without address."""
    found = dict.fromkeys(State.values, 0)
    shown = Case(
        When(address="", then=Value("unknown")),
        When(monitored=False, then=Value("paused")),
        When(watch__state=None, then=Value("unknown")),
        default=F("watch__state"),
    )
    rows = (
        mine(Ont.objects.present())
        .annotate(shown=shown)
        .values_list("shown")
        .annotate(n=Count("id"))
        .order_by()
    )
    for state, number in rows:
        found[state] += number
    return {"total": sum(found.values()), **found}


def summary(now: datetime | None = None) -> Summary:
    """The dashboard at this moment."""
    moment = now or timezone.now()
    gaps = mine(Ont.objects.present()).aggregate(
        unlocated=Count("id", filter=Q(latitude=None) | Q(longitude=None)),
        unaddressed=Count("id", filter=Q(address="")),
    )
    return Summary(
        counts=counts(),
        areas=areas()[:WORST_AREAS],
        categories=categories(),
        ongoing=list(
            mine(Outage.objects.filter(ended_at=None, ont__deleted_at=None), "ont__site")
            .select_related("ont", "ont__area", "ont__watch")
            .order_by("started_at")[:LONGEST]
        ),
        unstable=list(
            mine(Ont.objects.present())
            .filter(watch__flapping=True)
            .select_related("area", "watch")
            .order_by("name")[:LONGEST]
        ),
        bars=hourly(moment),
        pollers=list(Poller.objects.order_by("name")),
        unlocated=gaps["unlocated"],
        unaddressed=gaps["unaddressed"],
    )


def areas() -> list[Group]:
    """Areas that have anything down, worst first, then the rest by size."""
    rows = (
        mine(Ont.objects.present())
        .values("area_id", "area__name")
        .annotate(total=Count("id"), down=_number(DOWN & WATCHED), unknown=_number(_not_known()))
        .order_by("-down", "-total", "area__name")
    )
    return [
        Group(row["area_id"], row["area__name"] or "", row["total"], row["down"], row["unknown"])
        for row in rows
    ]


def categories() -> list[Group]:
    """All categories in their fixed order."""
    rows = {
        row["category"]: row
        for row in mine(Ont.objects.present())
        .values("category")
        .annotate(total=Count("id"), down=_number(DOWN & WATCHED), unknown=_number(_not_known()))
        .order_by()
    }
    empty: dict[str, Any] = {"total": 0, "down": 0, "unknown": 0}
    return [
        Group(
            value,
            str(label),
            *(rows.get(value, empty)[name] for name in ("total", "down", "unknown")),
        )
        for value, label in Category.choices
    ]


def hourly(now: datetime) -> list[Bar]:
    """Outages that began in each of the last 24 hours, oldest first."""
    end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    first = end - timedelta(hours=HOURS)
    tally = [0] * HOURS
    began = Outage.objects.filter(started_at__gte=first, started_at__lt=end)
    starts = mine(began, "ont__site").values_list("started_at", flat=True)
    for start in starts.order_by().iterator(5000):
        tally[int((start - first).total_seconds() // 3600)] += 1
    top = max(tally) or 1
    return [
        Bar(first + timedelta(hours=hour), count, round(100 * count / top))
        for hour, count in enumerate(tally)
    ]


def _number(condition: Q) -> Sum:
    return Sum(Case(When(condition, then=1), default=0), output_field=IntegerField())


def _not_known() -> Q:
    return Q(address="") | Q(watch=None) | Q(watch__state=State.UNKNOWN)
