"""Questions about planned work: what is planned, what was done, and what of outages it explains."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ronda.accounts.models import Person
from ronda.devices.models import Ont
from ronda.devices.service import scope
from ronda.monitoring.models import Outage, Window, Work
from ronda.monitoring.service import maintenance


def windows(person: Person | None) -> QuerySet[Window]:
    """The windows that are not taken away and that somebody sees, with the number of chosen ONTs."""
    rows = Window.objects.filter(ended_at=None).select_related("site", "area__site")
    counted = rows.annotate(chosen=Count("onts")).order_by("name", "pk")
    sites = scope.sites_of(person)
    if sites is None:
        return counted
    theirs = Ont.objects.filter(site__in=sites)
    chosen = Window.onts.through.objects.filter(window=OuterRef("pk"), ont__in=theirs)
    return counted.filter(Q(site__in=sites) | Q(area__site__in=sites) | Q(Exists(chosen)))


def works(person: Person | None, since: datetime) -> QuerySet[Work]:
    """The times of work that ended after `since`, newest first."""
    rows = Work.objects.filter(ended_at__gt=since).select_related("site", "area__site")
    sites = scope.sites_of(person)
    if sites is not None:
        rows = rows.filter(Q(site__in=sites) | Q(area__site__in=sites))
    return rows.order_by("-started_at", "-pk")


def mark(outages: Iterable[Outage], now: datetime) -> list[Outage]:
    """The outages, each with `at_work`: whether planned work was done in it."""
    rows = list(outages)
    if not rows:
        return rows
    begin = min(one.started_at for one in rows)
    end = max(one.ended_at or now for one in rows)
    spans = maintenance.spans(begin, end, {one.ont_id for one in rows})
    for one in rows:
        one.at_work = any(  # type: ignore[attr-defined] # for the template
            span.start < (one.ended_at or now) and (span.end or now) > one.started_at
            for span in spans.get(one.ont_id, ())
        )
    return rows
