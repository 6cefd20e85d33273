"""All routers at a glance: how each is connected and how well it is; also for metrics."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils import timezone

from ronda.devices.service.scope import mine
from ronda.routers.models import Router
from ronda.upkeep.models import Reading, Span, Trouble
from ronda.upkeep.rules.conditions import used_share
from ronda.upkeep.service import health

#: A reading older than this many of the router's intervals is shown as old.
OLD_AFTER = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How one router is. `span` None means that it was never tried; shares in percent."""

    router: Router
    span: Span | None
    reading: Reading | None
    memory: float | None
    disk: float | None
    troubles: tuple[Trouble, ...]
    failed_attempts: int
    old: bool

    @property
    def connected(self) -> bool:
        """Whether the connection is open as far as is known."""
        return self.span is not None and self.span.connected and self.span.until is None

    @property
    def state(self) -> str:
        """`off`, `never`, `connected`, `failed`, or `waiting` while nobody tries."""
        if not self.router.active:
            return "off"
        if self.span is None:
            return "never"
        if self.span.until is not None:
            return "waiting"
        return "connected" if self.span.connected else "failed"


def standings(now: datetime | None = None) -> list[Standing]:
    """Every router that was not deleted, by name; a handful of queries however many there are."""
    return _standings(list(mine(Router.objects.present().select_related("site"))), now)


def standing_of(router: Router, now: datetime | None = None) -> Standing:
    """One router's."""
    return _standings([router], now)[0]


def _standings(routers: list[Router], now: datetime | None) -> list[Standing]:
    moment = now or timezone.now()
    ids = [router.pk for router in routers]
    readings = health.newest(ids)
    spans = {
        span.router_id: span
        for span in Span.objects.filter(router__in=ids, until=None).order_by("since")
    }
    last = {
        span.router_id: span
        for span in Span.objects.filter(
            router__in=set(ids) - set(spans), since__gt=moment - timedelta(days=30)
        ).order_by("since")
    }
    failed = dict(
        Span.objects.filter(
            router__in=ids, connected=False, seen_at__gte=moment - timedelta(days=1)
        )
        .order_by()
        .values_list("router")
        .annotate(sum=Sum("attempts"))
    )
    troubles: dict[int, list[Trouble]] = {}
    for trouble in Trouble.objects.filter(router__in=ids, on=True).order_by("since"):
        troubles.setdefault(trouble.router_id, []).append(trouble)
    found = []
    for router in routers:
        reading = readings.get(router.pk)
        patience = timedelta(seconds=OLD_AFTER * router.poll_s)
        found.append(
            Standing(
                router=router,
                span=spans.get(router.pk) or last.get(router.pk),
                reading=reading,
                memory=used_share(reading.memory_free, reading.memory_total) if reading else None,
                disk=used_share(reading.disk_free, reading.disk_total) if reading else None,
                troubles=tuple(troubles.get(router.pk, ())),
                failed_attempts=failed.get(router.pk, 0),
                old=reading is not None and moment - reading.at > patience,
            )
        )
    return found
