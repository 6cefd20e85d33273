"""From the event feed to whom is told: each event begins, changes or ends an occurrence, which is decided at once.

One consumer's transaction holds its place in the feed, the occurrences, the letters and their jobs.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from ronda.alerts.models import Occurrence
from ronda.alerts.rules.occurrences import Severity, What
from ronda.alerts.service import listening_incidents, occurrences, progress, telling
from ronda.alerts.service.occurrences import Beginning
from ronda.devices.service.backups import TROUBLE as STORAGE
from ronda.hotspot.events import LIMIT
from ronda.incidents.events import CHANGED, HELD, REPEATED
from ronda.monitoring.keeper.news import POLLER
from ronda.routers.models import Router
from ronda.shop.events import TROUBLE as MONEY
from ronda.shop.models import Order
from ronda.upkeep.events import TROUBLE as ROUTER
from ronda.work.models import Event

Payload = Mapping[str, Any]

LOST = "lost"
ROUTER_KINDS = {
    "disk": (What.DISK, Severity.WARNING),
    "backup": (What.BACKUP, Severity.WARNING),
}
LIMIT_KINDS = {"high": What.USE, "shared": What.USE}


def tell(events: list[Event]) -> None:
    """Keep what a batch of the feed says, and tell whoever has to know."""
    touched: dict[int, Occurrence] = {}
    for event in events:
        reader = READERS.get(event.topic)
        row = reader(event.payload, event.at) if reader else None
        if row is not None:
            touched[row.pk] = row
    touched.update((row.pk, row) for row in listening_incidents.take(events))
    now = timezone.now()
    telling.consider(touched.values(), now)
    progress.follow(events, now)


def _of_router(payload: Payload, at: datetime) -> Occurrence | None:
    kind = str(payload["kind"])
    if kind == LOST:
        return None  # an incident, with what is behind it
    key = f"router:{kind}:{payload['router']}"
    if not payload["on"]:
        return occurrences.end(key, at)
    what, severity = ROUTER_KINDS.get(kind, (What.HEALTH, Severity.WARNING))
    facts = {
        "name": payload["name"],
        "trouble": kind,
        "router": payload["router"],
        "value": payload["value"],
        "text": payload["text"],
        "since": payload["since"],
    }
    site, lost = _site_of(payload["router"]), listening_incidents.of_router(payload["router"])
    return occurrences.begin(Beginning(key, what, at, facts, severity, site, parent=lost))


def _of_limit(payload: Payload, at: datetime) -> Occurrence | None:
    # High use counts by the day and is told of once a day: each day's is a trouble of its own, without an end.
    daily = payload["kind"] == "high"
    day = f"{timezone.localdate(at, timezone.get_default_timezone())}:" if daily else ""
    key = f"limit:{payload['kind']}:{payload['router']}:{day}{payload['subject']}"[:120]
    if not payload["on"]:
        return occurrences.end(key, at)
    names = ("kind", "name", "router", "subject", "value", "limit")
    facts = {name: payload[name] for name in names}
    what = LIMIT_KINDS.get(str(payload["kind"]), What.LIMIT)
    return occurrences.begin(
        Beginning(
            key,
            what,
            at,
            facts,
            Severity.WARNING,
            _site_of(payload["router"]),
            lasting=not daily,
        )
    )


def _of_money(payload: Payload, at: datetime) -> Occurrence | None:
    key = f"payment:{payload['event'] or ''}:{payload['order'] or ''}"
    if not payload["on"]:
        return occurrences.end(key, at)
    facts = {name: payload[name] for name in ("number", "reason", "amount_idr")}
    # Money that names no order is at no site.
    order = Order.objects.filter(pk=payload["order"] or 0)
    site = order.values_list("router__site", flat=True).first()
    return occurrences.begin(Beginning(key, What.PAYMENT, at, facts, Severity.CRITICAL, site))


def _of_poller(payload: Payload, at: datetime) -> Occurrence | None:
    key = f"poller:{payload['cause']}"
    if payload["state"] == "recovered":
        return occurrences.end(key, at)
    facts = {"state": payload["state"], "text": payload["text"], "cause": payload["cause"]}
    return occurrences.begin(Beginning(key, What.BLIND, at, facts, Severity.CRITICAL))


def _of_storage(payload: Payload, at: datetime) -> Occurrence | None:
    what = What.DISK if payload.get("what") == "disk" else What.BACKUP
    facts = {"text": payload.get("text", "")}
    key = f"storage:{payload.get('what', '')}"
    return occurrences.begin(Beginning(key, what, at, facts, Severity.CRITICAL, lasting=False))


def _site_of(router: int) -> int | None:
    return Router.objects.filter(pk=router).values_list("site", flat=True).first()


READERS: dict[str, Callable[[Payload, datetime], Occurrence | None]] = {
    ROUTER: _of_router,
    LIMIT: _of_limit,
    MONEY: _of_money,
    POLLER: _of_poller,
    STORAGE: _of_storage,
}
TOPICS = frozenset(READERS) | {CHANGED, HELD, REPEATED}
