"""Incidents of lost routers, and what they explain: pure questions of who stands behind whom.

Which ONT hangs on which router is not on record. It is known where a site has one router in use: then
what is lost at the site while that router is lost is behind it.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from ronda.incidents.models import Incident, IncidentOnt, Kind, Scope, Severity
from ronda.incidents.rules.gathering import NEAR
from ronda.incidents.rules.suppressed import Suppressed, Verdict, judge
from ronda.incidents.service.book import Book
from ronda.incidents.service.losses import Loss, of_outages
from ronda.monitoring.models import Poller
from ronda.routers.models import Router
from ronda.upkeep.models import Trouble
from ronda.upkeep.rules.conditions import Kind as TroubleKind

#: A router is told of as lost only after it was tried for a while; its ONTs are confirmed sooner.
EARLIER = 3 * NEAR


def routers(book: Book) -> None:
    """Open incidents of routers that are lost, and note those that are back."""
    lost = {
        trouble.router_id: trouble
        for trouble in Trouble.objects.select_related("router__site").filter(
            kind=TroubleKind.LOST, on=True, router__active=True, router__deleted_at=None
        )
    }
    known = {one.router_id: one for one in book.open.values() if one.kind == Kind.ROUTER}
    for number, incident in known.items():
        if number in lost:
            incident.router_back_at = None
        elif incident.router_back_at is None:
            incident.router_back_at = book.now
            book.touch(incident)
    alone = _alone() if lost.keys() - known.keys() else set()
    for number, trouble in lost.items():
        if number not in known:
            _open(book, trouble.router, trouble.since or book.now, adopt=number in alone)


def _alone() -> set[int]:
    """Routers that are the only one in use at their site."""
    rows = list(Router.objects.in_use().values_list("pk", "site_id"))
    at_site = Counter(site for _pk, site in rows)
    return {pk for pk, site in rows if at_site[site] == 1}


def _open(book: Book, router: Router, since: datetime, *, adopt: bool) -> None:
    facts = {"name": router.name, "site": router.site.name}
    whole = [
        one
        for one in book.open.values()
        if adopt
        and one.kind == Kind.OUTAGE
        and one.scope == Scope.SITE
        and one.site_id == router.site_id
        and abs(one.began_at - since) <= EARLIER
    ]
    if whole:
        incident = whole[0]
        incident.kind, incident.scope = Kind.ROUTER, Scope.ROUTER
        incident.severity, incident.router, incident.facts = Severity.CRITICAL, router, facts
        book.touch(incident)
        return
    book.start(
        Incident(
            kind=Kind.ROUTER,
            scope=Scope.ROUTER,
            severity=Severity.CRITICAL,
            site_id=router.site_id,
            router=router,
            facts=facts,
            began_at=since,
            last_lost_at=since,
            opened_at=book.now,
        )
    )


def behind(book: Book, losses: list[Loss]) -> list[Loss]:
    """Put what a lost router explains into its incident; the losses that are left."""
    away = [one for one in book.every() if one.kind == Kind.ROUTER and one.router_back_at is None]
    if not away or not losses:
        return losses
    alone = _alone()
    by_site = {one.site_id: one for one in away if one.router_id in alone}
    left: list[Loss] = []
    for loss in losses:
        incident = by_site.get(loss.site)
        if incident is not None and loss.at >= incident.began_at - EARLIER:
            book.add(incident, [loss])
        else:
            left.append(loss)
    return left


def left_behind(book: Book) -> list[Loss]:
    """What is still out though its router is back, taken out of the router's incident.

    Judged by the five conditions of `rules.suppressed`: it counts from when the router came back.
    """
    back: dict[int, datetime] = {
        one.pk: one.router_back_at
        for one in book.open.values()
        if one.kind == Kind.ROUTER and one.out and one.router_back_at is not None
    }
    if not back:
        return []
    checked = checked_round()
    rows = IncidentOnt.objects.filter(
        incident__in=back, back_at=None, outage__ended_at=None
    ).values_list("pk", "outage_id", "incident_id", "ont__watch__state", "ont__address")
    freed: dict[int, datetime] = {}
    gone: list[int] = []
    for pk, outage, incident, state, address in rows:
        free_from = back[incident]
        seen = checked if address else (book.now, free_from)
        if judge(Suppressed(state or "", "up", free_from, *seen), book.now) is Verdict.TELL:
            freed[outage] = free_from
            gone.append(pk)
    book.remove(gone)
    return [one.counting_from(freed[one.outage]) for one in of_outages(freed)]


def checked_round() -> tuple[datetime | None, datetime | None]:
    """Begin and end of the newest whole round of the watch."""
    rows = Poller.objects.filter(swept_from__isnull=False, swept_to__isnull=False)
    newest = rows.order_by("-swept_from").values_list("swept_from", "swept_to").first()
    return newest or (None, None)
