"""One poll of a router: its hotspot lists, read over a connection that somebody else owns.

Nothing here touches the database. Users are read before the active ones, so that somebody who logs
out in between is missing from both counts rather than counted twice.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.utils import timezone

from ronda.hotspot.models import Part
from ronda.hotspot.rules.clock import read_clock
from ronda.hotspot.rules.properties import PROFILE, USER
from ronda.hotspot.rules.values import Unreadable, read_duration
from ronda.routeros.errors import RouterError, RouterRefused
from ronda.routeros.port import Link, Row

_TRAFFIC = ("uptime", "bytes-in", "bytes-out")


@dataclass(frozen=True, slots=True)
class List:
    """Where a list lies on the router, and the properties we read of it."""

    menu: str
    properties: tuple[str, ...]


#: Passwords are never among them: routers may hide them, and nothing here needs them.
LISTS: Mapping[Part, List] = {
    Part.PROFILES: List("/ip/hotspot/user/profile", (".id", "name", "default", *PROFILE)),
    Part.SERVERS: List(
        "/ip/hotspot",
        (".id", "name", "interface", "profile", "address-pool", "disabled", "invalid"),
    ),
    Part.USERS: List(
        "/ip/hotspot/user", (".id", "name", "server", *USER, *_TRAFFIC, "dynamic", "default")
    ),
    Part.ACTIVE: List(
        "/ip/hotspot/active",
        (
            *(".id", "user", "server", "address", "mac-address", "login-by", *_TRAFFIC),
            *("session-time-left", "idle-time", "radius"),
            *("limit-bytes-in", "limit-bytes-out", "limit-bytes-total"),
        ),
    ),
    Part.HOSTS: List(
        "/ip/hotspot/host",
        (
            *(".id", "mac-address", "address", "to-address", "server", *_TRAFFIC, "idle-time"),
            *("authorized", "bypassed"),
        ),
    ),
    Part.COOKIES: List(
        "/ip/hotspot/cookie", (".id", "user", "mac-address", "expires-in", "mac-cookie")
    ),
    Part.BINDINGS: List(
        "/ip/hotspot/ip-binding",
        (".id", "mac-address", "address", "to-address", "server", "type", "comment", "disabled"),
    ),
    Part.LEASES: List(
        "/ip/dhcp-server/lease",
        (
            *(".id", "mac-address", "address", "server", "host-name", "status", "expires-after"),
            *("dynamic", "disabled", "comment"),
        ),
    ),
}
#: What a reading asks for while somebody looks at the live page.
QUICK = (Part.ACTIVE,)
#: A list of 10,000 users may take a small router this long.
LIST_S = 60.0


@dataclass(frozen=True, slots=True)
class Clock:
    """The router's clock: how far it is from ours, and its zone in minutes ahead of UTC."""

    off: timedelta
    minutes_ahead: int


@dataclass(slots=True)
class Snapshot:
    """What one poll found; a part that could not be read is in `troubles` instead.

    `at` is when the active users were read; `uptime_s` is the router's, None where it was not read.
    """

    at: datetime
    parts: dict[Part, list[Row]] = field(default_factory=dict)
    took_ms: dict[Part, int] = field(default_factory=dict)
    troubles: dict[Part, str] = field(default_factory=dict)
    uptime_s: int | None = None
    clock: Clock | None = None


async def read(
    link: Link,
    parts: Collection[Part] = tuple(LISTS),
    *,
    now: Callable[[], datetime] = timezone.now,
) -> Snapshot:
    """Read these lists, one after the other; the router's uptime too, and its clock with the users.

    A list that the router refuses (no DHCP server, a missing right) does not keep the others from
    being read.

    Raises:
        RouterError: the connection failed; what was read until then is dropped.
    """
    found = Snapshot(now())
    if Part.USERS in parts:
        found.clock = await read_clock_of(link, now)
    for part, wanted in LISTS.items():
        if part not in parts:
            continue
        if part is Part.ACTIVE:
            found.uptime_s = await _uptime(link)
            found.at = now()
        began = monotonic()
        try:
            found.parts[part] = await link.print(
                wanted.menu, properties=wanted.properties, within=LIST_S
            )
        except RouterRefused as refusal:
            found.troubles[part] = refusal.text
        found.took_ms[part] = round((monotonic() - began) * 1000)
    return found


async def _uptime(link: Link) -> int | None:
    try:
        rows = await link.print("/system/resource", properties=("uptime",))
        return read_duration(rows[0].get("uptime", "")) if rows else None
    except (RouterRefused, Unreadable):
        return None


async def read_clock_of(link: Link, now: Callable[[], datetime] = timezone.now) -> Clock | None:
    """The router's clock; None where it cannot be read."""
    try:
        rows = await link.print("/system/clock", properties=("date", "time", "gmt-offset"))
    except RouterRefused:
        return None
    told = rows[0] if rows else {}
    read_ = read_clock(told.get("date", ""), told.get("time", ""), told.get("gmt-offset", ""))
    return None if read_ is None else Clock(read_[0] - now(), read_[1])


async def log_lines(link: Link) -> list[Row]:
    """The router's log as it is now (`time`, `message`); empty where it may not be read."""
    try:
        return await link.print("/log", properties=("time", "topics", "message"))
    except RouterError:
        return []
