"""The first rows of the trail that fit, at a cost that does not grow with the trail.

A single indexed filter finds its rows by its index. Text, and several filters together, are looked for in
stretches of the trail, newest first, until a page is full or so many rows were looked at; then whoever
asked may go on from there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Min, Q, QuerySet

from ronda.accounts.models import AuditRow
from ronda.accounts.service import audit

#: Rows of the first stretch; each next one is twice as long.
STRETCH = 20_000
#: Rows that are looked at for one page, at most.
MOST = 140_000
#: Filters with an index of their own.
INDEXED = frozenset({"actor", "action", "source", "door"})


@dataclass(frozen=True, slots=True)
class Found:
    """Rows, newest first.

    `before` is the id before which the next page begins, None at the end; `unfinished` says that the page is
    not full because so many rows were looked at, and that older ones may fit.
    """

    rows: list[AuditRow]
    before: int | None = None
    unfinished: bool = False


def page(limit: int, *, before: int | None = None, **criteria: Any) -> Found:
    """At most `limit` rows that fit, older than the row `before`; criteria are those of `audit.rows`."""
    since, until = criteria.pop("since", None), criteria.pop("until", None)
    first, last = _bounds(since, until, before)
    if last < first:
        return Found([])
    chosen = {name: value for name, value in criteria.items() if value}
    between = Q(id__gte=first, id__lte=last)
    # Clocks have been set back: a row between those ids may yet be of another time.
    times = Q(at__gte=since) if since else Q()
    times &= Q(at__lt=until) if until else Q()
    if set(chosen) == {"action"}:
        rows = _of_actions(chosen["action"], between & times, limit + 1)
    elif len(chosen) <= 1 and chosen.keys() <= INDEXED:
        rows = list(audit.rows(**chosen).filter(between & times)[: limit + 1])
    else:
        return _by_stretches(audit.rows(**chosen).filter(times), first, last, limit)
    return _cut(rows, limit)


def _cut(rows: list[AuditRow], limit: int) -> Found:
    return Found(rows[:limit], rows[limit - 1].pk if len(rows) > limit else None)


def _bounds(since: datetime | None, until: datetime | None, before: int | None) -> tuple[int, int]:
    """Ids between which every row of that time lies, both included; answered by the index of times alone."""
    rows = AuditRow.objects.all()
    if since or until:
        if since:
            rows = rows.filter(at__gte=since)
        if until:
            rows = rows.filter(at__lt=until)
        # Of the bare id both databases would walk all ids from one end until a time fits.
        ends = rows.aggregate(first=Min(F("id") + 0), last=Max(F("id") + 0))
        first, last = ends["first"] or 1, ends["last"] or 0
    else:
        first, last = 1, rows.aggregate(last=Max("id"))["last"] or 0
    if before is not None:
        last = min(last, before - 1)
    return first, last


def _of_actions(action: str, wanted: Q, limit: int) -> list[AuditRow]:
    """The newest of each action that is meant, merged: a frequent one does not hide how rare another is."""
    meant = [name for name in audit.actions() if name.startswith(action)]
    ids: list[int] = []
    for name in meant:
        rows = AuditRow.objects.filter(wanted, action=name).order_by("-id")
        ids += rows.values_list("id", flat=True)[:limit]
    newest = sorted(ids, reverse=True)[:limit]
    return list(AuditRow.objects.filter(id__in=newest).order_by("-id"))


def _by_stretches(fitting: QuerySet[AuditRow], first: int, last: int, limit: int) -> Found:
    rows: list[AuditRow] = []
    for low, high in _stretches(first, last):
        rows += fitting.filter(id__gte=low, id__lte=high)[: limit + 1 - len(rows)]
        if len(rows) > limit:
            return _cut(rows, limit)
    if last - first < MOST:
        return Found(rows)
    return Found(rows, last - MOST + 1, unfinished=True)


def _stretches(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Lowest and highest id of each, from the newest on, `MOST` ids together."""
    end = max(first, last - MOST + 1)
    length = STRETCH
    while last >= end:
        low = max(end, last - length + 1)
        yield low, last
        last, length = low - 1, length * 2
