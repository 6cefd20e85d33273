"""Keeps every sweep: appended as it comes, sealed by the hour, packed again by the day.

```
append ─▶ Sweep (journal: one row per sweep, one byte per ONT)
            │ seal, a few minutes after the hour
            ├─▶ HourChunk  (32 ONTs x the hour's sweeps) ─ compact, at night ─▶ DayChunk (one ONT, deflated)
            └─▶ HourColumn (2 bytes per ONT: share answered, usual round trip)
```

Guarantees:

* a sweep is in the database once `append` returned and its transaction was committed; a process
  killed at any moment loses at most the sweep that was not;
* sealing, compacting and forgetting may be killed, repeated or run twice at once: each step is one
  transaction that moves samples from one table to the next, and readers find them in either;
* silence in unobserved time is stored as "not known"; what answered in it stays.

Chosen by measuring the fleet of benchmarks/history (2026-11-21). Days: single ONTs are deflated to
0.25 bytes per sample, blocks of several to more, and are read fastest. Hours: deflating them as well
would save half of the 29 MB for the one day that they live, and cost as much processor time as all
the rest of the ingest; a block of 32 fills a page of the database.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple, Protocol

import structlog
from django.db import connection, models, transaction

from ronda.monitoring.events import moment
from ronda.monitoring.history.packing import (
    NOT_PROBED,
    hide_silence,
    hour_of,
    hours_of,
    pack_sweep,
    series,
    squeeze,
)
from ronda.monitoring.models import DayChunk, HourChunk, HourColumn, Sweep, Unobserved
from ronda.storage.database import hold_until_commit

log = structlog.get_logger(__name__)

HOUR_S = 3600
HOUR_MS = HOUR_S * 1000
DAY_HOURS = 24
BLOCK = 32
"""ONTs in an hour chunk; a day chunk holds one."""
PLACE = 24
"""Bits of an id that say which block or ONT; the bits above say when."""
BLOCKS = (1 << PLACE) - 1
SLICE = 32
"""Blocks handled together: 1,024 ONTs x 120 sweeps fit the processor's cache."""
ROWS = 500
"""Rows in one statement."""
SEAL_LOCK = 0x5EA1

SEAL_AFTER = timedelta(minutes=5)
"""An hour is sealed this long after its end: by then a blindness in it is known."""
COMPACT_AFTER = timedelta(hours=2)


class Column(Protocol):
    """One sweep as the keeper has it: times in epoch seconds, `rtts` by ONT id."""

    @property
    def started_at(self) -> float:
        """Start, epoch seconds."""

    @property
    def finished_at(self) -> float:
        """End, epoch seconds."""

    @property
    def rtts(self) -> array[int]:
        """0 not probed, 1 silent, else the round trip in microseconds."""


def append(columns: Iterable[Column]) -> None:
    """Write sweeps to the journal, in the caller's transaction. Repeating it changes nothing."""
    rows = [
        (
            round(column.started_at * 1000),
            max(0, round((column.finished_at - column.started_at) * 1000)),
            pack_sweep(column.rtts),
        )
        for column in columns
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO monitoring_sweep (id, took_ms, codes) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            rows,
        )


def seal(now: datetime) -> int:
    """Seal every hour that is over; how many were. Blocks for about 0.2 s per hour and 10,000 ONTs.

    The database is locked only for the writing, not for the packing.
    """
    last = int((now - SEAL_AFTER).timestamp()) // HOUR_S  # this hour and later ones stay open
    sealed = 0
    while (first := Sweep.objects.order_by("id").values_list("id", flat=True).first()) is not None:
        hour = first // HOUR_MS
        if hour >= last or not _seal(hour, now):
            break
        sealed += 1
    return sealed


class _Journal(NamedTuple):
    """The sweeps of one hour, oldest first; `ids` also names those that are sealed already."""

    ids: list[int]
    starts: array[int]
    columns: list[bytes]


def _seal(hour: int, now: datetime) -> bool:
    """Seal one hour; False when another process changed it meanwhile (nothing was done then)."""
    before = _starts_of(hour)
    journal = _journal(hour, now, set(before))
    if DayChunk.objects.filter(id__range=_range(hour // DAY_HOURS)).exists():
        # Only a clock that was set back by a day or more can bring this about.
        log.warning("sweeps of a day that is packed already were dropped", hour=hour)
        Sweep.objects.filter(id__in=journal.ids).delete()
        return True
    chunks = []
    hours: list[tuple[int, int]] = []
    width = max((len(column) for column in journal.columns), default=0)
    if before:
        width = max(width, len(HourColumn.objects.get(id=hour).shares))
    for block, new in _blocks(journal.columns, width):
        samples = new
        if before:
            samples = _after_earlier(hour, block, new, len(before))
            hours += map(hour_of, samples)
        joined = b"".join(samples)
        if joined.count(NOT_PROBED) < len(joined):
            chunks.append(HourChunk(id=hour << PLACE | block, codes=joined))
    if before:
        shares, rtts = (bytes(each)[:width] for each in zip(*hours, strict=True))
    else:
        shares, rtts = hours_of(journal.columns, width)
    with transaction.atomic():
        hold_until_commit(SEAL_LOCK)
        if _starts_of(hour) != before:
            return False
        if before:
            HourChunk.objects.filter(id__range=_range(hour)).delete()
            HourColumn.objects.filter(id=hour).delete()
        HourChunk.objects.bulk_create(chunks, batch_size=ROWS)
        HourColumn.objects.create(
            id=hour,
            starts=_little_endian(before + journal.starts),
            shares=shares,
            rtts=rtts,
        )
        for ids in _batched(journal.ids):
            Sweep.objects.filter(id__in=ids).delete()
    return True


def _journal(hour: int, now: datetime, sealed: set[int]) -> _Journal:
    rows = Sweep.objects.filter(id__gte=hour * HOUR_MS, id__lt=(hour + 1) * HOUR_MS).order_by("id")
    blind = unobserved_ms(hour * HOUR_MS, (hour + 1) * HOUR_MS, now)
    ids, starts, columns = [], array("H"), []
    for row in rows:
        ids.append(row.id)
        start = (row.id - hour * HOUR_MS) // 100
        if start not in sealed:  # else it was appended again after a lost connection
            starts.append(start)
            columns.append(visible(bytes(row.codes), row.id, row.took_ms, blind))
    return _Journal(ids, starts, columns)


def unobserved_ms(start_ms: int, end_ms: int, now: datetime) -> list[tuple[float, float]]:
    """Unobserved time that touches a span, in epoch milliseconds. Open ones last until `now`."""
    rows = Unobserved.objects.filter(
        models.Q(ended_at=None) | models.Q(ended_at__gt=_moment(start_ms)),
        started_at__lt=_moment(end_ms) + timedelta(hours=1),
    )
    return [
        (row.started_at.timestamp() * 1000, (row.ended_at or now).timestamp() * 1000)
        for row in rows
    ]


def visible(
    codes: bytes, start_ms: int, took_ms: int, unobserved: Sequence[tuple[float, float]]
) -> bytes:
    """A sweep's column, without the silences that nobody can vouch for."""
    end_ms = start_ms + took_ms
    if any(start <= end_ms and start_ms < end for start, end in unobserved):
        return hide_silence(codes)
    return codes


def _blocks(columns: Sequence[bytes], width: int) -> Iterator[tuple[int, list[bytes]]]:
    """Every block's number and the samples of its slots."""
    for first in range(0, width, SLICE * BLOCK):
        samples = series(columns, first, first + SLICE * BLOCK)
        for place in range(0, min(SLICE * BLOCK, width - first), BLOCK):
            yield (first + place) // BLOCK, samples[place : place + BLOCK]


def _after_earlier(hour: int, block: int, samples: list[bytes], count: int) -> list[bytes]:
    """The samples behind those of the same hour that were sealed before."""
    row = HourChunk.objects.filter(id=hour << PLACE | block).first()
    earlier = cut(bytes(row.codes), count) if row else [b"\xff" * count] * BLOCK
    return [old + new for old, new in zip(earlier, samples, strict=True)]


def cut(chunk: bytes, count: int) -> list[bytes]:
    """The samples of each slot of an hour chunk, `count` of them each."""
    return [chunk[start : start + count] for start in range(0, len(chunk), count)]


def compact(now: datetime) -> int:
    """Pack the hours of every day that is over into day chunks; how many days were finished.

    A day is worked through in slices, each one transaction, so nobody waits long for the lock.
    """
    today = int((now - COMPACT_AFTER).timestamp()) // HOUR_S // DAY_HOURS
    finished = 0
    while True:
        first = HourChunk.objects.order_by("id").values_list("id", flat=True).first()
        if first is None or (day := (first >> PLACE) // DAY_HOURS) >= today:
            return finished
        if Sweep.objects.filter(id__lt=(day + 1) * DAY_HOURS * HOUR_MS).exists():
            return finished  # an hour of it is still to be sealed
        _compact(day)
        finished += 1


def _compact(day: int) -> None:
    hours = range(day * DAY_HOURS, (day + 1) * DAY_HOURS)
    counts = {
        hour: len(bytes(starts)) // 2
        for hour, starts in HourColumn.objects.filter(id__in=list(hours)).values_list(
            "id", "starts"
        )
    }
    chunks = HourChunk.objects.filter(id__range=_range(hours[0], hours[-1]))
    last = chunks.aggregate(last=models.Max(models.F("id").bitand(BLOCKS)))["last"]
    for first in range(0, last + 1, SLICE):
        with transaction.atomic():
            hold_until_commit(SEAL_LOCK)
            _compact_slice(day, counts, first, first + SLICE - 1)


def _compact_slice(day: int, counts: dict[int, int], first: int, last: int) -> None:
    rows: dict[int, dict[int, bytes]] = {}
    ids = []
    for hour in counts:
        span = (hour << PLACE | first, hour << PLACE | last)
        for key, codes in HourChunk.objects.filter(id__range=span).values_list("id", "codes"):
            rows.setdefault(key & BLOCKS, {})[hour] = bytes(codes)
            ids.append(key)
    days = []
    for block, chunks in sorted(rows.items()):
        parts = [
            cut(chunks[hour], count) if hour in chunks else [b"\xff" * count] * BLOCK
            for hour, count in sorted(counts.items())
        ]
        for place, pieces in enumerate(zip(*parts, strict=True)):
            samples = b"".join(pieces)
            if samples.count(NOT_PROBED) < len(samples):
                ont = block * BLOCK + place
                days.append(DayChunk(id=day << PLACE | ont, codes=squeeze(samples)))
    DayChunk.objects.bulk_create(days, batch_size=ROWS)
    for some in _batched(ids):
        HourChunk.objects.filter(id__in=some).delete()


def forget(now: datetime, *, keep_samples: timedelta, keep_hours: timedelta) -> int:
    """Delete samples and hours that are too old; how many days of samples went.

    Each day is a transaction of its own. Hours are kept at least as long as the samples, which
    cannot be read without them.
    """
    oldest_hour = int((now - keep_samples).timestamp()) // HOUR_S
    oldest_day = oldest_hour // DAY_HOURS
    HourChunk.objects.filter(id__lt=oldest_day * DAY_HOURS << PLACE).delete()
    hours = int((now - keep_hours).timestamp()) // HOUR_S
    HourColumn.objects.filter(id__lt=min(hours, oldest_day * DAY_HOURS)).delete()
    forgotten = 0
    while True:
        first = DayChunk.objects.order_by("id").values_list("id", flat=True).first()
        if first is None or first >> PLACE >= oldest_day:
            return forgotten
        DayChunk.objects.filter(id__range=_range(first >> PLACE)).delete()
        forgotten += 1


def _starts_of(hour: int) -> array[int]:
    """Starts of the sweeps sealed in an hour, in tenths of seconds; empty when it is not."""
    row = HourColumn.objects.filter(id=hour).values_list("starts", flat=True).first()
    return starts_from(bytes(row)) if row is not None else array("H")


def starts_from(stored: bytes) -> array[int]:
    """The `starts` of an hour column as numbers."""
    starts = array("H", stored)
    if sys.byteorder == "big":
        starts.byteswap()
    return starts


def _little_endian(starts: array[int]) -> bytes:
    return starts_from(starts.tobytes()).tobytes()


def _range(first: int, last: int | None = None) -> tuple[int, int]:
    """Ids of all blocks of a time, or of all times from the first to the last."""
    last = first if last is None else last
    return first << PLACE, (last + 1 << PLACE) - 1


def _moment(at_ms: int) -> datetime:
    return moment(at_ms / 1000)


def _batched(ids: list[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while some := list(islice(rest, ROWS)):
        yield some
