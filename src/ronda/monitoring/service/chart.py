"""Round trip and loss of one ONT as columns for a chart, from the long memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from ronda.monitoring.history.charts import chart as history
from ronda.monitoring.models import Poller

USUAL_INTERVAL_S = 30.0


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of equal length; None where nothing was measured. Loss is a share, 0-1."""

    at: list[int]
    rtt_ms: list[float | None]
    worst_ms: list[float | None]
    loss: list[float | None]


def chart(ont: int, start: datetime, end: datetime, points: int) -> Columns:
    """At most `points` points from `start` to `end`, oldest first.

    Points are at least two rounds apart, so that one in between is a gap only when there was one.
    """
    interval = Poller.objects.aggregate(longest=Max("interval_s"))["longest"] or USUAL_INTERVAL_S
    enough = int((end - start).total_seconds() // (2 * interval))
    found = history(ont, start, end, max(1, min(points, enough)), timezone.now()).points
    return Columns(
        at=[round(point.at.timestamp()) for point in found],
        rtt_ms=[_rounded(point.mean_ms) for point in found],
        worst_ms=[_rounded(point.most_ms) for point in found],
        loss=[_rounded(point.loss) for point in found],
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
