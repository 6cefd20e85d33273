"""Everything that other programs may watch, as metrics: no person's name, address or MAC among them.

What is not known is left out, so that a graph shows a gap and no zero. The number of series is
bounded: routers, their profiles and servers (the largest, the rest as `other`), kinds and states.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from ronda.hotspot.models import (
    ActiveUser,
    Host,
    HotspotUser,
    Part,
    SeriesKind,
    UsageSample,
    UsageSeries,
)
from ronda.hotspot.rules.limits import Kind
from ronda.hotspot.service import ages
from ronda.hotspot.service.usage import counts, limits
from ronda.overview.exposition import Metric, first
from ronda.overview.service import summary
from ronda.routers.models import Router
from ronda.upkeep.service import fleet

MOST_PARTS = 30


def metrics(now: datetime | None = None) -> list[Metric]:
    """All metrics at this moment; a fixed number of queries."""
    at = now or timezone.now()
    return [*_onts(), *_routers(at), *_hotspot(at), *_lists(), _alarms()]


def _onts() -> list[Metric]:
    onts = Metric("ronda_onts", "gauge", "ONTs by their state.", ("state",))
    for state, count in summary.counts().items():
        if state != "total":
            onts.add(count, state)
    return [onts]


def _routers(at: datetime) -> list[Metric]:
    label = ("router",)
    up = Metric("ronda_router_up", "gauge", "1 while the router is connected.", label)
    cpu = Metric("ronda_router_cpu_percent", "gauge", "Load of the processor.", label)
    memory = Metric("ronda_router_memory_used_percent", "gauge", "Memory in use.", label)
    disk = Metric("ronda_router_disk_used_percent", "gauge", "Storage in use.", label)
    heat = Metric("ronda_router_temperature_celsius", "gauge", "Temperature.", label)
    uptime = Metric("ronda_router_uptime_seconds", "gauge", "Time since its start.", label)
    fast = Metric(
        "ronda_router_call_seconds",
        "gauge",
        "How long the router took to answer since the reading before: half and 95 of 100 calls.",
        ("router", "quantile"),
    )
    failed = Metric(
        "ronda_router_failed_attempts", "gauge", "Failed attempts to connect in a day.", label
    )
    for standing in fleet.standings(at):
        name = standing.router.name
        if standing.state != "off":
            up.add(int(standing.connected), name)
            failed.add(standing.failed_attempts, name)
        reading = standing.reading
        if reading is None or standing.old:
            continue
        cpu.add(reading.cpu, name)
        memory.add(standing.memory, name)
        disk.add(standing.disk, name)
        heat.add(reading.temperature, name)
        uptime.add(reading.uptime_s, name)
        for quantile, value in (("0.5", reading.p50_ms), ("0.95", reading.p95_ms)):
            fast.add(None if value is None else value / 1000, name, quantile)
    return [up, cpu, memory, disk, heat, uptime, fast, failed]


def _hotspot(at: datetime) -> list[Metric]:
    users = Metric("ronda_hotspot_users", "gauge", "Hotspot users online.", ("router",))
    age = Metric(
        "ronda_hotspot_reading_age_seconds", "gauge", "Age of the newest reading.", ("router",)
    )
    by_profile = Metric(
        "ronda_hotspot_profile_users",
        "gauge",
        "Hotspot users online by profile.",
        ("router", "profile"),
    )
    traffic = Metric(
        "ronda_hotspot_bytes_total",
        "counter",
        "Bytes that hotspot users used; up is what came from them.",
        ("router", "direction"),
    )
    online = counts.now(at)
    fresh = Q(pk=None)
    for router in online.routers:
        age.add(None if router.at is None else (at - router.at).total_seconds(), router.name)
        if not router.stale:
            users.add(router.users, router.name)
            fresh |= Q(series__router=router.router, at=router.at)
    names = {router.router: router.name for router in online.routers}
    for pk, profiles in UsageSample.objects.filter(fresh).values_list("series__router", "profiles"):
        for profile, count in first(profiles, MOST_PARTS).items():
            by_profile.add(count, names[pk], profile)
    rows = UsageSeries.objects.filter(kind=SeriesKind.ROUTER, router__in=names)
    for pk, upload, download in rows.values_list("router", "bytes_in", "bytes_out"):
        traffic.add(upload, names[pk], "up")
        traffic.add(download, names[pk], "down")
    return [users, age, by_profile, traffic]


def _lists() -> list[Metric]:
    """What the routers' lists hold, by readings that are not old."""
    routers = list(Router.objects.in_use())

    def fresh(part: Part) -> list[int]:
        return [age.router.pk for age in ages.ages(part, routers) if not age.stale]

    by_server = Metric(
        "ronda_hotspot_server_users",
        "gauge",
        "Hotspot users online by server.",
        ("router", "server"),
    )
    hosts = Metric(
        "ronda_hotspot_hosts", "gauge", "Devices seen, signed in or not.", ("router", "authorized")
    )
    accounts = Metric(
        "ronda_hotspot_accounts", "gauge", "Users that the router holds.", ("router", "disabled")
    )
    servers: dict[str, Counter[str]] = {}
    rows = ActiveUser.objects.filter(router__in=fresh(Part.ACTIVE)).order_by()
    for router, server, count in rows.values_list("router__name", "server").annotate(n=Count("pk")):
        servers.setdefault(router, Counter())[server] += count
    for router, parts in sorted(servers.items()):
        for server, count in first(parts, MOST_PARTS).items():
            by_server.add(count, router, server)
    for metric, model, part, flag in (
        (hosts, Host, Part.HOSTS, "authorized"),
        (accounts, HotspotUser, Part.USERS, "disabled"),
    ):
        present = model._default_manager.filter(router__in=fresh(part))  # noqa: SLF001 -- Django's public name
        found = present.order_by("router__name", flag).values_list("router__name", flag)
        for router, on, count in found.annotate(n=Count("pk")):
            metric.add(count, router, "yes" if on else "no")
    return [by_server, hosts, accounts]


def _alarms() -> Metric:
    near = Metric(
        "ronda_hotspot_limits_near", "gauge", "Limits that are near or passed.", ("kind",)
    )
    known = Counter(alarm.kind for alarm in limits.alarms())
    for kind in Kind:
        near.add(known[kind.value], kind.value)
    return near
