"""Outages under planned work: held back while it lasts, and told when they outlast it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ronda.incidents.events import HELD
from ronda.incidents.models import Held
from ronda.incidents.rules.suppressed import Suppressed, Verdict, judge
from ronda.incidents.service.losses import CHUNK, Loss, chunks, of_outages
from ronda.incidents.service.parents import checked_round
from ronda.monitoring.models import Watch
from ronda.monitoring.rules.intervals import Span
from ronda.monitoring.service import maintenance
from ronda.work import feed


def without_work(losses: Sequence[Loss], now: datetime) -> list[Loss]:
    """The losses that no planned work explains; the reason of the others is written down."""
    if not losses:
        return []
    begin = min(one.lost_at for one in losses)
    works = maintenance.spans(begin, now, {one.ont for one in losses})
    left: list[Loss] = []
    held: list[Held] = []
    for one in losses:
        ends = [span.end for span in works.get(one.ont, ()) if _explains(span, one, now)]
        if not ends:
            left.append(one)
            continue
        held.append(
            Held(
                outage_id=one.outage,
                ont_id=one.ont,
                why=Held.Why.WINDOW,
                held_at=now,
                free_from=max(end for end in ends if end is not None),
                released_at=None if one.back_at is None else now,
            )
        )
    Held.objects.bulk_create(held, batch_size=CHUNK, ignore_conflicts=True)
    outages = {one.outage_id for one in held}
    news = [one for one in losses if one.outage in outages and not one.silent]
    if news:
        since = min(one.lost_at for one in news)
        onts = sorted({one.ont for one in news})
        feed.append(HELD, {"onts": onts, "since": since.isoformat()})
    return left


def _explains(span: Span, one: Loss, now: datetime) -> bool:
    """Whether the work is on now, or, of an outage that is over, was on all the time."""
    assert span.end is not None  # noqa: S101 -- work always has an end
    if one.back_at is None:
        return span.end > now
    return span.start <= one.lost_at and span.end >= one.back_at


def outlasting(now: datetime) -> list[Loss]:
    """What is out although the work is over, judged by the five conditions of `rules.suppressed`."""
    rows = list(Held.objects.filter(why=Held.Why.WINDOW, released_at=None).select_related("outage"))
    if not rows:
        return []
    covering = maintenance.covering({row.ont_id for row in rows}, now)
    checked = checked_round()
    states = {
        ont: (state, address)
        for chunk in chunks({row.ont_id for row in rows})
        for ont, state, address in Watch.objects.filter(ont__in=chunk).values_list(
            "ont_id", "state", "ont__address"
        )
    }
    freed: dict[int, datetime] = {}
    changed: list[Held] = []
    for row in rows:
        if row.outage.ended_at is not None:
            row.released_at = now
            changed.append(row)
            continue
        work = covering.get(row.ont_id)
        free_from = work.ended_at if work else min(row.free_from or now, now)
        state, address = states.get(row.ont_id, ("", ""))
        seen = checked if address else (now, free_from)
        if judge(Suppressed(state, "up", free_from, *seen), now) is Verdict.TELL:
            freed[row.outage_id] = free_from
            row.released_at = now
        if row.released_at is not None or row.free_from != free_from:
            row.free_from = free_from
            changed.append(row)
    Held.objects.bulk_update(changed, ["free_from", "released_at"], batch_size=CHUNK)
    return [one.counting_from(freed[one.outage]) for one in of_outages(freed)]
