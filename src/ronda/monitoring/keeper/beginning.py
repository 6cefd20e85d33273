"""The poller's row in the database: a keeper's mark that it watches from now on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from ronda.monitoring.events import moment
from ronda.monitoring.models import Poller, Unobserved
from ronda.monitoring.rules.blind import unwatched


class Begun(NamedTuple):
    """When this keeper's turn began, how many rounds the poller had finished before, and what was told of it.

    `blind` and `trouble` are what the last keeper told and nobody has taken back.
    """

    turn: datetime
    sweeps: int
    blind: bool
    trouble: str


def take_row(name: str, now: float, *, interval: float, grace: float) -> Begun:
    """Put this keeper's mark on the poller's row; what nobody watched is unobserved.

    Args:
        now: epoch seconds.
        interval: of its rounds, in seconds.
        grace: a gap in watching that is longer than this many seconds is unobserved time.
    """
    turn = moment(now)
    with transaction.atomic():
        row = Poller.objects.select_for_update().filter(name=name).first()
        if row is None:
            row = Poller(name=name, interval_s=interval)
        else:
            turn = max(turn, row.started_at + timedelta(microseconds=1))
            _close_gap(name, row.alive_at, now, grace)
        sweeps = row.sweep or 0
        row.started_at = turn
        row.alive_at = moment(now)
        row.interval_s = interval
        row.save()
    return Begun(turn, sweeps, row.blind_since is not None, row.trouble)


def _close_gap(name: str, alive_at: datetime, now: float, grace: float) -> None:
    """The time since the last mark of life, or since an interval that was left open."""
    left_open = Unobserved.objects.filter(poller=name, ended_at=None).first()
    if left_open is not None:
        left_open.ended_at = max(moment(now), left_open.started_at)
        left_open.save(update_fields=["ended_at"])
        return
    gap = unwatched(alive_at.timestamp(), now, grace=grace)
    if gap is not None:
        Unobserved.objects.create(
            poller=name, started_at=moment(gap[0]), ended_at=moment(gap[1]), reason="stopped"
        )
