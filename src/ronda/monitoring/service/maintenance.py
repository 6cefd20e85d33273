"""Maintenance windows: who is under planned work, when, and what that leaves out of the uptime.

A window is a plan; each turn of it becomes a `Work` when it begins. Uptime reads the works alone, so
that changing a plan changes the future and the end of what is running, and nothing that is past.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from ronda.devices.models import Ont
from ronda.monitoring.models import Window, Work
from ronda.monitoring.rules.intervals import Span
from ronda.monitoring.rules.windows import Plan, Repeat, Zone, following, running, turns
from ronda.storage.database import hold_until_commit
from ronda.work import feed

#: Feed topic: windows were made, changed or taken away, or work began or ended: `{"window": id}`.
CHANGED = "monitoring.maintenance"
WORK_LOCK = 0x574F524B
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Where:
    """What is worked on: a site, an area, or these ONTs."""

    site: int | None = None
    area: int | None = None
    onts: frozenset[int] = frozenset()


def plan_of(window: Window) -> Plan:
    """The window's times, as the rules take them."""
    return Plan(
        first=window.first,
        at=window.at,
        length=timedelta(minutes=window.minutes),
        zone=Zone(window.zone),
        repeat=Repeat(window.repeat),
        days=frozenset(window.days),
        last=window.last,
    )


def where_of(window: Window) -> Where:
    """What the window is over."""
    onts = frozenset(window.onts.values_list("pk", flat=True)) if window.pk else frozenset()
    return Where(window.site_id, window.area_id, onts)


def save(window: Window, onts: Collection[int], now: datetime) -> Window:
    """Write a window, new or changed; what of it runs at this moment ends, or goes on as now planned.

    A window for once may lie in the past: work that was forgotten is then written down.
    """
    with transaction.atomic():
        hold_until_commit(WORK_LOCK)
        is_new = window.pk is None
        if not is_new:
            Window.objects.select_for_update().get(pk=window.pk)
        window.next_at = None
        window.save()
        window.onts.set(onts)
        _replan(window, Where(window.site_id, window.area_id, frozenset(onts)), now)
        plan = plan_of(window)
        if is_new and plan.repeat is Repeat.ONCE:
            for turn in turns(plan, now - timedelta(days=400), now):
                if turn.end <= now:
                    _begin(window, where_of(window), turn.start, turn.end)
        feed.append(CHANGED, {"window": window.pk})
    return window


def take_away(window: Window, now: datetime) -> None:
    """End a window: what runs ends now, nothing more begins, and its past stays."""
    with transaction.atomic():
        hold_until_commit(WORK_LOCK)
        window.ended_at, window.next_at = now, None
        window.save(update_fields=["ended_at", "next_at"])
        window.works.filter(started_at__lte=now, ended_at__gt=now).update(ended_at=now)
        feed.append(CHANGED, {"window": window.pk})


def _replan(window: Window, where: Where, now: datetime) -> None:
    """Bring what runs, and the next beginning, into line with the plan."""
    plan = plan_of(window)
    present = window.works.filter(started_at__lte=now, ended_at__gt=now).first()
    wanted = running(plan, now) if window.ended_at is None else None
    if present is not None:
        same = _where_of_work(present) == where
        if wanted is not None and same:
            Work.objects.filter(pk=present.pk).update(ended_at=wanted.end, name=window.name)
        else:
            # What was worked on until now stays so; from now on the changed plan holds.
            Work.objects.filter(pk=present.pk).update(ended_at=now)
            if wanted is not None:
                _begin(window, where, now, wanted.end)
    elif wanted is not None:
        began = wanted.start if plan.repeat is Repeat.ONCE else max(wanted.start, window.made_at)
        _begin(window, where, began, wanted.end)
    nexts = following(plan, now + timedelta(microseconds=1))
    window.next_at = nexts[0].start if nexts and window.ended_at is None else None
    window.save(update_fields=["next_at"])


def _where_of_work(work: Work) -> Where:
    return Where(work.site_id, work.area_id, frozenset(work.onts))


def _begin(window: Window, where: Where, start: datetime, end: datetime) -> None:
    Work.objects.update_or_create(
        window=window,
        started_at=start,
        defaults={
            "name": window.name,
            "site_id": where.site,
            "area_id": where.area,
            "onts": sorted(where.onts),
            "ended_at": end,
        },
    )


def begin_due(now: datetime) -> int:
    """Write the works whose time has come, those that were missed included; how many."""
    if not Window.objects.filter(next_at__lte=now).exists():
        return 0
    count = 0
    with transaction.atomic():
        hold_until_commit(WORK_LOCK)
        for window in Window.objects.select_for_update().filter(next_at__lte=now):
            plan, where = plan_of(window), where_of(window)
            assert window.next_at is not None  # noqa: S101 -- filtered by it
            for turn in turns(plan, window.next_at, now + timedelta(microseconds=1)):
                _begin(window, where, turn.start, turn.end)
                count += 1
            nexts = following(plan, now + timedelta(microseconds=1))
            window.next_at = nexts[0].start if nexts else None
            window.save(update_fields=["next_at"])
            feed.append(CHANGED, {"window": window.pk})
    return count


def on_at(at: datetime) -> QuerySet[Work]:
    """The works that are on at this moment."""
    return Work.objects.filter(started_at__lte=at, ended_at__gt=at)


def covering(ont_ids: Collection[int], at: datetime) -> dict[int, Work]:
    """Of these ONTs those under work at this moment, each with the work that ends last."""
    return {
        ont: max(works, key=lambda one: one.ended_at)
        for ont, works in _by_ont(list(on_at(at)), ont_ids).items()
    }


def covered(at: datetime) -> set[int]:
    """All ONTs under work at this moment; cheap when there is no work."""
    return set(_by_ont(list(on_at(at)), None))


def spans(
    start: datetime, end: datetime, onts: Collection[int] | None = None
) -> dict[int, list[Span]]:
    """The times of work of each ONT (of all, or of these) that touch [start, end)."""
    works = list(Work.objects.filter(started_at__lt=end, ended_at__gt=start))
    return {
        ont: [Span(work.started_at, work.ended_at) for work in found]
        for ont, found in _by_ont(works, onts).items()
    }


def _by_ont(works: Iterable[Work], onts: Collection[int] | None) -> Mapping[int, list[Work]]:
    """The works of each ONT: one query for those with a place, however many there are."""
    found: defaultdict[int, list[Work]] = defaultdict(list)
    by_site: defaultdict[int, list[Work]] = defaultdict(list)
    by_area: defaultdict[int, list[Work]] = defaultdict(list)
    asked = None if onts is None else set(onts)
    for work in works:
        if work.area_id is not None:
            by_area[work.area_id].append(work)
        elif work.site_id is not None:
            by_site[work.site_id].append(work)
        for ont in work.onts:
            if asked is None or ont in asked:
                found[ont].append(work)
    if by_site or by_area:
        place = Q(site__in=list(by_site)) | Q(area__in=list(by_area))
        for ont, site, area in _places(place, asked):
            found[ont] += [*by_site.get(site, ()), *by_area.get(area, ())]
    return found


def _places(place: Q, asked: set[int] | None) -> Iterable[tuple[int, int, Any]]:
    rows = Ont.objects.filter(place).order_by().values_list("pk", "site_id", "area_id")
    if asked is None:
        yield from rows.iterator(chunk_size=5000)
        return
    ordered = sorted(asked)
    for first in range(0, len(ordered), CHUNK):
        yield from rows.filter(pk__in=ordered[first : first + CHUNK])
