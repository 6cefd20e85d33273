"""Single sessions: which there were, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from ronda.devices.service.scope import mine
from ronda.hotspot.models import UsageSession


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of whom; "" and None mean everybody."""

    user: str = ""
    mac: str = ""
    router: int | None = None


def listing(wanted: Wanted) -> QuerySet[UsageSession]:
    """Sessions with their series, newest first."""
    every = UsageSession.objects.select_related("series").order_by("-started_at", "-pk")
    rows = mine(every, "series__router__site")
    if wanted.user:
        rows = rows.filter(user=wanted.user)
    if wanted.mac:
        rows = rows.filter(mac=wanted.mac)
    if wanted.router is not None:
        rows = rows.filter(series__router=wanted.router)
    return rows
