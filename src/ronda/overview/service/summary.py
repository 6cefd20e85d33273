"""The dashboard's figures: each a question to the slices below, none proportional to the page."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Q, Value, When
from django.utils import timezone

from ronda.devices.models import Category, Ont
from ronda.devices.service.scope import mine
from ronda.monitoring.models import Outage, Poller, State

WORST_AREAS = 12
LONGEST = 15
HOURS = 24

# Beside the states of monitoring: ONTs that cannot be watched, and those that have not been yet.
UNADDRESSED, UNWATCHED = "unaddressed", "unwatched"


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


@dataclass(frozen=True, slots=True)
class Tally:
    """How many ONTs of one area and category are in one state, and how many of these lack a position or flap."""

    area: int | None
    area_name: str
    category: str
    state: str
    total: int
    unlocated: int
    flapping: int

    @property
    def down(self) -> int:
        """How many of them are down."""
        return self.total if self.state == State.DOWN else 0

    @property
    def unknown(self) -> int:
        """Of how many nothing is known, for want of an address or of a first round."""
        return self.total if self.state in {UNADDRESSED, UNWATCHED, State.UNKNOWN} else 0


def tallies() -> list[Tally]:
    """Every ONT, counted once: one pass over the list, from which all figures are summed up."""
    shown = Case(
        When(address="", then=Value(UNADDRESSED)),
        When(monitored=False, then=Value(State.PAUSED)),
        When(watch__state=None, then=Value(UNWATCHED)),
        default=F("watch__state"),
    )
    rows = (
        mine(Ont.objects.present())
        .values_list("area_id", "area__name", "category", shown)
        .annotate(
            total=Count("id"),
            unlocated=Count("id", filter=Q(latitude=None) | Q(longitude=None)),
            flapping=Count("id", filter=Q(watch__flapping=True)),
        )
        .order_by()
    )
    return [Tally(area, name or "", *rest) for area, name, *rest in rows]


def counts(found: list[Tally] | None = None) -> dict[str, int]:
    """How many ONTs are in each state; what is not watched is paused, or unknown without address."""
    states = dict.fromkeys(State.values, 0)
    for tally in tallies() if found is None else found:
        known = tally.state in states
        states[tally.state if known else State.UNKNOWN] += tally.total
    return {"total": sum(states.values()), **states}


def summary(now: datetime | None = None) -> Summary:
    """The dashboard at this moment."""
    moment = now or timezone.now()
    found = tallies()
    return Summary(
        counts=counts(found),
        areas=areas(found)[:WORST_AREAS],
        categories=categories(found),
        ongoing=list(
            mine(Outage.objects.filter(ended_at=None, ont__deleted_at=None), "ont__site")
            .select_related("ont", "ont__area", "ont__watch")
            .order_by("started_at")[:LONGEST]
        ),
        unstable=_unstable() if any(tally.flapping for tally in found) else [],
        bars=hourly(moment),
        pollers=list(Poller.objects.order_by("name")),
        unlocated=sum(tally.unlocated for tally in found),
        unaddressed=sum(tally.total for tally in found if tally.state == UNADDRESSED),
    )


def _unstable() -> list[Ont]:
    return list(
        mine(Ont.objects.present())
        .filter(watch__flapping=True)
        .select_related("area", "watch")
        .order_by("name")[:LONGEST]
    )


def areas(found: list[Tally] | None = None) -> list[Group]:
    """Areas that have anything down, worst first, then the rest by size."""
    by_area: dict[int | None, list[Tally]] = defaultdict(list)
    for tally in tallies() if found is None else found:
        by_area[tally.area].append(tally)
    groups = [_group(area, rows[0].area_name, rows) for area, rows in by_area.items()]
    return sorted(groups, key=lambda group: (-group.down, -group.total, group.name))


def categories(found: list[Tally]) -> list[Group]:
    """All categories in their fixed order."""
    by_category: dict[str, list[Tally]] = defaultdict(list)
    for tally in found:
        by_category[tally.category].append(tally)
    return [_group(value, str(label), by_category[value]) for value, label in Category.choices]


def _group(pk: int | str | None, name: str, rows: list[Tally]) -> Group:
    return Group(
        pk,
        name,
        sum(row.total for row in rows),
        sum(row.down for row in rows),
        sum(row.unknown for row in rows),
    )


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
