"""What alerts do when a clock runs out, and nothing happened: steps, repetitions, ends of quiet hours, digests."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ronda.alerts.models import Occurrence
from ronda.alerts.rules.occurrences import Severity, What
from ronda.alerts.service import digesting, occurrences, telling
from ronda.alerts.service.occurrences import Beginning
from ronda.storage.space import is_short, room

#: Occurrences decided in one transaction.
AT_ONCE = 200
DISK = "disk:data"
#: It is over once there is so many times the room at which it began.
MARGIN = 1.2


def tick(now: datetime | None = None) -> int:
    """Decide again about everything whose time has come, and send the digests; the number of letters."""
    moment = now or timezone.now()
    occurrences.end_moments(moment)
    count = 0
    last = 0
    while True:
        due = Occurrence.objects.filter(look_at__lte=moment, pk__gt=last).order_by("pk")
        rows = list(due[:AT_ONCE])
        if not rows:
            return count + digesting.send_due(moment)
        count += telling.consider(rows, moment)
        last = rows[-1].pk


def run() -> None:
    """One tick, as the schedules call it."""
    tick()


def look_at_disk() -> None:
    """Begin or end the trouble of the disk that holds the data."""
    folder: Path = settings.RONDA.data
    try:
        free, size = room(folder)
    except OSError:
        return
    is_open = Occurrence.objects.filter(key=DISK, closed_at=None).exists()
    now = timezone.now()
    with transaction.atomic():
        row = None
        if not is_open and is_short(free, size):
            facts = {"free": free, "size": size}
            row = occurrences.begin(Beginning(DISK, What.DISK, now, facts, Severity.CRITICAL))
        elif is_open and not is_short(free, size, MARGIN):
            row = occurrences.end(DISK, now)
        if row is not None:
            telling.consider([row], now)


def leave_unused() -> None:
    """Let nobody be reminded of what is wrong with routers that nobody uses any more."""
    occurrences.leave_unused(timezone.now())
