"""Reads the long memory: charts of any period, heat-maps, and averages of the whole fleet.

Samples of a time are in exactly one of journal, hour chunk and day chunk; where they are forgotten,
the hour columns stand in for them. All questions are answered with a handful of plain statements:
building model objects would cost more than the reading.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ronda.monitoring.events import moment
from ronda.monitoring.history.packing import (
    ALL_ANSWERED,
    RTT_US,
    SILENT,
    summary,
    unsqueeze,
)
from ronda.monitoring.history.store import (
    BLOCK,
    DAY_HOURS,
    HOUR_MS,
    HOUR_S,
    PLACE,
    cut,
    starts_from,
    unobserved_ms,
    visible,
)

MOST_POINTS = 5000
MOST_IDS = 500


class Point(NamedTuple):
    """One bucket of a chart. Round trips in ms, None when nothing was answered.

    `probes` 0 means that nothing is known of this time: draw a gap, not a zero.
    """

    at: datetime
    probes: int
    answered: int
    least_ms: float | None
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


class HourPlace(NamedTuple):
    """One hour of one ONT in a heat-map; both None when nothing is known."""

    at: datetime
    answered: float | None
    rtt_ms: float | None


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
    for piece in pieces(ont, start_ms, end_ms, blind):
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


def heat_map(ont: int, start: datetime, end: datetime) -> list[HourPlace]:
    """One ONT hour by hour, oldest first, in UTC hours; hours nobody watched are left out."""
    found = _rows(
        "SELECT id, substr(shares, %s, 1), substr(rtts, %s, 1) FROM monitoring_hourcolumn"
        " WHERE id >= %s AND id < %s ORDER BY id",
        [ont + 1, ont + 1, *_hours(start, end)],
    )
    rows = [(hour, bytes(share), bytes(rtt)) for hour, share, rtt in found]
    return [
        HourPlace(moment(hour * HOUR_S), _share(share), _rtt_ms(rtt))
        for hour, share, rtt in rows
        if _share(share) is not None
    ]


def newest_rtt_ms(ont: int) -> float | None:
    """The ONT's round trip in the newest sweep; None when it was silent or not probed."""
    rows = _rows(
        "SELECT substr(codes, %s, 1) FROM monitoring_sweep ORDER BY id DESC LIMIT 1", [ont + 1]
    )
    return _rtt_ms(bytes(rows[0][0])) if rows else None


def averages(start: datetime, end: datetime) -> dict[int, Average]:
    """Share answered and usual round trip of every ONT known in whole hours of the period."""
    stored = _rows(
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


class Piece(NamedTuple):
    """Samples of one ONT within one hour. `starts`: tenths of seconds after its begin."""

    hour: int
    starts: Sequence[int]
    samples: bytes


def _rows(sql: str, params: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def pieces(
    ont: int, start_ms: float, end_ms: float, blind: Sequence[tuple[float, float]]
) -> Iterator[Piece]:
    """Every sample of the period (and some beside it), in no particular order.

    Sealing and packing may go on meanwhile. They move samples from the tables read first here to
    those read later; what was seen twice is dropped, so nothing is missed or doubled.
    """
    first, last = int(start_ms // HOUR_MS), int(-(-end_ms // HOUR_MS)) - 1
    block, place = divmod(ont, BLOCK)
    journal = _journal(ont, start_ms, end_ms)
    starts = _starts(first // DAY_HOURS, last // DAY_HOURS)
    wanted = [hour for hour in starts if first <= hour <= last]
    days = sorted({hour // DAY_HOURS for hour in wanted})
    packed = _chunks("monitoring_daychunk", days, ont)
    hours = [hour for hour in wanted if hour // DAY_HOURS not in packed]
    sealed = _chunks("monitoring_hourchunk", hours, block)
    missing = [hour for hour in hours if hour not in sealed]
    days = sorted({hour // DAY_HOURS for hour in missing})
    packed |= _chunks("monitoring_daychunk", days, ont)
    missing = [hour for hour in missing if hour // DAY_HOURS not in packed]
    yield from _from_columns(ont, missing, starts)
    for day, chunk in packed.items():
        yield from _of_day(day, unsqueeze(chunk), starts, first, last)
    for hour, chunk in sealed.items():
        yield Piece(hour, starts[hour], cut(chunk, len(starts[hour]))[place])
    for start, took, code in journal:
        hour = start // HOUR_MS
        tenth = (start - hour * HOUR_MS) // 100
        if tenth not in starts.get(hour, ()):
            yield Piece(hour, [tenth], visible(code, start, took, blind))


def _journal(ont: int, start_ms: float, end_ms: float) -> list[tuple[int, int, bytes]]:
    rows = _rows(
        "SELECT id, took_ms, substr(codes, %s, 1) FROM monitoring_sweep"
        " WHERE id >= %s AND id < %s ORDER BY id",
        [ont + 1, int(start_ms), int(-(-end_ms // 1))],
    )
    return [(start, took, bytes(code)) for start, took, code in rows if code]


def _starts(first_day: int, last_day: int) -> dict[int, array[int]]:
    """Sweeps' starts of every sealed hour of these whole days, in order."""
    rows = _rows(
        "SELECT id, starts FROM monitoring_hourcolumn WHERE id >= %s AND id < %s ORDER BY id",
        [first_day * DAY_HOURS, (last_day + 1) * DAY_HOURS],
    )
    return {hour: starts_from(bytes(stored)) for hour, stored in rows}


def _chunks(table: str, times: Sequence[int], place: int) -> dict[int, bytes]:
    """The chunk of each hour or day that has one; `place` is the block or the ONT."""
    found: dict[int, bytes] = {}
    for some in _batched([time << PLACE | place for time in times]):
        marks = ", ".join(["%s"] * len(some))
        rows = _rows(
            f"SELECT id, codes FROM {table} WHERE id IN ({marks}) ORDER BY id",  # noqa: S608 -- ours
            some,
        )
        found |= {key >> PLACE: bytes(codes) for key, codes in rows}
    return found


def _of_day(
    day: int, samples: bytes, starts: dict[int, array[int]], first: int, last: int
) -> Iterator[Piece]:
    hours = [hour for hour in range(day * DAY_HOURS, (day + 1) * DAY_HOURS) if hour in starts]
    begin = 0
    for hour in hours:
        end = begin + len(starts[hour])
        if first <= hour <= last:
            yield Piece(hour, starts[hour], samples[begin:end])
        begin = end


def _from_columns(ont: int, hours: Sequence[int], starts: dict[int, array[int]]) -> Iterator[Piece]:
    """As many samples as there were, made from what the hour columns remember."""
    for some in _batched(hours):
        marks = ", ".join(["%s"] * len(some))
        rows = _rows(
            "SELECT id, substr(shares, %s, 1), substr(rtts, %s, 1) FROM monitoring_hourcolumn"  # noqa: S608 -- only marks
            f" WHERE id IN ({marks})",
            [ont + 1, ont + 1, *some],
        )
        for hour, share, rtt in rows:
            answered = _share(bytes(share))
            if answered is not None:
                count = len(starts[hour])
                good = round(count * answered)
                samples = bytes(rtt) * good + bytes((SILENT,)) * (count - good)
                yield Piece(hour, starts[hour], samples)


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
        _ms(found.least_us),
        _ms(found.mean_us),
        _ms(found.most_us),
    )


def _ms(us: float | None) -> float | None:
    return None if us is None else us / 1000


def _hours(start: datetime, end: datetime) -> tuple[int, int]:
    """The first hour and the one after the last that a period touches."""
    return int(start.timestamp() // HOUR_S), int(-(-end.timestamp() // HOUR_S))


def _share(byte: bytes) -> float | None:
    return None if byte in (b"", b"\xff") else byte[0] / ALL_ANSWERED


def _rtt_ms(byte: bytes) -> float | None:
    return None if byte in (b"", b"\x00", b"\xff") else RTT_US[byte[0]] / 1000


def _batched(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS))
