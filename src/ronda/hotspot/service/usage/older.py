"""What the older monitoring system's programs send and ask, on top of the same records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ronda.hotspot.models import SeriesKind, UsageSample
from ronda.hotspot.rules.older_rows import rows_of
from ronda.hotspot.rules.readings import Reading
from ronda.hotspot.service.usage import counts, recording, series

NEWEST = 100
"""As many as the older system told of."""


def history() -> list[dict[str, Any]]:
    """The newest counts of all users, at most 100, oldest first: `[{timestamp, users}]`."""
    rows = (
        UsageSample.objects.filter(series__kind__in=(SeriesKind.ALL, *counts.OTHERS))
        .order_by("-at")
        .values_list("at", "users")
    )
    return [{"timestamp": iso(at), "users": users} for at, users in reversed(rows[:NEWEST])]


def record_count(users: int) -> datetime:
    """Keep a count that a script sent; when it was."""
    at = timezone.now()
    with transaction.atomic():
        recording.count(series.of_older(at), at, users)
    return at


def log_active(records: list[Any]) -> int:
    """Keep a batch of active users that a script sent; how many they were.

    Raises:
        WrongRow: one of them is not what it should be; nothing was kept.
    """
    at = timezone.now()
    rows = rows_of(records)
    with transaction.atomic():
        recording.record(series.of_older(at), Reading(at, int(at.timestamp()), rows))
    return len(rows)


def logs() -> list[dict[str, Any]]:
    """The newest readings with their rows, at most 100, oldest first: `[{timestamp, users: […]}]`."""
    rows = (
        UsageSample.objects.filter(details__isnull=False)
        .order_by("-at")
        .values_list("at", "details")
    )
    return [
        {"timestamp": iso(at), "users": recording.details_of(details)}
        for at, details in reversed(rows[:NEWEST])
    ]


class NeverRead(Exception):
    """There are routers, and no fresh reading of any of them."""


def active_now() -> tuple[list[dict[str, Any]], datetime | None]:
    """Address and MAC of everybody online as last read, and when the oldest of it was read.

    No router is asked here: that is the background's work.

    Raises:
        NeverRead: what is known of every router is too old to be called now.
    """
    known = counts.now()
    if not known.routers:
        return [], None
    if known.users is None:
        raise NeverRead
    newest = Q()
    for online in known.routers:
        if not online.stale:
            newest |= Q(series__router=online.router, at=online.at)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for details in UsageSample.objects.filter(newest, details__isnull=False).values_list(
        "details", flat=True
    ):
        for row in recording.details_of(details):
            found[row["ip"], row["mac"]] = {"ip": row["ip"], "mac": row["mac"]}
    return list(found.values()), known.at


def iso(at: datetime) -> str:
    """Local time with its offset, to the second."""
    return timezone.localtime(at).isoformat(timespec="seconds")
