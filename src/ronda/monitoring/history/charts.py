"""Reads the long memory: charts of any period, and averages of the whole fleet.

Where the samples are found is the business of `reading`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container
from datetime import datetime
from typing import NamedTuple

from ronda.monitoring.events import moment
from ronda.monitoring.history.packing import ALL_ANSWERED, RTT_US, summary
from ronda.monitoring.history.reading import (
    Piece,
    packed_days,
    pieces,
    rows_of,
    splits,
)
from ronda.monitoring.history.store import DAY_HOURS, HOUR_MS, HOUR_S, unobserved_ms

DAY_MS = DAY_HOURS * HOUR_MS
MOST_POINTS = 5000


class Point(NamedTuple):
    """One bucket of a chart. Round trips in ms, None when nothing was answered.

    `probes` 0 means that nothing is known of this time: draw a gap, not a zero.
    """

    at: datetime
    probes: int
    answered: int
    mean_ms: float | None
    most_ms: float | None

    @property
    def loss(self) -> float | None:
        """Share of probes not answered, 0-1; None when nothing is known."""
        return 1 - self.answered / self.probes if self.probes else None


class Chart(NamedTuple):
    """Points from `start` on, `step_s` seconds apart, and the times nobody could see."""

    start: datetime
    end: datetime
    step_s: float
    points: list[Point]
    unobserved: list[tuple[datetime, datetime]]


class Average(NamedTuple):
    """One ONT's averages over a period."""

    answered: float
    rtt_ms: float | None


def chart(ont: int, start: datetime, end: datetime, points: int, now: datetime) -> Chart:
    """One ONT's round trips and loss in [start, end), in at most `points` buckets of equal length.

    Raises:
        ValueError: the period is empty, or `points` is not within 1-5000.
    """
    if end <= start or not 1 <= points <= MOST_POINTS:
        raise ValueError("a chart needs a period and 1-5000 points")
    start_ms, end_ms = start.timestamp() * 1000, end.timestamp() * 1000
    blind = unobserved_ms(int(start_ms), int(end_ms), now)
    step_ms = (end_ms - start_ms) / points
    buckets: list[list[bytes]] = [[] for _ in range(points)]
    poured = _pour_days(ont, start_ms, end_ms, step_ms, buckets)
    for piece in pieces(ont, start_ms, end_ms, blind, without=poured):
        _pour(piece, start_ms, step_ms, buckets)
    return Chart(
        start,
        end,
        step_ms / 1000,
        [_point(start_ms + step_ms * n, b"".join(b)) for n, b in enumerate(buckets)],
        [
            (moment(max(begin, start_ms) / 1000), moment(min(stop, end_ms) / 1000))
            for begin, stop in blind
            if begin < end_ms
        ],
    )


def newest_rtt_ms(ont: int) -> float | None:
    """The ONT's round trip in the newest sweep; None when it was silent or not probed."""
    rows = rows_of(
        "SELECT substr(codes, %s, 1) FROM monitoring_sweep ORDER BY id DESC LIMIT 1", [ont + 1]
    )
    return _rtt_ms(bytes(rows[0][0])) if rows else None


def averages(start: datetime, end: datetime) -> dict[int, Average]:
    """Share answered and usual round trip of every ONT known in whole hours of the period."""
    stored = rows_of(
        "SELECT shares, rtts FROM monitoring_hourcolumn WHERE id >= %s AND id < %s",
        _hours(start, end),
    )
    rows = [(bytes(shares), bytes(rtts)) for shares, rtts in stored]
    width = max((len(shares) for shares, _ in rows), default=0)
    all_shares = b"".join([shares.ljust(width, b"\xff") for shares, _ in rows])
    all_rtts = b"".join([rtts.ljust(width, b"\xff") for _, rtts in rows])
    found = {}
    for slot in range(width):
        known = all_shares[slot::width].translate(None, b"\xff")
        if known:
            rtts = all_rtts[slot::width].translate(None, b"\x00\xff")
            rtt_ms = RTT_US[round(sum(rtts) / len(rtts))] / 1000 if rtts else None
            found[slot] = Average(sum(known) / len(known) / ALL_ANSWERED, rtt_ms)
    return found


def _pour_days(
    ont: int, start_ms: float, end_ms: float, step_ms: float, buckets: list[list[bytes]]
) -> Container[int]:
    """Share out the packed days that lie wholly in the period; which they are.

    Only where a bucket is a day or longer, so that no day goes into more than two.
    """
    if step_ms < DAY_MS:
        return ()
    found = packed_days(ont, range(int(-(-start_ms // DAY_MS)), int(end_ms // DAY_MS)))
    bucket_of: dict[int, int] = {}
    edges: dict[int, float] = {}
    for day in found:
        bucket = int((day * DAY_MS - start_ms) // step_ms)
        if start_ms + (bucket + 1) * step_ms <= day * DAY_MS:  # a quotient just below a whole one
            bucket += 1
        bucket_of[day] = bucket = min(bucket, len(buckets) - 1)
        edge = start_ms + (bucket + 1) * step_ms
        if edge < (day + 1) * DAY_MS and bucket + 1 < len(buckets):
            edges[day] = edge
    before = splits(found, edges)
    for day, samples in found.items():
        bucket, split = bucket_of[day], before.get(day, len(samples))
        buckets[bucket].append(samples[:split])
        if split < len(samples):
            buckets[bucket + 1].append(samples[split:])
    return found.keys()


def _pour(piece: Piece, start_ms: float, step_ms: float, buckets: list[list[bytes]]) -> None:
    """Share the samples out to the buckets their sweeps began in."""
    begin_ms = piece.hour * HOUR_MS - start_ms
    first = int((begin_ms + piece.starts[0] * 100) // step_ms)
    last = int((begin_ms + piece.starts[-1] * 100) // step_ms)
    at = 0
    for bucket in range(first, last):
        # The first tenth of a second that belongs to the next bucket.
        edge = -(-((bucket + 1) * step_ms - begin_ms) // 100)
        stop = bisect_left(piece.starts, edge, at)
        if stop > at and 0 <= bucket < len(buckets):
            buckets[bucket].append(piece.samples[at:stop])
        at = stop
    if 0 <= last < len(buckets):
        buckets[last].append(piece.samples[at:])


def _point(at_ms: float, samples: bytes) -> Point:
    found = summary(samples)
    return Point(
        moment(at_ms / 1000),
        found.probes,
        found.answered,
        _ms(found.mean_us),
        _ms(found.most_us),
    )


def _ms(us: float | None) -> float | None:
    return None if us is None else us / 1000


def _hours(start: datetime, end: datetime) -> tuple[int, int]:
    """The first hour and the one after the last that a period touches."""
    return int(start.timestamp() // HOUR_S), int(-(-end.timestamp() // HOUR_S))


def _rtt_ms(byte: bytes) -> float | None:
    return None if byte in (b"", b"\x00", b"\xff") else RTT_US[byte[0]] / 1000
