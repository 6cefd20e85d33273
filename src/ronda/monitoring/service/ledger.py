"""Writes what the watch found: watch rows, outages, transitions and the feed in one transaction.

Guarantee: an outage row, the transition that opened it and the event that told of it exist all or
not at all. `Ledger.write` may be repeated after any failure, also after one that hid whether the
commit had happened: nothing is lost or doubled. While the database is away, what is to be written
waits here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max

from ronda.devices.models import Ont
from ronda.monitoring.events import moment
from ronda.monitoring.history import outage_days
from ronda.monitoring.history.store import append
from ronda.monitoring.models import Outage, Poller, Transition, Unobserved, Watch
from ronda.monitoring.rules.belief import State
from ronda.monitoring.service.batch import Batch, Change, Gap, Jump
from ronda.work import feed

TRANSITIONS = "monitoring.transitions"
MISSES = "monitoring.misses"
MOST_IN_EVENT = 500
# Changes in one transaction: other writers of SQLite wait for its end, about 0.5 s.
MOST_AT_ONCE = 1000
# SQLite's and PostgreSQL's limits on parameters are far away from this.
CHUNK = 500

WATCH_FIELDS = [
    "state",
    "since",
    "first_miss_at",
    "misses",
    "last_ok_at",
    "rtt_us",
    "flapping",
    "degraded",
    "reason",
]


class LostTurn(Exception):
    """Another keeper watches under this name now: nothing may be written any more."""


class Ledger:
    """The writing half of the keeper named `poller`, since its turn began at `turn`."""

    def __init__(self, poller: str, turn: datetime) -> None:
        """`turn` is the `started_at` that this keeper wrote when it took its turn."""
        self.poller = poller
        self.turn = turn
        self._waiting = Batch()
        self._stuck: Batch | None = None

    @property
    def waiting(self) -> int:
        """How many changes and sweeps are not written yet."""
        stuck = self._stuck
        batches = [self._waiting] if stuck is None else [stuck, self._waiting]
        return sum(len(batch.changes) + len(batch.columns) for batch in batches)

    def put(self, batch: Batch) -> None:
        """Take over what is to be written by the next `write`."""
        self._waiting.join(batch)

    def drop_columns(self, most: int) -> int:
        """Forget the oldest waiting sweeps above `most`; how many were forgotten."""
        surplus = max(0, len(self._waiting.columns) - most)
        del self._waiting.columns[:surplus]
        return surplus

    def is_ours(self) -> bool:
        """Whether no other keeper has begun under this name."""
        return Poller.objects.filter(name=self.poller, started_at=self.turn).exists()

    def write(self) -> None:
        """Write what waits.

        Raises:
            LostTurn: another keeper took over; what waits will never be written.
            django.db.Error: the database refused or is away; call again later.
        """
        if self._stuck is not None:
            # The commit itself may have failed to tell us that it happened.
            if not self._is_written(self._stuck):
                self._write_existing(self._stuck)
            self._stuck = None
        while self._waiting:
            self._stuck = self._waiting.first(MOST_AT_ONCE)
            self._write_existing(self._stuck)
            self._stuck = None

    def _write_existing(self, batch: Batch) -> None:
        """Write; when an ONT of it was removed for good meanwhile, write the others."""
        try:
            self._write(batch)
        except IntegrityError:
            onts = {change.ont for change in batch.changes}
            exist = {
                ont
                for chunk in _chunks(onts)
                for ont in Ont.objects.filter(id__in=chunk).values_list("id", flat=True)
            }
            if exist == onts:
                raise
            batch.changes = [change for change in batch.changes if change.ont in exist]
            self._write(batch)

    def _write(self, batch: Batch) -> None:
        with transaction.atomic():
            self._hold_turn(batch)
            for gap in batch.gaps:
                self._write_gap(gap)
            for jump in batch.jumps:
                shift_outages(jump)
            if batch.columns:
                append(batch.columns)
            outages = write_outages(batch.changes) if batch.changes else {}
            if batch.changes:
                write_watches(batch.changes)
                write_transitions(batch.changes)
            if batch.misses:
                write_misses(batch.misses)
            told = [(MISSES, {"onts": chunk}) for chunk in _chunks(batch.misses)]
            feed.append_all([*transition_events(batch.changes, outages), *told, *batch.news])

    def _hold_turn(self, batch: Batch) -> None:
        """Write the poller's row if it is still ours; the row stays locked until commit."""
        mine = Poller.objects.filter(name=self.poller, started_at=self.turn)
        if not mine.update(**{"name": self.poller, **batch.poller}):
            raise LostTurn(self.poller)

    def _write_gap(self, gap: Gap) -> None:
        open_one = Unobserved.objects.filter(poller=self.poller, ended_at=None)
        if gap.start is None:
            open_one.update(ended_at=gap.end)
        elif gap.end is None:
            Unobserved.objects.get_or_create(
                poller=self.poller,
                ended_at=None,
                defaults={"started_at": gap.start, "reason": gap.reason},
            )
        else:
            Unobserved.objects.get_or_create(
                poller=self.poller,
                started_at=gap.start,
                defaults={"ended_at": gap.end, "reason": gap.reason},
            )

    def _is_written(self, batch: Batch) -> bool:
        if not batch.changes:
            return False
        first = batch.changes[0]
        return Transition.objects.filter(
            ont_id=first.ont,
            at=first.at,
            decided_at=first.decided_at,
            before=first.before,
            after=first.after,
        ).exists()


def write_outages(changes: Sequence[Change]) -> dict[int, int]:
    """Open and close outages in the order of the changes; the outage of each change, by position."""
    latest = _latest_ends(change for change in changes if change.opens is not None)
    still_open = {
        outage.ont_id: outage
        for chunk in _chunks({change.ont for change in changes if change.opens or change.closes})
        for outage in Outage.objects.filter(ont_id__in=chunk, ended_at=None)
    }
    new: list[Outage] = []
    closed: list[Outage] = []
    told: list[tuple[int, Outage]] = []
    for position, change in enumerate(changes):
        if change.closes is not None:
            outage = still_open.pop(change.ont, None)
            if outage is not None:
                outage.ended_at = max(change.closes, outage.started_at)
                latest[change.ont] = outage.ended_at
                if outage.pk is not None:
                    closed.append(outage)
                told.append((position, outage))
        if change.opens is not None and change.ont in still_open:
            told.append((position, still_open[change.ont]))
        elif change.opens is not None:
            opens = change.opens
            # After a backward step of the clock an earlier outage may end "later" than now.
            started = max(opens.started_at, latest.get(change.ont, opens.started_at))
            outage = Outage(
                ont_id=change.ont,
                started_at=started,
                confirmed_at=max(opens.confirmed_at, started),
                last_ok_at=opens.last_ok_at,
                cause=opens.cause,
            )
            still_open[change.ont] = outage
            new.append(outage)
            told.append((position, outage))
    _close(closed)
    Outage.objects.bulk_create(new, batch_size=CHUNK)
    outage_days.reopen(outage.ended_at for outage in (*closed, *new))
    return {position: outage.pk for position, outage in told}


def shift_outages(jump: Jump) -> None:
    """Move the open outages that began on a clock which turned out to be wrong."""
    Outage.objects.filter(ended_at=None, started_at__gte=jump.since).update(
        started_at=F("started_at") + jump.by, confirmed_at=F("confirmed_at") + jump.by
    )


def write_watches(changes: Sequence[Change]) -> None:
    """Write the newest belief of each changed ONT."""
    newest = {change.ont: change for change in changes}
    Watch.objects.bulk_create(
        [
            Watch(
                ont_id=ont,
                state=change.shown.state,
                since=_utc(change.watch.since),
                first_miss_at=_utc(change.watch.first_miss),
                misses=change.watch.misses,
                last_ok_at=_utc(change.watch.last_ok),
                rtt_us=change.rtt_us,
                flapping=change.shown.flapping,
                degraded=change.shown.degraded,
                reason=change.reason,
            )
            for ont, change in sorted(newest.items())
        ],
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["ont"],
        update_fields=WATCH_FIELDS,
    )


def write_misses(misses: Mapping[int, int]) -> None:
    """Count on for the ONTs that are still suspected; the older status word follows the count."""
    for count in set(misses.values()):
        for chunk in _chunks(ont for ont, found in misses.items() if found == count):
            Watch.objects.filter(ont_id__in=chunk, state=State.SUSPECT).update(misses=count)


def write_transitions(changes: Sequence[Change]) -> None:
    """Write why each change was made."""
    Transition.objects.bulk_create(
        [
            Transition(
                ont_id=change.ont,
                at=change.at,
                decided_at=change.decided_at,
                before=change.before,
                after=change.after,
                reason=change.reason,
                evidence=change.evidence,
            )
            for change in changes
        ],
        batch_size=CHUNK,
    )


def transition_events(
    changes: Sequence[Change], outages: dict[int, int]
) -> list[tuple[str, dict[str, Any]]]:
    """The events that tell of the changes, at most `MOST_IN_EVENT` ONTs in each."""
    entries = [_entry(change, outages.get(position)) for position, change in enumerate(changes)]
    return [
        (TRANSITIONS, {"onts": entries[first : first + MOST_IN_EVENT]})
        for first in range(0, len(entries), MOST_IN_EVENT)
    ]


def _entry(change: Change, outage: int | None) -> dict[str, Any]:
    watch = change.watch
    since = watch.first_miss if change.shown.state == State.SUSPECT else watch.since
    return {
        "id": change.ont,
        "state": str(change.shown.state),
        "before": change.before,
        "since": (_utc(since) or change.at).isoformat(),
        "overlay": change.shown.flapping + 2 * change.shown.degraded,
        "rtt_ms": None if change.rtt_us is None else change.rtt_us / 1000,
        "reason": change.reason,
        "outage": outage,
    }


def _latest_ends(changes: Iterable[Change]) -> dict[int, datetime]:
    """The latest end of an earlier outage of each ONT, where it lies after the new one's start."""
    starts = {change.ont: change.opens.started_at for change in changes if change.opens}
    if not starts:
        return {}
    first = min(starts.values())
    return {
        ont: end
        for chunk in _chunks(starts)
        for ont, end in Outage.objects.filter(ont_id__in=chunk, ended_at__gt=first)
        .order_by()
        .values_list("ont_id")
        .annotate(Max("ended_at"))
    }


def _close(outages: Sequence[Outage]) -> None:
    """Write the ends; one prepared statement, for after a power cut thousands return at once."""
    if not outages:
        return
    table = connection.ops.quote_name(Outage._meta.db_table)  # noqa: SLF001 -- Django documents _meta
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET ended_at = %s WHERE id = %s AND ended_at IS NULL",  # noqa: S608 -- the table's own name
            [(adapt(outage.ended_at), outage.pk) for outage in outages],
        )


def _chunks(onts: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(onts)
    for first in range(0, len(ordered), CHUNK):
        yield ordered[first : first + CHUNK]


def _utc(at: float | None) -> datetime | None:
    return None if at is None else moment(at)
