"""Reads samples of one ONT, wherever they are just now: journal, hour chunk, day chunk or column.

Samples of a time are in exactly one of the first three; where they are forgotten, the hour columns
stand in for them. All questions are answered with a handful of plain statements: building model
objects would cost more than the reading.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection

from ronda.monitoring.history.packing import ALL_ANSWERED, SILENT, unsqueeze
from ronda.monitoring.history.store import (
    BLOCK,
    DAY_HOURS,
    HOUR_MS,
    PLACE,
    cut,
    starts_from,
    visible,
)

MOST_IDS = 500


class Piece(NamedTuple):
    """Samples of one ONT within one hour. `starts`: tenths of seconds after its begin."""

    hour: int
    starts: Sequence[int]
    samples: bytes


def rows_of(sql: str, params: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def pieces(
    ont: int,
    start_ms: float,
    end_ms: float,
    blind: Sequence[tuple[float, float]],
    without: Container[int] = (),
) -> Iterator[Piece]:
    """Every sample of the period (and some beside it), in no particular order.

    Days `without` are left out: their packed samples were read before, which is the order in which
    nothing is doubled.

    Sealing and packing may go on meanwhile. They move samples from the tables read first here to
    those read later; what was seen twice is dropped, so nothing is missed or doubled.
    """
    first, last = int(start_ms // HOUR_MS), int(-(-end_ms // HOUR_MS)) - 1
    block, place = divmod(ont, BLOCK)
    journal = _journal(ont, start_ms, end_ms)
    needed = {day for day in range(first // DAY_HOURS, last // DAY_HOURS + 1) if day not in without}
    starts = _starts(sorted(needed | {at // HOUR_MS // DAY_HOURS for at, _, _ in journal}))
    wanted = [hour for hour in starts if first <= hour <= last and hour // DAY_HOURS in needed]
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
    rows = rows_of(
        "SELECT id, took_ms, substr(codes, %s, 1) FROM monitoring_sweep"
        " WHERE id >= %s AND id < %s ORDER BY id",
        [ont + 1, int(start_ms), int(-(-end_ms // 1))],
    )
    return [(start, took, bytes(code)) for start, took, code in rows if code]


def _starts(days: Sequence[int]) -> dict[int, array[int]]:
    """Sweeps' starts of every sealed hour of these whole days, in order."""
    found: dict[int, array[int]] = {}
    for _, run in groupby(enumerate(days), lambda numbered: numbered[1] - numbered[0]):
        together = [day for _, day in run]
        rows = rows_of(
            "SELECT id, starts FROM monitoring_hourcolumn WHERE id >= %s AND id < %s ORDER BY id",
            [together[0] * DAY_HOURS, (together[-1] + 1) * DAY_HOURS],
        )
        found.update((hour, starts_from(bytes(stored))) for hour, stored in rows)
    return found


def packed_days(ont: int, days: Sequence[int]) -> dict[int, bytes]:
    """The samples of those of these days that are packed."""
    return {
        day: unsqueeze(chunk) for day, chunk in _chunks("monitoring_daychunk", days, ont).items()
    }


def splits(samples: Mapping[int, bytes], edges: Mapping[int, float]) -> dict[int, int]:
    """How many samples of each day lie before its edge.

    Only the hours from the edge to the nearer end of its day are looked at, because reading those
    of all days would take more time than anything else about a chart of years.

    Args:
        samples: of whole packed days, by day.
        edges: a moment within each day, in epoch milliseconds.
    """
    wanted: list[int] = []
    for day, edge in edges.items():
        wanted += _to_nearer_end(day, int(edge // HOUR_MS))
    stored: dict[int, bytes] = {}
    for some in _batched(wanted):
        marks = ", ".join(["%s"] * len(some))
        rows = rows_of(f"SELECT id, starts FROM monitoring_hourcolumn WHERE id IN ({marks})", some)  # noqa: S608 -- only marks
        stored |= {hour: bytes(starts) for hour, starts in rows}
    found = {}
    for day, edge in edges.items():
        hour = int(edge // HOUR_MS)
        hours = _to_nearer_end(day, hour)
        starts = starts_from(stored.get(hour, b""))
        before = bisect_left(starts, -(-(edge - hour * HOUR_MS) // 100))
        others = sum(len(stored.get(other, b"")) // 2 for other in hours if other != hour)
        if hours.start == day * DAY_HOURS:
            found[day] = others + before
        else:
            found[day] = len(samples[day]) - others - (len(starts) - before)
    return found


def _to_nearer_end(day: int, hour: int) -> range:
    """The hours from this one to the end of its day, or from its begin to this one."""
    first = day * DAY_HOURS
    if hour - first < DAY_HOURS // 2:
        return range(first, hour + 1)
    return range(hour, first + DAY_HOURS)


def _chunks(table: str, times: Sequence[int], place: int) -> dict[int, bytes]:
    """The chunk of each hour or day that has one; `place` is the block or the ONT."""
    found: dict[int, bytes] = {}
    for some in _batched([time << PLACE | place for time in times]):
        marks = ", ".join(["%s"] * len(some))
        rows = rows_of(
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
        rows = rows_of(
            "SELECT id, substr(shares, %s, 1), substr(rtts, %s, 1) FROM monitoring_hourcolumn"  # noqa: S608 -- only marks
            f" WHERE id IN ({marks})",
            [ont + 1, ont + 1, *some],
        )
        for hour, share, rtt in rows:
            answered = share_of(bytes(share))
            if answered is not None:
                count = len(starts[hour])
                good = round(count * answered)
                samples = bytes(rtt) * good + bytes((SILENT,)) * (count - good)
                yield Piece(hour, starts[hour], samples)


def share_of(byte: bytes) -> float | None:
    """The share answered in a byte of the hour columns; None when nothing is known."""
    return None if byte in (b"", b"\xff") else byte[0] / ALL_ANSWERED


def _batched(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS))
