"""How old what we know of each router is, and how many are online by what is fresh."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from ronda.devices.service.scope import mine
from ronda.hotspot.models import ActiveUser, Condition, HotspotProfile, HotspotUser, Part, Reading
from ronda.hotspot.rules.standing import IDLE_AFTER_S, is_stale
from ronda.routers.models import Router

#: A page asks again at least this often while it is looked at; after this nobody is.
LOOKED_AT_FOR = timedelta(seconds=45)
#: The wish to look is written again when less than this is left of it.
RENEW_AT = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Age:
    """One router and how old a list of it is; a stale list is never counted as the present."""

    router: Router
    read_at: datetime | None
    stale: bool
    trouble: str
    rows: int


def ages(part: Part, routers: Iterable[Router] | None = None) -> list[Age]:
    """The age of a list at every router in use, by name."""
    chosen = list(mine(Router.objects.in_use()) if routers is None else routers)
    readings = {row.router_id: row for row in Reading.objects.filter(part=part, router__in=chosen)}
    now = timezone.now()
    found = []
    for router in chosen:
        row = readings.get(router.pk)
        found.append(
            Age(
                router,
                row.read_at if row else None,
                is_stale(row.read_at if row else None, now, router.poll_s),
                row.trouble if row else "",
                row.rows if row else 0,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Presences:
    """How many are where, by fresh readings only; `stale` routers are left out and named."""

    active: int
    idle: int
    users: int
    disabled: int
    stale: tuple[Age, ...]
    fresh: int


def presences(known: list[Age] | None = None) -> Presences:
    """Who is where now, over all routers whose reading is fresh."""
    told = ages(Part.ACTIVE) if known is None else known
    fresh = [age.router.pk for age in told if not age.stale]
    sessions = ActiveUser.objects.filter(router__in=fresh).aggregate(
        active=Count("id", filter=Q(idle_s__lt=IDLE_AFTER_S)),
        idle=Count("id", filter=Q(idle_s__gte=IDLE_AFTER_S)),
    )
    users = HotspotUser.objects.filter(router__in=fresh).aggregate(
        all=Count("id"), disabled=Count("id", filter=Q(disabled=True))
    )
    return Presences(
        sessions["active"],
        sessions["idle"],
        users["all"],
        users["disabled"],
        tuple(age for age in told if age.stale),
        len(fresh),
    )


def users_per_profile() -> list[dict[str, Any]]:
    """`{"profile", "users", "online"}` of every profile over all routers in use, most users first."""
    present = {"router__deleted_at": None, "router__active": True}
    users = dict(
        mine(HotspotUser.objects.filter(**present), "router__site")
        .values_list("profile")
        .annotate(count=Count("id"))
        .order_by()
    )
    profiles = mine(HotspotProfile.objects.filter(**present), "router__site")
    for name in profiles.values_list("name", flat=True):
        users.setdefault(name, 0)
    online: dict[str, int] = {}
    profile_of = _profiles_of_sessions()
    for name in profile_of:
        online[name] = online.get(name, 0) + 1
    return [
        {"profile": name, "users": count, "online": online.get(name, 0)}
        for name, count in sorted(users.items(), key=lambda item: (-item[1], item[0]))
    ]


def _profiles_of_sessions() -> list[str]:
    sessions = set(
        mine(
            ActiveUser.objects.filter(router__deleted_at=None, router__active=True), "router__site"
        ).values_list("router", "user")
    )
    names = {user for _router, user in sessions}
    found = HotspotUser.objects.filter(name__in=names) if len(names) < 500 else HotspotUser.objects
    return [
        profile
        for router, name, profile in found.values_list("router", "name", "profile")
        if (router, name) in sessions
    ]


def look_at(routers: Iterable[int]) -> None:
    """Ask for quick readings of these routers for a while; writes only when the last wish runs out."""
    now = timezone.now()
    wanted = set(routers)
    asked = Condition.objects.filter(router__in=wanted, looked_at_until__gt=now + RENEW_AT)
    until = now + LOOKED_AT_FOR
    due = wanted - set(asked.values_list("router", flat=True))
    Condition.objects.bulk_create(
        [Condition(router_id=pk, looked_at_until=until) for pk in sorted(due)],
        update_conflicts=True,
        unique_fields=["router"],
        update_fields=["looked_at_until"],
    )


def looked_at(router: int, now: datetime | None = None) -> bool:
    """Whether somebody looks at the live page of this router."""
    moment = now or timezone.now()
    return Condition.objects.filter(router=router, looked_at_until__gt=moment).exists()
