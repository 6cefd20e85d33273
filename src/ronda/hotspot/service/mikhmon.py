"""Reading what Mikhmon keeps on a router, without changing anything there.

What is made of it is the shop's (`shop.service.moving`); the rules that read it are `rules.mikhmon`.
"""

from __future__ import annotations

from datetime import timedelta

from ronda.hotspot.rules.clock import read_clock
from ronda.hotspot.rules.mikhmon import QUICK_COMMENT, SALES_COMMENT, Held
from ronda.routeros.errors import RouterRefused
from ronda.routeros.port import Link, Query, Row
from ronda.routers.desk.port import Progress

LIST_S = 120.0
STEPS = 6

_PROFILE = (".id", "name", "on-login", "rate-limit", "shared-users")
_USER = (
    ".id",
    "name",
    "profile",
    "server",
    "comment",
    "limit-uptime",
    "limit-bytes-total",
    "limit-bytes-in",
    "limit-bytes-out",
    "uptime",
)
_SCHEDULER = (".id", "name", "comment", "on-event", "disabled")


async def read(link: Link, say: Progress, *, passwords: bool = False) -> Held:
    """The rows in which Mikhmon's things are; the passwords of users only where they are asked for.

    `say` is told of STEPS steps. A menu that the router does not show is taken as empty.

    Raises:
        RouterError: the profiles or users cannot be read.
    """
    profiles = await link.print("/ip/hotspot/user/profile", properties=_PROFILE, within=LIST_S)
    await say(1, STEPS)
    users = await (_with_passwords(link) if passwords else _users(link, _USER))
    await say(2, STEPS)
    sales = await _scripts(link, SALES_COMMENT, (".id", "name"))
    await say(3, STEPS)
    quick = await _scripts(link, QUICK_COMMENT, (".id", "name", "source"))
    await say(4, STEPS)
    schedulers = await _rows(link, "/system/scheduler", _SCHEDULER)
    await say(5, STEPS)
    clock = await _rows(link, "/system/clock", ("date", "time", "gmt-offset"))
    told = clock[0] if clock else {}
    now = read_clock(told.get("date", ""), told.get("time", ""), told.get("gmt-offset", ""))
    local = None if now is None else (now[0] + timedelta(minutes=now[1])).replace(tzinfo=None)
    await say(6, STEPS)
    return Held(
        [*profiles],
        [*users],
        [*sales],
        [*quick],
        [*schedulers],
        local,
        None if now is None else now[1],
    )


async def _users(link: Link, properties: tuple[str, ...]) -> list[Row]:
    return await link.print("/ip/hotspot/user", properties=properties, within=LIST_S)


async def _with_passwords(link: Link) -> list[Row]:
    """From 7.21 on they are told only to who asks for them, and whose group has the policy `sensitive`."""
    asked = (*_USER, "password")
    if not link.facts.capabilities.show_sensitive:
        return await _users(link, asked)
    values = {"show-sensitive": "", ".proplist": ",".join(asked)}
    try:
        return (await link.call("/ip/hotspot/user/print", values, within=LIST_S)).rows
    except RouterRefused:
        return await _users(link, asked)


async def _scripts(link: Link, comment: str, properties: tuple[str, ...]) -> list[Row]:
    return await _rows(link, "/system/script", properties, Query.equal(comment=comment))


async def _rows(
    link: Link, menu: str, properties: tuple[str, ...], query: Query | None = None
) -> list[Row]:
    try:
        return await link.print(menu, query=query, properties=properties, within=LIST_S)
    except RouterRefused:  # a right that is missing, or device-mode
        return []
