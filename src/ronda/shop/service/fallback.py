"""Keeping on a router what ends vouchers while Ronda is away, where an administrator allowed it.

The entries (`rules.fallback`) are compared with what the router holds, changed where they differ, and read again.
A router whose clock is wrong gets none: they would end vouchers at the wrong time. What an entry ended although its
voucher lives, because somebody extended it meanwhile or the clock jumped, is let in again by the same job.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.rules.values import is_true
from ronda.hotspot.rules.windows import clock_is_right
from ronda.hotspot.service.performing import USER
from ronda.hotspot.service.reading import read_clock_of
from ronda.routeros.errors import RouterRefused
from ronda.routeros.port import Link, Query, Row
from ronda.routers.desk.port import Progress
from ronda.routers.models import Router
from ronda.shop.models import Fallback, Voucher, VoucherEvent
from ronda.shop.rules import fallback as rules
from ronda.shop.rules.fallback import Living, Plan
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import AtEnd, Terms
from ronda.shop.service import asking, life
from ronda.work.loops import in_thread

SCHEDULER = "/system/scheduler"
_PROPERTIES = (
    ".id",
    "name",
    "start-date",
    "start-time",
    "interval",
    "on-event",
    "disabled",
    "run-count",
)
#: What was not looked at for so long is compared again, also where nothing changed here.
LOOK_AGAIN = timedelta(hours=6)
TRY_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a router holds after a look; `freed` were let in again."""

    digest: str
    entries: int = 0
    users: int = 0
    left_out: int = 0
    why: str = ""
    trouble: str = ""
    freed: tuple[str, ...] = ()


def set_wanted(router: Router, person: Person, *, on: bool, source: str = "") -> None:
    """Allow entries on a router, or have them taken away; a job does it when the router is there."""
    with transaction.atomic():
        row, _made = Fallback.objects.get_or_create(router=router)
        if row.wanted is on:
            return
        row.wanted, row.checked_at = on, None
        row.save(update_fields=["wanted", "checked_at"])
        audit.record(person, "voucher.fallback", router.name, {"on": not on}, {"on": on}, source)
        asking.fallback(router.pk)


def look_after(now: datetime | None = None) -> int:
    """Ask for a look where something else should be on a router than was written, or long nobody looked."""
    moment = now or timezone.now()
    rows = Fallback.objects.filter(Q(wanted=True) | Q(entries__gt=0), router__in=in_use())
    return sum(_look_at(row, moment) for row in rows.select_related("router"))


def in_use() -> Any:
    """The routers that may have entries."""
    return Router.objects.in_use()


def _look_at(row: Fallback, now: datetime) -> int:
    since = now - row.checked_at if row.checked_at else None
    again = TRY_AGAIN if row.why else LOOK_AGAIN
    same = row.digest == digest_of(plan_of(row, now))
    if since is not None and since < again and (same or row.why):
        return 0
    asking.fallback(row.router_id)
    return 1


def plan_of(row: Fallback, now: datetime) -> Plan:
    """What should be on the router: nothing where nobody allowed it."""
    return rules.plan(living(row.router_id) if row.wanted else (), now)


def living(router: int) -> list[Living]:
    """The vouchers in use that end by the calendar, and let nobody in afterwards."""
    rows = Voucher.objects.filter(
        router=router, state=Voucher.State.ACTIVE, expires_at__isnull=False
    )
    return [
        Living(row.code, row.server, row.expires_at)
        for row in rows.order_by("pk")
        if row.expires_at is not None
        and Terms.from_json(row.terms).at_end in (AtEnd.REMOVE, AtEnd.BLOCK)
    ]


def digest_of(plan: Plan) -> str:
    """What tells one plan from another."""
    return hashlib.sha256(repr(plan.groups).encode()).hexdigest()


async def run(
    link: Link,
    payload: Mapping[str, Any],
    progress: Progress,
    *,
    clock: Callable[[], datetime] = timezone.now,
) -> Mapping[str, Any]:
    """Make a router hold the entries it should; harmless to repeat.

    Raises:
        RouterError: the line was cut; the next look goes on.
    """
    router: int = payload["router"]
    now = clock()
    plan, alive = await in_thread(_wanted, router, now)
    try:
        kept = await _keep(link, plan, alive, clock)
    except RouterRefused as refusal:
        kept = Kept(digest_of(plan), left_out=plan.users, why="refused", trouble=refusal.text)
    await in_thread(settle, router, kept, now)
    await progress(kept.entries, kept.entries)
    return {"entries": kept.entries, "users": kept.users}


def _wanted(router: int, now: datetime) -> tuple[Plan, frozenset[str]]:
    row = Fallback.objects.get(router=router)
    return plan_of(row, now), frozenset(
        one.name for one in living(router) if row.wanted and one.ends > now
    )


async def _keep(
    link: Link, plan: Plan, alive: frozenset[str], clock: Callable[[], datetime]
) -> Kept:
    told = await read_clock_of(link, clock)
    right = told is not None and clock_is_right(told.off)
    ahead = told.minutes_ahead if told is not None else 0
    given = plan if right else Plan((), plan.users + plan.left_out)
    wanted = rules.entries(given, ahead, iso=link.facts.capabilities.iso_dates)
    held = await _held(link)
    freed = await _let_in(link, sorted(rules.fired(held) & alive))
    await _repair(link, wanted, held)
    if rules.repair(wanted, await _held(link)):
        raise RouterRefused(f"{SCHEDULER}: the entries are not as they were written")
    return Kept(
        digest_of(plan),
        len(wanted),
        given.users,
        given.left_out,
        "" if right or not plan.users else "clock",
        freed=tuple(freed),
    )


async def _held(link: Link) -> list[Row]:
    return await link.print(SCHEDULER, properties=_PROPERTIES, within=60.0)


async def _repair(link: Link, wanted: Mapping[str, Mapping[str, str]], held: Sequence[Row]) -> None:
    todo = rules.repair(wanted, held)
    # First what is not wanted any more, so that no more are there than are meant to be.
    for ros_id in todo.remove:
        await link.remove(SCHEDULER, [ros_id])
    for ros_id, texts in todo.change:
        await link.set(SCHEDULER, texts, id=ros_id)
    for texts in todo.add:
        await link.add(SCHEDULER, texts)


async def _let_in(link: Link, names: Sequence[str]) -> list[str]:
    freed = []
    for name in names:
        rows = await link.print(
            USER, query=Query((f"name={name}",)), properties=(".id", "name", "server", "disabled")
        )
        for row in rows:
            if is_true(row.get("disabled")) and (row.get("server") or "all") == "all":
                await link.set(USER, {"disabled": "no"}, id=row[".id"])
                freed.append(name)
    return freed


def settle(router: int, kept: Kept, now: datetime) -> None:
    """Note what a router holds."""
    with transaction.atomic():
        Fallback.objects.filter(router=router).update(
            digest=kept.digest,
            entries=kept.entries,
            users=kept.users,
            left_out=kept.left_out,
            why=kept.why,
            trouble=kept.trouble[:300],
            checked_at=now,
        )
        found = Voucher.objects.filter(router=router, code__in=kept.freed)
        VoucherEvent.objects.bulk_create(
            VoucherEvent(
                voucher=one, at=now, what=What.REPAIRED, actor=life.actor_of(None), detail={}
            )
            for one in found
        )
