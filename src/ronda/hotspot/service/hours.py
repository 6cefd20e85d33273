"""Hours of access, really kept: by the router's own scheduler where its clock is right, and by Ronda always.

The scheduler entries keep the hours while Ronda is away. Ronda compares the users with the hours at
every edge and at every poll, and puts right what the router missed: a power cut, a clock that was
wrong, a board whose device-mode forbids schedulers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.models import AccessHours, Condition, HotspotUser, Kind
from ronda.hotspot.rules import hours_entries
from ronda.hotspot.rules.hours_entries import MOST_EXCEPTIONS, Whom
from ronda.hotspot.rules.values import is_true
from ronda.hotspot.rules.windows import (
    Window,
    Zone,
    clock_is_right,
    edges,
    is_open,
    next_change,
    shifted,
    tells_of_staff,
)
from ronda.hotspot.service import storing
from ronda.hotspot.service.performing import USER, end_sessions
from ronda.hotspot.service.reading import read_clock_of
from ronda.routeros.errors import RouterRefused
from ronda.routeros.port import Link, Query, Row
from ronda.routers.models import Router
from ronda.work import jobs

JOB = "hotspot.hours"
SCHEDULER = "/system/scheduler"
_PROPERTIES = (".id", "name", "start-date", "start-time", "interval", "on-event", "disabled")
#: Longest time between two looks, in seconds; and how long after an edge Ronda looks.
LOOK_S = 300.0
AFTER_EDGE_S = 3.0


@dataclass(frozen=True, slots=True)
class Hours:
    """One row, for code that does not touch the database."""

    id: int
    whom: Whom
    server: str
    zone: Zone
    windows: tuple[Window, ...]
    was_open: bool | None
    checked_at: datetime | None
    over: frozenset[str] = frozenset()
    """Users of `whom.kept_off` whose time is over: no opening lets them in, and staff did not disable them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How one row was kept: by whom, why not by the router, whether it is open, who is disabled by staff.

    `at` is when the look began; `switched` is how many users were enabled or disabled just now.
    """

    id: int
    at: datetime
    keeper: str
    why: str
    open: bool
    kept_off: tuple[str, ...]
    trouble: str = ""
    switched: int = 0


def windows_of(row: AccessHours) -> tuple[Window, ...]:
    """The windows of a row."""
    return tuple(Window(frozenset(days), start, end) for days, start, end in row.windows)


#: The names of a router's users whose time is over.
Over = Callable[[int], set[str]]
_over: dict[str, Over] = {}


def leave_out(name: str, over: Over) -> None:
    """Register who knows of users whose time is over; hours that open leave them alone."""
    _over[name] = over


def hours_at(router: int) -> list[Hours]:
    """The hours to keep at a router; those without windows are to be taken away.

    A user's own hours win over those of the profile. Users come first, so that whom their own hours
    leave free again is as the profile's hours say after the same look.
    """
    rows = list(AccessHours.objects.filter(router=router).order_by("-kind", "pk"))
    own = tuple(sorted({row.name for row in rows if row.kind == Kind.USER and row.windows}))
    over = set[str]().union(*(told(router) for told in _over.values())) if rows else set[str]()
    ended = {row.pk: _theirs(row, over) for row in rows}
    return [
        Hours(
            row.pk,
            Whom(
                row.kind,
                row.name,
                tuple(sorted(ended[row.pk].union(row.held_off))),
                own if row.kind == Kind.PROFILE else (),
            ),
            row.server,
            Zone(row.zone),
            windows_of(row),
            row.is_open,
            row.checked_at,
            ended[row.pk],
        )
        for row in rows
    ]


def _theirs(row: AccessHours, over: set[str]) -> frozenset[str]:
    """Those of `over` whose hours these are."""
    if row.kind == Kind.USER or not over:
        return frozenset(over & {row.name})
    users = HotspotUser.objects.filter(router=row.router_id, profile=row.name)
    return frozenset(over.intersection(users.values_list("name", flat=True)))


async def keep(
    link: Link,
    found: Sequence[Hours],
    now: datetime,
    *,
    clock: Callable[[], datetime] = timezone.now,
) -> list[Kept]:
    """Make the router keep these hours, and its users as they should be at this moment.

    Raises:
        RouterError: the connection failed; the next look goes on.
    """
    told = await read_clock_of(link, clock)
    right = told is not None and clock_is_right(told.off)
    why = "" if right else "clock"
    if any(len(one.whom.kept_off) + len(one.whom.apart) > MOST_EXCEPTIONS for one in found):
        right, why = False, "many"
    ahead = told.minutes_ahead if told else 0
    wanted: dict[str, Mapping[str, str]] = {}
    for one in found if right else ():
        at = shifted(edges(one.windows), one.zone, ahead)
        wanted |= hours_entries.entries(
            one.id, one.whom, at, now, ahead, iso=link.facts.capabilities.iso_dates
        )
    trouble = ""
    try:
        await _repair_entries(link, wanted)
    except RouterRefused as refusal:
        right, why, trouble = False, "refused", refusal.text
    return [
        await _keep_users(link, one, now, "router" if right else "ronda", why, trouble)
        for one in found
    ]


async def _repair_entries(link: Link, wanted: Mapping[str, Mapping[str, str]]) -> None:
    rows = await link.print(SCHEDULER, properties=_PROPERTIES)
    plan = hours_entries.repair(wanted, rows)
    for ros_id, texts in plan.change:
        await link.set(SCHEDULER, texts, id=ros_id)
    for texts in plan.add:
        await link.add(SCHEDULER, texts)
    for ros_id in plan.remove:
        await link.remove(SCHEDULER, [ros_id])


async def _keep_users(
    link: Link, one: Hours, now: datetime, keeper: str, why: str, trouble: str
) -> Kept:
    users = await _users(link, one)
    disabled = {row["name"] for row in users if is_true(row.get("disabled"))}
    open_now = is_open(one.windows, one.zone, now)
    kept_off = set(one.whom.kept_off)
    if tells_of_staff(one.windows, one.zone, one.was_open, one.checked_at, now):
        kept_off = disabled
    switched_ = 0
    for row in users:
        off = row["name"] in disabled
        if off is not open_now or (off and row["name"] in kept_off):
            continue
        switched_ += 1
        if open_now:
            await link.set(USER, {"disabled": "no"}, id=row[".id"])
        else:
            await link.set(USER, {"disabled": "yes"}, id=row[".id"])
            await end_sessions(link, row["name"], row.get("server") or "all")
    return Kept(
        one.id, now, keeper, why, open_now, tuple(sorted(kept_off - one.over)), trouble, switched_
    )


async def _users(link: Link, one: Hours) -> list[Row]:
    what = "profile" if one.whom.kind == Kind.PROFILE else "name"
    rows = await link.print(
        USER,
        query=Query((f"{what}={one.whom.name}",)),
        properties=(".id", "name", "server", "disabled"),
        within=60.0,
    )
    if one.whom.kind == Kind.USER:
        return [row for row in rows if (row.get("server") or "all") == one.server]
    return [row for row in rows if row["name"] not in one.whom.apart]


def note(router_id: int, found: Sequence[Kept]) -> None:
    """Keep how the hours were kept; a row without windows, whose users are free again, goes away."""
    with transaction.atomic():
        for one in found:
            row = AccessHours.objects.filter(pk=one.id).first()
            if row is None:
                continue
            if not row.windows:
                row.delete()
                continue
            row.keeper, row.why, row.is_open = one.keeper, one.why, one.open
            row.held_off, row.trouble, row.checked_at = (
                list(one.kept_off),
                one.trouble[:300],
                one.at,
            )
            row.save()
        storing.tell(Router.objects.get(pk=router_id))


def next_look_s(router: int, now: datetime) -> float:
    """In how many seconds the hours of a router have to be looked at again."""
    moments = [
        next_change(windows_of(row), Zone(row.zone), now)
        for row in AccessHours.objects.filter(router=router)
    ]
    ahead = [(moment - now).total_seconds() + AFTER_EDGE_S for moment in moments if moment]
    return max(1.0, min([LOOK_S, *ahead]))


def switched(router: int, name: str, profile: str, *, off: bool) -> None:
    """Somebody disabled or enabled a user by hand: the hours respect it when they open."""
    for row in AccessHours.objects.filter(router=router):
        if (row.kind, row.name) not in {(Kind.PROFILE, profile), (Kind.USER, name)}:
            continue
        names = set(row.held_off) | {name} if off else set(row.held_off) - {name}
        if names != set(row.held_off):
            row.held_off = sorted(names)
            row.save(update_fields=["held_off"])


def set_hours(
    router: Router,
    kind: str,
    name: str,
    server: str,
    zone: Zone,
    windows: Sequence[Window],
    person: Person | None,
    source: str = "",
) -> int:
    """State the hours of a profile's users or one user (none: always open) and have them kept; the job."""
    texts: list[Any] = [[sorted(one.days), one.start, one.end] for one in windows]
    with transaction.atomic():
        old = AccessHours.objects.filter(router=router, kind=kind, name=name, server=server).first()
        before = {"zone": old.zone, "windows": old.windows} if old else None
        if old is None and texts:
            closed = _closed_profile(router, name) if kind == Kind.USER else None
            AccessHours.objects.create(
                router=router,
                kind=kind,
                name=name,
                server=server,
                zone=zone,
                windows=texts,
                since=timezone.now(),
                actor=person.username if person else audit.SYSTEM,
                # Whom the profile's hours closed, staff did not disable.
                is_open=False if closed else None,
                held_off=[one for one in closed.held_off if one == name]
                if closed
                else _disabled(router, kind, name),
            )
        elif old is not None:
            # The next look cannot tell whom the former hours disabled: it adopts nobody.
            old.zone, old.windows, old.checked_at = zone, texts, None
            old.save()
        audit.record(
            person,
            "hotspot-hours.edit",
            f"{name} @ {router.name}",
            before,
            {"zone": zone, "windows": texts},
            source,
        )
        return jobs.enqueue(
            JOB,
            {"router": router.pk},
            lock=f"router:{router.pk}",
            start_by=timezone.now() + timedelta(days=1),
            max_attempts=5,
        )


def _closed_profile(router: Router, name: str) -> AccessHours | None:
    profiles = HotspotUser.objects.filter(router=router, name=name).values("profile")
    rows = AccessHours.objects.filter(router=router, kind=Kind.PROFILE, is_open=False)
    return rows.filter(name__in=profiles).first()


def _disabled(router: Router, kind: str, name: str) -> list[str]:
    found = HotspotUser.objects.filter(router=router, disabled=True)
    found = found.filter(profile=name) if kind == Kind.PROFILE else found.filter(name=name)
    return sorted(found.values_list("name", flat=True))


def clock_of(router: int) -> Condition | None:
    """What is known of a router's clock."""
    return Condition.objects.filter(router=router).first()
