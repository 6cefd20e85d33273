"""How the watch itself is: its pollers, their last rounds, and when they saw nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ronda.monitoring.models import Poller, Unobserved
from ronda.work.models import Event

# A poller renews its mark every 5 s; the pages call it silent after six missed marks.
SILENT_AFTER = timedelta(seconds=30)

METHODS: dict[str, tuple[str | Promise, str | Promise]] = {
    "icmp-datagram": (_("ICMP, one unprivileged socket"), ""),
    "icmp-raw": (_("ICMP, one raw socket"), ""),
    "ping": (
        _("The system's ping program"),
        _(
            "This starts a program per probe and is slow for large lists. On Linux run once:"
            " sysctl -w net.ipv4.ping_group_range='0 2147483647', then start the watch again."
        ),
    ),
    "tcp": (
        _("TCP connections"),
        _(
            "An ONT that answers neither on the usual ports nor with a refusal looks silent."
            " Allow ICMP as `ronda doctor` says."
        ),
    ),
    "simulated": (_("Simulated: no real ONT is probed"), ""),
}


@dataclass(frozen=True, slots=True)
class PollerHealth:
    """One poller as the page shows it; `state` is ok, starting, blind, trouble or silent."""

    row: Poller
    state: str
    took: timedelta | None
    loss: float | None
    """Share of the last round's probes that were not answered, 0-1."""
    method: str | Promise
    advice: str | Promise
    canaries: list[tuple[str, float | None]]


@dataclass(frozen=True, slots=True)
class Round:
    """One finished round."""

    at: datetime
    took_s: float
    sent: int
    answered: int
    uncertain: bool

    @property
    def loss(self) -> float | None:
        """Share of probes that were not answered."""
        return 1 - self.answered / self.sent if self.sent else None


def pollers(now: datetime | None = None) -> list[PollerHealth]:
    """All pollers, by name."""
    moment = now or timezone.now()
    return [_health(row, moment) for row in Poller.objects.order_by("name")]


def _health(row: Poller, now: datetime) -> PollerHealth:
    if now - row.alive_at > SILENT_AFTER:
        state = "silent"
    elif row.blind_since:
        state = "blind"
    elif row.trouble:
        state = "trouble"
    else:
        state = "ok" if row.swept_to else "starting"
    method, advice = METHODS.get(row.method, (row.method, ""))
    swept = row.swept_to is not None and row.swept_from is not None
    return PollerHealth(
        row=row,
        state=state,
        took=row.swept_to - row.swept_from if swept else None,  # type: ignore[operator] # both set
        loss=1 - row.answered / row.sent if row.sent else None,
        method=method,
        advice=advice,
        canaries=sorted(row.canaries.items()),
    )


def rounds(*, since: datetime, poller: str = "", limit: int = 3000) -> list[Round]:
    """Finished rounds since then, oldest first; at most the newest `limit`."""
    events = Event.objects.filter(topic="monitoring.swept", at__gte=since).order_by("-id")[:limit]
    found = [
        Round(
            at=datetime.fromisoformat(payload["at"]),
            took_s=payload["took_s"],
            sent=payload["sent"],
            answered=payload["answered"],
            uncertain=payload["uncertain"],
        )
        for payload in _payloads(events, poller)
    ]
    return found[::-1]


def _payloads(events: Any, poller: str) -> list[dict[str, Any]]:
    return [
        payload
        for payload in events.values_list("payload", flat=True)
        if not poller or payload["poller"] == poller
    ]


def unobserved_times(*, limit: int = 50) -> list[Unobserved]:
    """When nothing could be said, newest first."""
    return list(Unobserved.objects.order_by("-started_at")[:limit])
