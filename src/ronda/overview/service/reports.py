"""Reports: where the time of a period went, by site, area, category and ONT, worst first.

Uptime is counted from outages and unobserved time, exactly (`monitoring.rules.intervals`), so every
figure can be recomputed from the list of outages. Round trips and loss come from the hour columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.devices.models import Category, Ont
from ronda.devices.service.scope import mine
from ronda.kernel.periods import Period, midnight
from ronda.monitoring.history import outage_days
from ronda.monitoring.models import State, Transition
from ronda.monitoring.rules.intervals import Span, Uptime
from ronda.monitoring.service.uptime import Uptimes, uptimes
from ronda.overview.service.report_hours import Hours, Quality, Samples, together

By = Literal["site", "area", "category", "ont"]
LEVELS: tuple[By, ...] = ("site", "area", "category", "ont")
WORST_ONTS = 100
MOST_BARS = 62
ZERO = timedelta()


class Listed(NamedTuple):
    """One ONT of the report."""

    id: int
    name: str
    customer_id: str
    location: str
    site_id: int
    site: str
    area_id: int | None
    area: str
    category: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Which ONTs are meant; None and "" leave a question open."""

    site: int | None = None
    area: int | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A site, area, category or ONT in the period. `bar` is its downtime, 0-100 of the worst row's."""

    level: By
    key: int | str | None
    name: str
    site: str
    area: str
    category: str
    onts: int
    uptime: Uptime
    quality: Quality
    customer_id: str = ""
    location: str = ""
    before: Uptime | None = None
    bar: int = 0

    @property
    def share_up(self) -> float | None:
        """Uptime, 0-1."""
        return _share(self.uptime.uptime_percent)

    @property
    def share_observed(self) -> float | None:
        """Observed time, 0-1."""
        return _share(self.uptime.observed_percent)

    @property
    def share_before(self) -> float | None:
        """Uptime in the period before, 0-1."""
        return None if self.before is None else _share(self.before.uptime_percent)

    @property
    def gained(self) -> float | None:
        """Percentage points of uptime more than in the period before."""
        before = None if self.before is None else self.before.uptime_percent
        now = self.uptime.uptime_percent
        return None if now is None or before is None else now - before


@dataclass(frozen=True, slots=True)
class Bar:
    """Outages that began in one stretch of the period; `height` is 0-100 of the tallest."""

    at: datetime
    count: int
    height: int

    @property
    def top(self) -> int:
        """Where it begins, counted from above."""
        return 100 - self.height


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `rows` are of the level asked for, `onts` the ONTs, both worst first."""

    period: Period
    by: By
    made_at: datetime
    until: datetime
    """Up to when time was counted: the period's end, or now while it still goes on."""
    totals: Row
    rows: list[Row]
    onts: list[Row]
    bars: list[Bar] = field(default_factory=list)
    still_down: int = 0
    every: int = 1
    """RTT and loss are of every n-th hour."""

    @property
    def running(self) -> bool:
        """The period is not over yet."""
        return self.until < self.period.end


def report(
    period: Period,
    by: By = "area",
    scope: Scope | None = None,
    *,
    onts: int | None = WORST_ONTS,
    now: datetime | None = None,
) -> Report:
    """The report of a period.

    Args:
        by: the level of `rows`; with `ont` the rows are all ONTs.
        onts: how many of the worst ONTs come along in `onts`; None: all.
        now: the present; time after it is in no figure.
    """
    return _Making(period, scope or Scope(), now or timezone.now()).made(by, onts)


def levels(
    period: Period, scope: Scope | None = None, *, now: datetime | None = None
) -> dict[By, Report]:
    """The same report by every level; the fleet is read once."""
    making = _Making(period, scope or Scope(), now or timezone.now())
    return {by: making.made(by, 0) for by in LEVELS}


class _Making:
    """What one report reads once, whatever it is then sorted by."""

    def __init__(self, period: Period, scope: Scope, now: datetime) -> None:
        self.period, self.now = period, now
        self.start = period.start.astimezone(UTC)
        self.until = max(period.start, min(period.end, now)).astimezone(UTC)
        before = period.before()
        outages = outage_days.touching(before.start, self.until)
        self.figures = uptimes(Span(self.start, self.until), now=now, known=outages)
        self.past = uptimes(Span(before.start, before.end), now=now, known=outages)
        self.listed = [ont for ont in _listed(scope) if self.figures.of(ont.id).total]
        width = 1 + max((ont.id for ont in self.listed), default=0)
        self.hours = Hours(period.start, self.until, width)
        ids = {ont.id for ont in self.listed}
        self.outages = [outage for outage in outages.times() if outage[0] in ids]

    def made(self, by: By, onts: int | None) -> Report:
        """The report by one level, with so many of the worst ONTs."""
        groups: defaultdict[tuple[object, ...], list[Listed]] = defaultdict(list)
        for ont in self.listed:
            groups[KEYS[by](ont)].append(ont)
        samples = {key: self.hours.of(ont.id for ont in group) for key, group in groups.items()}
        rows = [self._row(by, group, samples[key]) for key, group in groups.items()]
        started = self._started()
        return Report(
            period=self.period,
            by=by,
            made_at=self.now,
            until=self.until,
            totals=self._totals(samples.values()),
            rows=_ranked(rows),
            onts=self._worst(onts),
            bars=_bars(self.period, self.until, started),
            still_down=self._still_down(),
            every=self.hours.every,
        )

    def _row(self, by: By, group: Sequence[Listed], samples: Samples) -> Row:
        first = group[0]
        named: dict[By, tuple[int | str | None, str]] = {
            "site": (first.site_id, first.site),
            "area": (first.area_id, first.area),
            "category": (first.category, str(Category(first.category).label)),
            "ont": (first.id, first.name),
        }
        single = by == "ont"
        key, name = named[by]
        return Row(
            level=by,
            key=key,
            name=name,
            site=first.site if by != "category" else "",
            area=first.area if by in ("area", "ont") else "",
            category=first.category if by in ("category", "ont") else "",
            onts=len(group),
            uptime=_sum(self.figures, group),
            before=_sum(self.past, group),
            quality=samples.quality(),
            customer_id=first.customer_id if single else "",
            location=first.location if single else "",
        )

    def _totals(self, samples: Iterable[Samples]) -> Row:
        return Row(
            level="site",
            key=None,
            name="",
            site="",
            area="",
            category="",
            onts=len(self.listed),
            uptime=_sum(self.figures, self.listed),
            before=_sum(self.past, self.listed),
            quality=together(samples).quality(),
        )

    def _worst(self, count: int | None) -> list[Row]:
        """The ONTs with the lowest uptime; those to which nothing happened only when all are wanted."""
        if count == 0:
            return []
        listed = self.listed
        if count is not None:
            hit = [ont for ont in listed if self.figures.of(ont.id).down]
            listed = sorted(hit, key=lambda ont: _badness(self.figures.of(ont.id), ont.name))
            listed = listed[:count]
        return _ranked([self._row("ont", [ont], self.hours.of([ont.id])) for ont in listed])

    def _started(self) -> list[datetime]:
        """When the outages of these ONTs began, as far as they began in the period."""
        start, end = self.start, self.until
        return [began for _ont, began, _ended in self.outages if start <= began < end]

    def _still_down(self) -> int:
        """How many of them were still down when the period (or now) ended."""
        end = self.until
        return sum(
            began < end and (ended is None or ended >= end) for _ont, began, ended in self.outages
        )


KEYS: dict[By, Callable[[Listed], tuple[object, ...]]] = {
    "site": lambda ont: (ont.site_id,),
    "area": lambda ont: (ont.site_id, ont.area_id),
    "category": lambda ont: (ont.category,),
    "ont": lambda ont: (ont.id,),
}


def _listed(scope: Scope) -> list[Listed]:
    """The ONTs on the list now that are watched, or were before somebody set them aside."""
    query = mine(Ont.objects.present()).exclude(address="")
    if scope.site is not None:
        query = query.filter(site=scope.site)
    if scope.area is not None:
        query = query.filter(area=scope.area)
    if scope.category:
        query = query.filter(category=scope.category)
    set_aside = set(
        Transition.objects.filter(ont__monitored=False, after=State.PAUSED)
        .order_by()
        .values_list("ont_id", flat=True)
        .distinct()
    )
    rows = query.order_by("id").values_list(
        *("monitored", "id", "name", "customer_id", "location"),
        *("site_id", "site__name", "area_id", "area__name", "category"),
    )
    return [
        Listed(ont, name, customer, location, site_id, site, area_id, area or "", category)
        for monitored, ont, name, customer, location, site_id, site, area_id, area, category in (
            rows.iterator(chunk_size=5000)
        )
        if monitored or ont in set_aside
    ]


def _sum(figures: Uptimes, group: Sequence[Listed]) -> Uptime:
    return figures.of_all(ont.id for ont in group)


def _badness(part: Uptime, name: str) -> tuple[float, timedelta, str]:
    percent = part.uptime_percent
    return (101.0 if percent is None else percent, -part.down, name)


def _ranked(rows: list[Row]) -> list[Row]:
    """Worst first, each with its bar."""
    most = max((row.uptime.down for row in rows), default=ZERO)
    ordered = sorted(rows, key=lambda row: (*_badness(row.uptime, row.name), str(row.key)))
    if not most:
        return ordered
    return [replace(row, bar=-(-100 * row.uptime.down // most)) for row in ordered]


def _bars(period: Period, until: datetime, started: Iterable[datetime]) -> list[Bar]:
    """Outages by when they began: by hour for a day or two, by days otherwise."""
    if period.days <= 2:
        hours = int((period.end - period.start) / timedelta(hours=1))
        edges = [period.start + timedelta(hours=n) for n in range(hours)]
    else:
        step = -(-period.days // MOST_BARS)
        edges = [
            midnight(period.first + timedelta(days=n), period.zone)
            for n in range(0, period.days, step)
        ]
    counts = [0] * len(edges)
    marks = [edge.timestamp() for edge in edges]
    for at in started:
        counts[bisect_right(marks, at.timestamp()) - 1] += 1
    top = max(counts) or 1
    return [
        Bar(edge, count, -(-100 * count // top))
        for edge, count in zip(edges, counts, strict=True)
        if edge < until
    ]


def policy(made: Report) -> list[str]:
    """How the figures were counted, in plain words."""
    lines = [
        _("An outage counts from its first missed probe to its first good one."),
        _(
            "Of an outage that began before the period or ended after it, only the part inside is "
            "counted; one that still goes on counts up to the end of the period, or up to the "
            "moment this report was made."
        ),
        _(
            "Time in which the watch itself could see nothing counts neither as up nor as down. "
            "It lowers “observed”, never “uptime”."
        ),
        _("Time in which an ONT was set aside (not monitored) is left out entirely."),
        _("An ONT added during the period counts from the moment it was added."),
        _("ONTs that were deleted, or have no address, are not in this report."),
        _("Uptime = time up / (time up + time down), summed over the ONTs of a row."),
        _(
            "RTT is the typical one (geometric mean of the hours) and the one that 95 of 100 hours "
            "did not exceed; loss is the share of probes without a reply, outages included. "
            "Both are of whole hours that are over."
        ),
    ]
    if made.every > 1:
        lines.append(
            _("The period is long: RTT and loss are read from every %(n)s. hour.")
            % {"n": made.every}
        )
    return lines


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100
