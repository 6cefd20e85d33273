"""Outages that are over, a day of them in one row: what a period's uptime is added up from.

The outages themselves are the truth, and these rows can be made from them at any time. Every outage
whose end lies in a sealed day is in that day's row, so:

* days are sealed in order, without a gap, a while after they are over;
* whoever writes or removes an outage with an end, late or from a file, calls `reopen` in the same
  transaction; these days are sealed anew at the next turn;
* a reader that meets a reopening reads again, and takes what no day holds from the outages.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min, Q, QuerySet

from ronda.monitoring.models import Outage, OutageDay
from ronda.monitoring.rules.silence import DAY_US, OPEN_US, Block, Outages, micros, time_of
from ronda.storage.database import hold_until_commit, is_sqlite

SEAL_LOCK = 0x0D0A75
SEAL_AFTER = timedelta(hours=2)
"""By then the ends of the day are written, unless the watch stood still."""
ONTS = 500
"""ONTs asked for in one statement."""
ENTRY = 4 + 8 + 8
"""Bytes of an outage: ONT, start and length."""

Times = tuple[int, datetime, datetime | None]


def seal(now: datetime) -> int:
    """Seal every day that is over, each in a transaction of its own; how many were."""
    open_day = micros(now - SEAL_AFTER) // DAY_US
    sealed = 0
    while _seal_next(open_day):
        sealed += 1
    return sealed


def _seal_next(open_day: int) -> bool:
    with transaction.atomic():
        hold_until_commit(SEAL_LOCK)
        newest = _newest()
        if newest is None:
            first = Outage.objects.aggregate(first=Min("ended_at"))["first"]
            day = open_day if first is None else micros(first) // DAY_US
        else:
            day = newest + 1
        if day >= open_day:
            return False
        within = Outage.objects.filter(
            ended_at__gte=time_of(day * DAY_US), ended_at__lt=time_of((day + 1) * DAY_US)
        )
        block = _block(_times(within), day)
        OutageDay.objects.create(
            id=day, first_us=min(block.starts, default=None), outages=_packed(block)
        )
    return True


def reopen(ends: Iterable[datetime | None]) -> None:
    """Take back the days of these ends and all later ones, in the transaction that writes the ends."""
    earliest = min((end for end in ends if end is not None), default=None)
    if earliest is None:
        return
    hold_until_commit(SEAL_LOCK)
    OutageDay.objects.filter(id__gte=micros(earliest) // DAY_US).delete()


def touching(start: datetime, end: datetime, onts: Collection[int] | None = None) -> Outages:
    """All outages that touch [start, end), and possibly others: of everybody, or of these ONTs."""
    if onts is not None:
        some = Outage.objects.filter(started_at__lt=end)
        rows = [
            each
            for chunk in _chunks(onts)
            for each in _times(some.filter(_ended_since(start), ont_id__in=chunk))
        ]
        return Outages([_block(rows, None)])
    while True:
        newest = _newest()
        over = start if newest is None else time_of((newest + 1) * DAY_US)
        # When they began is not asked: an index of ends finds the few of today in all years.
        loose = _block(_times(Outage.objects.filter(_ended_since(max(start, over)))), None)
        if newest is None or over <= start:
            return Outages([loose])
        days = OutageDay.objects.filter(id__gte=micros(start) // DAY_US, id__lte=newest)
        wanted = days.filter(Q(first_us__lt=micros(end)) | Q(id=newest)).order_by("id")
        blocks = [_unpacked(day, bytes(each)) for day, each in wanted.values_list("id", "outages")]
        if blocks and blocks[-1].day == newest:
            return Outages([*blocks, loose])
        # Else days were reopened between two of these questions.


def _ended_since(start: datetime) -> Q:
    return Q(ended_at=None) | Q(ended_at__gte=start)


def _newest() -> int | None:
    newest: int | None = OutageDay.objects.aggregate(newest=Max("id"))["newest"]
    return newest


def _times(query: QuerySet[Outage]) -> list[Times]:
    sql, params = (
        query.order_by().values_list("ont_id", "started_at", "ended_at").query.sql_with_params()
    )
    # Django's own reading of times would take five times as long as everything else.
    with connection.cursor() as cursor:
        if not is_sqlite():
            cursor.execute(sql, params)
            return list(cursor.fetchall())
        zoned = f"SELECT ont_id, started_at || '+00:00', ended_at || '+00:00' FROM ({sql})"  # noqa: S608 -- made by Django
        cursor.execute(zoned, params)
        read = datetime.fromisoformat
        return [
            (ont, read(began), None if ended is None else read(ended))
            for ont, began, ended in cursor.fetchall()
        ]


def _block(rows: Iterable[Times], day: int | None) -> Block:
    """The rows as columns, without outages that took no time."""
    numbers = sorted(
        (micros(began), OPEN_US if ended is None else micros(ended), ont)
        for ont, began, ended in rows
        if began != ended
    )
    return Block(
        day,
        array("I", [ont for _, _, ont in numbers]),
        array("q", [start for start, _, _ in numbers]),
        array("q", [end - start for start, end, _ in numbers]),
    )


def _packed(block: Block) -> bytes:
    """ONTs (u32), starts and lengths (i64, microseconds), little-endian, one column after another."""
    return b"".join(_little_endian(column).tobytes() for column in block[1:])


def _unpacked(day: int, stored: bytes) -> Block:
    count = len(stored) // ENTRY
    onts = array("I", stored[: count * 4])
    starts = array("q", stored[count * 4 : count * 12])
    lengths = array("q", stored[count * 12 :])
    return Block(day, _little_endian(onts), _little_endian(starts), _little_endian(lengths))


def _little_endian(column: array[int]) -> array[int]:
    if sys.byteorder == "little":
        return column
    swapped = column[:]
    swapped.byteswap()
    return swapped


def _chunks(onts: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(onts)
    for first in range(0, len(ordered), ONTS):
        yield ordered[first : first + ONTS]
