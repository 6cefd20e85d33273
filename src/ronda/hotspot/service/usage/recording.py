"""From a reading to rows: sessions, clients' days, hours, counts, and the newest rows themselves.

A reading is recorded in one transaction with the ledger it was settled against, so that a crash at
any moment neither loses nor doubles what was used; the same reading recorded twice changes nothing.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from ronda.hotspot.models import SeriesKind, UsageSample, UsageSeries, UsageSession
from ronda.hotspot.rules.amounts import NOTHING, Amount, by_hour, hour_of
from ronda.hotspot.rules.readings import Active, Bill, Ledger, Reading, Session, Use
from ronda.hotspot.rules.usage import settle
from ronda.hotspot.service.usage import ledgers, limits, series, sums
from ronda.hotspot.service.usage.days import local_day
from ronda.routers.models import Router

DETAILED = 100
"""Readings of a series whose rows are kept; as many as the older system told."""
BATCH = 500
FRESH = timedelta(minutes=16)
"""A router's count older than this (three usual readings) is not part of a sum."""
USER, MAC, ADDRESS = 120, 40, 64  # what the tables hold


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a reading came to; None for one that was not new."""

    users: int
    ledger: Ledger
    bill: Bill


def record_router(router: Router, reading: Reading) -> Recorded | None:
    """Record what was read from a router, and add it to the sums of its site and of all."""
    with transaction.atomic():
        own = series.of_router(router, reading.at)
        done = record(own, reading)
        if done is not None:
            _count_sums(router, own, reading.at, done.bill)
            limits.look(router, own, done.ledger, done.bill)
        return done


def record(own: UsageSeries, reading: Reading) -> Recorded | None:
    """Record a reading of one series, in the caller's transaction, which holds the series' row."""
    before = ledgers.unpack(own)
    after, bill = settle(before, reading)
    if after is before:
        return None
    if before is None:
        # Sessions of a ledger that could not be read would stay open for ever.
        UsageSession.objects.filter(series=own, ended_at=None).update(ended_at=F("seen_at"))
    _keep_sessions(own, bill)
    _keep_days(own, before, bill)
    sums.add_bytes((own.pk, hour, amount) for hour, amount in sorted(_hours(bill.uses).items()))
    rows = list({row.id: row for row in reading.active}.values())
    profiles = Counter(session.profile for session in after.open.values())
    count(
        own,
        reading.at,
        len(rows),
        devices=len({row.mac for row in rows if row.mac}),
        profiles=dict(sorted(profiles.items())),
        details=_details(rows),
    )
    own.ledger = ledgers.pack(after)
    own.bytes_in += sum(use.amount.bytes_in for use in bill.uses)
    own.bytes_out += sum(use.amount.bytes_out for use in bill.uses)
    own.save(update_fields=["ledger", "bytes_in", "bytes_out"])
    return Recorded(len(rows), after, bill)


def record_many(own: UsageSeries, readings: Sequence[Reading]) -> None:
    """Record the readings of a series that is new and gets no others, oldest first, all at once."""
    ledger: Ledger | None = None
    sessions: dict[str, Session] = {}
    uses: list[Use] = []
    for reading in readings:
        ledger, bill = settle(ledger, reading)
        sessions |= {session.key: session for session in bill.sessions}
        uses += bill.uses
    over = [replace(s, ended_at=s.ended_at or s.seen_at) for s in sessions.values()]
    bill = Bill(tuple(over), tuple(uses))
    _keep_sessions(own, bill)
    _keep_days(own, None, bill)
    sums.add_bytes((own.pk, hour, amount) for hour, amount in sorted(_hours(uses).items()))
    count_many(own, [(reading.at, len(reading.active)) for reading in readings])


def count_many(own: UsageSeries, counts: Sequence[tuple[datetime, int]]) -> None:
    """Keep counts of a series that is new; their times differ."""
    UsageSample.objects.bulk_create(
        (UsageSample(series=own, at=at, users=users) for at, users in counts), batch_size=BATCH
    )
    sums.add_counts(sums.Count(own.pk, hour_of(at), users) for at, users in sorted(counts))


def count(
    own: UsageSeries,
    at: datetime,
    users: int,
    *,
    devices: int | None = None,
    profiles: dict[str, int] | None = None,
    details: bytes | None = None,
    partial: bool = False,
) -> bool:
    """Keep one count of users; False when there is one of that moment already."""
    _sample, made = UsageSample.objects.get_or_create(
        series=own,
        at=at,
        defaults={
            "users": users,
            "devices": devices,
            "profiles": profiles or {},
            "details": details,
        },
    )
    if not made:
        return False
    sums.add_counts([sums.Count(own.pk, hour_of(at), users, partial)])
    if own.counted_at is None or at >= own.counted_at:
        own.counted_at, own.users = at, users
        own.save(update_fields=["counted_at", "users"])
    if details is not None:
        _forget_details(own)
    return True


def _count_sums(router: Router, own: UsageSeries, at: datetime, bill: Bill) -> None:
    """Add this router's reading to the sums it is part of, with the newest of the other routers."""
    routers = list(
        UsageSeries.objects.filter(kind=SeriesKind.ROUTER, router__active=True)
        .filter(router__deleted_at=None)
        .values_list("pk", "site_id", "users", "counted_at")
    )
    hours = sorted(_hours(bill.uses).items())
    for total in sorted((series.of_all(at), series.of_site(router.site, at)), key=lambda s: s.pk):
        parts = [row for row in routers if total.site_id in (None, row[1])]
        fresh = [
            users or 0
            for pk, _site, users, counted in parts
            if pk == own.pk or (counted is not None and abs(at - counted) <= FRESH)
        ]
        count(total, at, sum(fresh), partial=len(fresh) < len(parts))
        sums.add_bytes((total.pk, hour, amount) for hour, amount in hours)


def _keep_sessions(own: UsageSeries, bill: Bill) -> None:
    columns = ["address", "profile", "seen_at", "ended_at", "seconds", "bytes_in", "bytes_out"]
    UsageSession.objects.bulk_create(
        [_row(own, session) for session in bill.sessions],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["series", "key"],
        update_fields=columns,
    )


def _row(own: UsageSeries, session: Session) -> UsageSession:
    return UsageSession(
        series=own,
        key=session.key[:120],
        user=session.user[:USER],
        server=session.server[:USER],
        mac=session.mac[:MAC],
        address=session.address[:ADDRESS],
        profile=session.profile[:USER],
        started_at=session.started_at,
        seen_at=session.seen_at,
        ended_at=session.ended_at,
        seconds=session.amount.seconds,
        bytes_in=session.amount.bytes_in,
        bytes_out=session.amount.bytes_out,
        watched=session.watched,
    )


def _keep_days(own: UsageSeries, before: Ledger | None, bill: Bill) -> None:
    """Clients' days: amounts by when they were used, sessions by when they began."""
    amounts: dict[sums.Client, Amount] = {}
    begun: Counter[sums.Client] = Counter()
    for use in bill.uses:
        for hour, amount in by_hour(use.amount, use.since, use.until):
            client = _client(local_day(hour), use.user, use.mac, use.profile)
            amounts[client] = amounts.get(client, NOTHING).plus(amount)
    known = _known(before)
    for session in bill.sessions:
        if session.key not in known:
            day = local_day(session.started_at)
            begun[_client(day, session.user, session.mac, session.profile)] += 1
    sums.add_days(
        own.pk,
        [
            (client, begun[client], amounts.get(client, NOTHING))
            for client in sorted({*amounts, *begun})
        ],
    )


def _known(before: Ledger | None) -> set[str]:
    if before is None:
        return set()
    last = [counter.last for counter in before.counters.values()]
    sessions = (*before.open.values(), *before.gone.values(), *last)
    return {session.key for session in sessions if session is not None}


def _client(day: date, user: str, mac: str, profile: str) -> sums.Client:
    return sums.Client(day, user[:USER], mac[:MAC], profile[:USER])


def _hours(uses: Iterable[Use]) -> dict[datetime, Amount]:
    found: dict[datetime, Amount] = {}
    for use in uses:
        for hour, amount in by_hour(use.amount, use.since, use.until):
            found[hour] = found.get(hour, NOTHING).plus(amount)
    return found


def _details(rows: list[Active]) -> bytes:
    """The rows of a reading in the older system's shape, packed."""
    told = [
        {
            "ip": row.address,
            "mac": row.mac,
            "uptime": row.amount.seconds,
            "bytes_in": row.amount.bytes_in,
            "bytes_out": row.amount.bytes_out,
        }
        for row in rows
    ]
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 6)


def details_of(packed: bytes | memoryview | None) -> list[dict[str, Any]]:
    """The rows of a sample's `details`."""
    found: list[dict[str, Any]] = json.loads(zlib.decompress(bytes(packed or b"")))
    return found


def _forget_details(own: UsageSeries) -> None:
    detailed = UsageSample.objects.filter(series=own, details__isnull=False)
    oldest = detailed.order_by("-at").values_list("at", flat=True)[DETAILED - 1 : DETAILED]
    for at in oldest:
        detailed.filter(at__lt=at).update(details=None)
