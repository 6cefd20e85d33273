"""Which ONTs answer worse than they usually do: judged every ten minutes, a slice at a time.

The sweeps of a window are kept here as the history packs them (one byte per ONT), and judged a
slice per pass of the keeper's loop, so that a large fleet never holds up the watch. What is usual
is taken from the hour columns when an ONT is first judged, so a restart forgets nothing.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import replace

from ronda.monitoring.history.packing import (
    NOT_PROBED,
    RTT_US,
    SILENT,
    hour_of,
    pack_sweep,
    series,
)
from ronda.monitoring.models import HourColumn
from ronda.monitoring.rules.belief import State
from ronda.monitoring.rules.degraded import Health, Window, weigh
from ronda.monitoring.service.fold import Fold
from ronda.monitoring.service.shown import NOTHING

WINDOW_S = 600.0
SLICE = 2048
# Hours that say what is usual to a keeper that has just begun, and the windows of one hour.
USUAL_HOURS = 24
WINDOWS_AN_HOUR = 6


class Drift:
    """The windows of the fleet and what is usual for each ONT."""

    def __init__(self, fold: Fold, *, hours: Callable[[], list[bytes]] | None = None) -> None:
        """`hours` gives the columns of usual round trips of the last hours."""
        self._fold = fold
        self._hours = hours or usual_hours
        self._columns: list[bytes] = []
        self._opened_at: float | None = None
        self._work: list[bytes] = []
        self._work_at = 0.0
        self._next = 0
        self._healths: dict[int, Health] = {}
        self._past: list[bytes] | None = None

    def add(self, rtts: array[int], finished_at: float) -> None:
        """Take in the column of one certain sweep."""
        if self._opened_at is None:
            self._opened_at = finished_at
        self._columns.append(pack_sweep(rtts))
        if finished_at - self._opened_at < WINDOW_S:
            return
        if not self._work:
            self._work, self._work_at, self._next = self._columns, finished_at, 0
        self._columns, self._opened_at = [], finished_at

    def skip(self) -> None:
        """Forget the window under way: part of it was not observed."""
        self._columns, self._opened_at = [], None

    def advance(self) -> None:
        """Judge one slice of the window that was last finished, if anything of it is left."""
        if not self._work:
            return
        if self._past is None:
            self._past = self._hours()
        first = self._next
        samples = series(self._work, first, first + SLICE)
        past = series(self._past, first, first + SLICE) if self._past else []
        for place, one in enumerate(samples):
            ont = first + place
            watch = self._fold.watches.get(ont)
            if watch is None or not one:
                continue
            if watch.state is not State.UP:
                self._calm(ont)
                continue
            health = self._healths.get(ont) or self._begin(ont, past[place] if past else b"")
            weighed = weigh(health, window_of(one, self._work_at))
            self._healths[ont] = weighed.health
            for event in weighed.events:
                self._fold.overlay(ont, event, self._work_at)
        self._next = first + SLICE
        if self._next >= max(len(column) for column in self._work):
            self._work = []
            self._past = []  # whoever is new from here on has no past

    def _begin(self, ont: int, past: bytes) -> Health:
        """What is usual from the last hours, and whether it was degraded when the last keeper died."""
        health = Health(ont)
        hours = past.translate(None, b"\x00\xff")
        if hours:
            log_rtt = math.log(RTT_US[hour_of(hours)[1]] / 1000)
            health = replace(health, usual_log_rtt=log_rtt, learned=WINDOWS_AN_HOUR * len(hours))
        if self._fold.showing.shown.get(ont, NOTHING).degraded:
            health = replace(health, since=self._work_at)
        return health

    def _calm(self, ont: int) -> None:
        """An ONT that is not up is not "slow": the overlay went with its state."""
        health = self._healths.get(ont)
        if health is not None and (health.since is not None or health.bad):
            self._healths[ont] = replace(health, since=None, first_bad=None, bad=0, good=0)


def window_of(samples: bytes, at: float) -> Window:
    """The samples of one ONT as the rules take them."""
    probes = len(samples) - samples.count(NOT_PROBED)
    answered = sorted(samples.translate(None, b"\x00\xff"))
    median = RTT_US[answered[len(answered) // 2]] / 1000 if answered else None
    return Window(at, probes, probes - samples.count(SILENT), median)


def usual_hours() -> list[bytes]:
    """The usual round trips of the last hours, one column each."""
    rows = HourColumn.objects.order_by("-id").values_list("rtts", flat=True)[:USUAL_HOURS]
    return [bytes(row) for row in rows]
