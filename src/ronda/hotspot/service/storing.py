"""Keeping what a poll found: one transaction per router, and only rows that changed are written.

The only writer of the tables in `models.held`. Whoever wants every reading (usage accounting)
registers as a taker and gets it in the same transaction.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ronda.hotspot.models import ActiveUser, Condition, HotspotUser, Kind, Part, Reading
from ronda.hotspot.rules.rates import Counters, speed
from ronda.hotspot.service import drifting
from ronda.hotspot.service.reading import Snapshot
from ronda.hotspot.service.shapes import SHAPES
from ronda.routeros.port import Row
from ronda.routers.models import Router
from ronda.work import feed

#: Rows in one statement.
BATCH = 500
READ = "hotspot.read"

Taker = Callable[[Router, Snapshot], None]
_takers: dict[str, Taker] = {}


def take_readings(name: str, taker: Taker) -> None:
    """Register who gets every reading, after it was stored and in its transaction."""
    _takers[name] = taker


def store(router: Router, snapshot: Snapshot) -> None:
    """Put a reading in place of the last one, with its time; parts that were not read stay as they are."""
    with transaction.atomic():
        changed = [
            part for part, rows in snapshot.parts.items() if _replace(router, part, rows, snapshot)
        ]
        _note_readings(router, snapshot)
        if snapshot.clock is not None:
            Condition.objects.update_or_create(
                router=router,
                defaults={
                    "clock_off_s": round(snapshot.clock.off.total_seconds()),
                    "minutes_ahead": snapshot.clock.minutes_ahead,
                    "clock_read_at": snapshot.at,
                },
            )
        for part, kind in ((Part.USERS, Kind.USER), (Part.PROFILES, Kind.PROFILE)):
            if part in snapshot.parts and drifting.look(router, kind, snapshot.at):
                changed.append(part)
        for taker in _takers.values():
            taker(router, snapshot)
        feed.append(
            READ,
            {"router": router.pk, "parts": sorted(snapshot.parts), "changed": sorted(set(changed))},
        )


def note_failure(router: Router, trouble: str) -> None:
    """Say at every list that it could not be read again; what was read last stays, growing old."""
    now = timezone.now()
    Reading.objects.filter(router=router).update(tried_at=now, trouble=trouble[:300])
    feed.append(READ, {"router": router.pk, "parts": [], "changed": []})


def store_one(
    router: Router, part: Part, name: str, server: str, row: Row | None, at: datetime
) -> None:
    """Put one user or profile as it was just read; None: the router has it no more."""
    model, shape = SHAPES[part]
    kept = model.objects.filter(router=router, name=name)
    if part is Part.USERS:
        kept = kept.filter(server=server)
    if row is None:
        kept.delete()
        return
    values = shape(row)
    kept.exclude(ros_id=row[".id"]).delete()
    extra = {"first_seen_at": at} if model is HotspotUser else {}
    model.objects.update_or_create(
        router=router, ros_id=row[".id"], defaults=values, create_defaults={**values, **extra}
    )


def tell(router: Router) -> None:
    """Say on the feed that what is kept of a router changed."""
    feed.append(READ, {"router": router.pk, "parts": [], "changed": [Part.USERS.value]})


def _note_readings(router: Router, snapshot: Snapshot) -> None:
    for part, rows in snapshot.parts.items():
        Reading.objects.update_or_create(
            router=router,
            part=part,
            defaults={
                "read_at": snapshot.at,
                "tried_at": snapshot.at,
                "rows": len(rows),
                "took_ms": snapshot.took_ms.get(part, 0),
                "trouble": "",
            },
        )
    for part, trouble in snapshot.troubles.items():
        Reading.objects.update_or_create(
            router=router,
            part=part,
            defaults={"tried_at": snapshot.at, "trouble": trouble[:300]},
        )


def _replace(router: Router, part: Part, rows: list[Row], snapshot: Snapshot) -> bool:
    """Make the table equal to the rows; whether anything was added, changed or removed."""
    model, shape = SHAPES[part]
    now = {row[".id"][:40]: shape(row) for row in rows if row.get(".id")}
    if not now and not model.objects.filter(router=router).exists():
        return False
    if part is Part.ACTIVE:
        _add_speeds(router, now, snapshot)
    fields = list(next(iter(now.values()))) if now else []
    kept: dict[str, tuple[Any, ...]] = {
        ros_id: tuple(values)
        for ros_id, *values in model.objects.filter(router=router).values_list("ros_id", *fields)
    }
    new = [ros_id for ros_id in now if ros_id not in kept]
    other = [
        ros_id
        for ros_id, values in now.items()
        if ros_id in kept and kept[ros_id] != tuple(values.values())
    ]
    gone = [ros_id for ros_id in kept if ros_id not in now]
    extra = {"first_seen_at": snapshot.at} if model is HotspotUser else {}
    made = [model(router=router, ros_id=ros_id, **now[ros_id], **extra) for ros_id in new]
    model.objects.bulk_create(made, batch_size=BATCH)
    if other:
        model.objects.bulk_create(
            [model(router=router, ros_id=ros_id, **now[ros_id], **extra) for ros_id in other],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["router", "ros_id"],
            update_fields=fields,
        )
    for first in range(0, len(gone), BATCH):
        model.objects.filter(router=router, ros_id__in=gone[first : first + BATCH]).delete()
    return bool(new or other or gone)


def _add_speeds(router: Router, now: Mapping[str, dict[str, Any]], snapshot: Snapshot) -> None:
    """Fill in the speed of every session from its last reading, and when it was read."""
    moment = snapshot.at.timestamp()
    before = {
        (row.ros_id, row.user, row.mac): Counters(
            row.read_at.timestamp(), row.uptime_s, row.bytes_in, row.bytes_out
        )
        for row in ActiveUser.objects.filter(router=router)
    }
    for ros_id, values in now.items():
        counters = Counters(moment, values["uptime_s"], values["bytes_in"], values["bytes_out"])
        told = speed(before.get((ros_id, values["user"], values["mac"])), counters)
        values["upload_bps"] = told.upload if told else None
        values["download_bps"] = told.download if told else None
        values["read_at"] = snapshot.at
