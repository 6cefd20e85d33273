"""Looking at what Mikhmon keeps on a router, without changing anything there.

The desk reads it as a durable job; its result is the preview. Taking over comes with the sales.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ronda.hotspot.rules.clock import read_clock
from ronda.hotspot.rules.mikhmon import QUICK_COMMENT, SALES_COMMENT, Held, preview
from ronda.routeros.detect import Found, find
from ronda.routeros.errors import RouterError, RouterRefused
from ronda.routeros.port import Link, Query, Row
from ronda.routers.desk.port import Progress, lock_of
from ronda.routers.models import Router
from ronda.routers.service.credentials import target_of
from ronda.work import jobs
from ronda.work.loops import in_thread

KIND = "hotspot.mikhmon"
LIST_S = 120.0
STEPS = 6

_PROFILE = (".id", "name", "on-login")
# Never the password: the preview has no use for it.
_USER = (".id", "name", "profile", "comment", "limit-uptime", "uptime")


def ask(router: int) -> int:
    """Ask the desk to look at a router; the job, also when one is under way."""
    return jobs.enqueue(
        KIND,
        {"router": router},
        lock=lock_of(router),
        unique=f"{KIND}:{router}",
        start_by=timezone.now() + timedelta(minutes=2),
    )


async def read(link: Link, _payload: Mapping[str, Any], say: Progress) -> dict[str, Any]:
    """The desk's part: read Mikhmon's places, and what they come to."""
    profiles = await link.print("/ip/hotspot/user/profile", properties=_PROFILE, within=LIST_S)
    await say(1, STEPS)
    users = await link.print("/ip/hotspot/user", properties=_USER, within=LIST_S)
    await say(2, STEPS)
    sales = await _scripts(link, SALES_COMMENT, (".id", "name"))
    await say(3, STEPS)
    quick = await _scripts(link, QUICK_COMMENT, (".id", "name", "source"))
    await say(4, STEPS)
    schedulers = await _rows(link, "/system/scheduler", (".id", "name", "comment"))
    await say(5, STEPS)
    clock = await _rows(link, "/system/clock", ("date", "time", "gmt-offset"))
    told = clock[0] if clock else {}
    now = read_clock(told.get("date", ""), told.get("time", ""), told.get("gmt-offset", ""))
    local = None if now is None else (now[0] + timedelta(minutes=now[1])).replace(tzinfo=None)
    held = Held([*profiles], [*users], [*sales], [*quick], [*schedulers], local)
    return {"read_at": timezone.now().isoformat(), **preview(held)}


async def run(payload: Mapping[str, Any], say: Progress) -> dict[str, Any]:
    """The same over a connection of one's own, for a terminal where no desk runs."""
    router = await in_thread(_router, int(payload["router"]))
    target = await in_thread(target_of, router)
    found = Found()
    await find(target, found=found)
    if found.link is None:
        raise RouterError("the router cannot be reached; `ronda routers test` says why")
    try:
        return await read(found.link, payload, say)
    finally:
        await found.link.close()


def _router(router: int) -> Router:
    return Router.objects.get(pk=router)


def newest(router: int) -> jobs.JobState | None:
    """How the newest look at this router stands or ended; None when there is none any more."""
    return jobs.newest(KIND, lock_of(router))


async def _scripts(link: Link, comment: str, properties: tuple[str, ...]) -> list[Row]:
    return await _rows(link, "/system/script", properties, Query.equal(comment=comment))


async def _rows(
    link: Link, menu: str, properties: tuple[str, ...], query: Query | None = None
) -> list[Row]:
    try:
        return await link.print(menu, query=query, properties=properties, within=LIST_S)
    except RouterRefused:  # a right that is missing, or device-mode
        return []
