"""Watching limits: what a router allows, what users use of it, and who is told when it gets near.

What is allowed (licence, pools) is read every hour; how much of it is used is looked at with every
reading, in its transaction. An alarm is a row while it lasts, so that each is told once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from ronda.hotspot.events import LIMIT
from ronda.hotspot.models import HotspotProfile, UsageAlarm, UsageDay, UsageSeries
from ronda.hotspot.rules.limits import (
    FEWEST_SHARED,
    LICENCES,
    Alarm,
    Gauge,
    Kind,
    pool_size,
    turn,
)
from ronda.hotspot.rules.readings import Bill, Ledger
from ronda.hotspot.service.usage import series
from ronda.hotspot.service.usage.days import local_day
from ronda.routeros.errors import RouterRefused
from ronda.routeros.port import Link, Row
from ronda.routers.desk.port import Visit
from ronda.routers.models import Router
from ronda.work import feed, tuning
from ronda.work.loops import in_thread

EVERY_S = 3600.0
GB = 1024**3


async def poll(visit: Visit) -> float:
    """Read what the router allows and keep it; once an hour."""
    link = visit.link
    licence = await _rows(link, "/system/license")
    pools = await _rows(link, "/ip/pool")
    used = await _rows(link, "/ip/pool/used", ("pool",)) if pools else []
    await in_thread(keep, visit.router, capacity_of(licence, pools, used), timezone.now())
    return EVERY_S


async def _rows(link: Link, menu: str, properties: tuple[str, ...] = ()) -> list[Row]:
    try:
        return await link.print(menu, properties=properties)
    except RouterRefused:  # a menu that this board or version does not have, or a missing right
        return []


def capacity_of(licence: list[Row], pools: list[Row], used: list[Row]) -> dict[str, Any]:
    """What a router allows: `{"licence": users or null, "pools": {name: [size, used]}}`."""
    told = licence[0] if licence else {}
    level = told.get("nlevel") or told.get("level") or ""
    taken = Counter(row.get("pool", "") for row in used)
    sizes = {row.get("name", ""): pool_size(row.get("ranges", "")) for row in pools}
    return {
        "licence": LICENCES.get(level),
        "pools": {
            name: [size, taken[name]] for name, size in sorted(sizes.items()) if name and size
        },
    }


def keep(router: int, capacity: Mapping[str, Any], now: datetime) -> None:
    """Keep what a router allows."""
    found = Router.objects.filter(pk=router).select_related("site").first()
    if found is None:
        return
    with transaction.atomic():
        own = series.of_router(found, now)
        own.capacity = dict(capacity)
        own.save(update_fields=["capacity"])


def look(router: Router, own: UsageSeries, ledger: Ledger, bill: Bill) -> None:
    """Judge a reading, in its transaction; tells on the feed what began and what is well again."""
    today = local_day(ledger.at)
    rows = {
        Alarm(Kind(row.kind), row.subject): row for row in UsageAlarm.objects.filter(series=own)
    }
    past = [
        alarm
        for alarm, row in rows.items()
        if alarm.kind is Kind.HIGH and local_day(row.since) != today
    ]
    known = rows.keys() - set(past)
    near = tuning.value("users_near_percent")
    found = turn(known, _gauges(router, own, ledger, bill), near_percent=near)
    gone = [rows[alarm].pk for alarm in (*past, *found.ended)]
    if gone:
        UsageAlarm.objects.filter(pk__in=gone).delete()
    UsageAlarm.objects.bulk_create(
        UsageAlarm(
            series=own,
            kind=gauge.alarm.kind,
            subject=gauge.alarm.subject,
            since=ledger.at,
            value=gauge.value,
            limit=gauge.limit,
        )
        for gauge in found.begun
    )
    feed.append_all(
        [
            *((LIMIT, _told(router, g.alarm, True, g.value, g.limit)) for g in found.begun),
            *(
                (LIMIT, _told(router, alarm, False, rows[alarm].value, rows[alarm].limit))
                for alarm in found.ended
            ),
        ],
        at=ledger.at,
    )


def forget_unused() -> int:
    """Forget the alarms of routers that were taken out of use; how many. They begin anew should it come back."""
    ours = UsageAlarm.objects.filter(series__router__isnull=False)
    return ours.exclude(series__router__in=Router.objects.in_use()).delete()[0]


def _told(router: Router, alarm: Alarm, on: bool, value: int, limit: int) -> dict[str, Any]:
    return {
        "router": router.pk,
        "name": router.name,
        "kind": alarm.kind.value,
        "subject": alarm.subject,
        "on": on,
        "value": value,
        "limit": limit,
    }


def _gauges(router: Router, own: UsageSeries, ledger: Ledger, bill: Bill) -> Iterator[Gauge]:
    capacity = own.capacity or {}
    if capacity.get("licence"):
        yield Gauge(Alarm(Kind.LICENCE, ""), len(ledger.open), capacity["licence"])
    for name, (size, used) in capacity.get("pools", {}).items():
        yield Gauge(Alarm(Kind.POOL, name[:120]), used, size)
    yield from _shared(router, ledger)
    yield from _high(own, ledger, {use.user for use in bill.uses if use.user})


def _shared(router: Router, ledger: Ledger) -> Iterator[Gauge]:
    """Users with several devices online, where their profile lets in more than a couple."""
    online = Counter((s.user, s.profile) for s in ledger.open.values() if s.user)
    several = {pair: count for pair, count in online.items() if count > 1}
    if not several:
        return
    profiles = HotspotProfile.objects.filter(router=router).values_list("name", "shared_users")
    allowed = {name: int(text) for name, text in profiles if text.isascii() and text.isdigit()}
    for (user, profile), count in several.items():
        limit = allowed.get(profile, 0)
        if limit >= FEWEST_SHARED:
            yield Gauge(Alarm(Kind.SHARED, user[:120]), count, limit)


def _high(own: UsageSeries, ledger: Ledger, users: Iterable[str]) -> Iterator[Gauge]:
    limit = round(tuning.value("high_use_gb") * GB)
    if not limit or not users:
        return
    rows = (
        UsageDay.objects.filter(series=own, day=local_day(ledger.at))
        .exclude(user="")
        .values("user")
        .annotate(used=Sum(F("bytes_in") + F("bytes_out")))
        .filter(used__gte=limit)
        .order_by("user")
        .values_list("user", "used")
    )
    for user, used in rows:
        yield Gauge(Alarm(Kind.HIGH, user), used, limit)


def alarms() -> list[UsageAlarm]:
    """Every limit that is near or passed now, longest first."""
    return list(UsageAlarm.objects.select_related("series").order_by("since", "pk"))
