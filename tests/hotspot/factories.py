"""Routers that were read, in as few words as possible."""

import asyncio
from datetime import datetime
from typing import Any

from django.utils import timezone

from ronda.hotspot.service import reading, storing
from ronda.routers.models import Router
from tests.hotspot.scripted import ACTIVE, PROFILE, USER, ScriptedLink
from tests.routers.factories import make_router

__all__ = ["furnish", "make_router", "read"]


def furnish(link: ScriptedLink | None = None) -> ScriptedLink:
    """A router with three profiles, four users and two sessions."""
    link = link or ScriptedLink()
    for name, rate in (("1jam", "1M/2M"), ("1hari", "2M/4M 4M/8M 1M/2M 16/16")):
        link.put(PROFILE, name=name, rate_limit=rate, shared_users="1")
    link.put(USER, name="budi", profile="1jam", limit_uptime="1h", uptime="20m", bytes_in="5000")
    link.put(USER, name="sari", profile="1hari", disabled="true", comment="vc-123-11.21.26-kios")
    link.put(USER, name="007", profile="1jam")
    link.put(USER, name="true", server="hs2", profile="1hari", limit_bytes_total="1073741824")
    _session(link, "budi", "10.5.0.2", "AA:BB:CC:00:00:02", left="40m", idle="3s")
    _session(link, "007", "10.5.0.3", "AA:BB:CC:00:00:03", left="", idle="10m")
    link.put("/ip/hotspot/cookie", user="budi", mac_address="AA:BB:CC:00:00:02", expires_in="2d")
    link.put("/ip/hotspot", name="hs1", interface="bridge", profile="hsprof1")
    link.put("/ip/hotspot/host", mac_address="AA:BB:CC:00:00:09", address="10.5.0.9", server="hs1")
    link.put("/ip/hotspot/ip-binding", mac_address="AA:BB:CC:00:00:08", type="bypassed")
    link.put(
        "/ip/dhcp-server/lease",
        mac_address="AA:BB:CC:00:00:02",
        address="10.5.0.2",
        host_name="Redmi",
        status="bound",
    )
    return link


def _session(
    link: ScriptedLink, user: str, address: str, mac: str, *, left: str, idle: str
) -> None:
    row = link.put(
        ACTIVE,
        user=user,
        address=address,
        mac_address=mac,
        server="hs1",
        uptime="20m",
        bytes_in="1000",
        bytes_out="9000",
        idle_time=idle,
        login_by="http-chap",
    )
    if left:
        row["session-time-left"] = left


def read(
    link: Any, router: Router | None = None, at: datetime | None = None, **options: Any
) -> Router:
    """Read the router now (or at a time) and keep what it holds; the router."""
    router = router or make_router()
    moment = at or timezone.now()
    snapshot = asyncio.run(reading.read(link, now=lambda: moment, **options))
    storing.store(router, snapshot)
    return router
