"""Questions about what routers were last seen to hold: narrowed, sorted and cut by the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from ronda.devices.service.scope import Sites, here, mine, within
from ronda.hotspot.models import (
    ActiveUser,
    Binding,
    Cookie,
    Host,
    HotspotProfile,
    HotspotUser,
    Lease,
    Part,
)
from ronda.hotspot.rules.standing import IDLE_AFTER_S, Presence

#: At most so many words of a search are looked at.
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list should show; empty fields do not narrow it."""

    text: str = ""
    router: int | None = None
    site: int | None = None
    server: str = ""
    profile: str = ""
    status: str = ""
    standing: str = ""
    sort: str = ""
    sites: Sites = field(default_factory=here)


@dataclass(frozen=True, slots=True)
class Listing:
    """How one list is searched and sorted; `sorts` maps a word to columns that make a total order."""

    model: Any
    searched: tuple[str, ...]
    sorts: Mapping[str, tuple[str, ...]]
    default: str
    has_server: bool = True


LISTINGS: Mapping[Part, Listing] = {
    Part.ACTIVE: Listing(
        ActiveUser,
        ("user", "address", "mac"),
        {
            "user": ("user", "id"),
            "router": ("router__name", "user", "id"),
            "address": ("address", "id"),
            "uptime": ("uptime_s", "id"),
            "left": ("left_s", "id"),
            "bytes": ("used", "id"),
            "speed": ("moving", "id"),
            "idle": ("idle_s", "id"),
        },
        "user",
    ),
    Part.USERS: Listing(
        HotspotUser,
        ("name", "comment", "mac"),
        {
            "name": ("name", "id"),
            "router": ("router__name", "name", "id"),
            "profile": ("profile", "name", "id"),
            "uptime": ("uptime_s", "id"),
            "bytes": ("used", "id"),
            "seen": ("first_seen_at", "id"),
        },
        "name",
    ),
    Part.HOSTS: Listing(
        Host,
        ("mac", "address"),
        {
            "mac": ("mac", "id"),
            "router": ("router__name", "mac", "id"),
            "address": ("address", "id"),
            "idle": ("idle_s", "id"),
            "uptime": ("uptime_s", "id"),
        },
        "idle",
    ),
    Part.COOKIES: Listing(
        Cookie,
        ("user", "mac"),
        {
            "user": ("user", "id"),
            "router": ("router__name", "user", "id"),
            "mac": ("mac", "id"),
            "expires": ("expires_s", "id"),
        },
        "user",
        has_server=False,
    ),
    Part.BINDINGS: Listing(
        Binding,
        ("mac", "address", "comment"),
        {
            "mac": ("mac", "id"),
            "router": ("router__name", "mac", "id"),
            "address": ("address", "id"),
            "type": ("type", "id"),
        },
        "mac",
    ),
    Part.LEASES: Listing(
        Lease,
        ("mac", "address", "host_name", "comment"),
        {
            "address": ("address", "id"),
            "router": ("router__name", "address", "id"),
            "mac": ("mac", "id"),
            "host": ("host_name", "id"),
            "expires": ("expires_s", "id"),
        },
        "address",
    ),
    Part.PROFILES: Listing(
        HotspotProfile,
        ("name", "rate_limit"),
        {"name": ("name", "router__name", "id"), "router": ("router__name", "name", "id")},
        "name",
        has_server=False,
    ),
}

_USED = F("bytes_in") + F("bytes_out")
_MOVING = Coalesce(F("download_bps"), 0) + Coalesce(F("upload_bps"), 0)


def matching(part: Part, wanted: Filter) -> QuerySet[Any]:
    """The rows of a list that `wanted` describes, in its order; of routers that are in use."""
    listing = LISTINGS[part]
    found = annotated(part, listing.model.objects.all()).filter(
        router__deleted_at=None, router__active=True
    )
    found = within(found, wanted.sites, "router__site")
    for word in wanted.text.split()[:MOST_WORDS]:
        some = Q()
        for column in listing.searched:
            some |= Q(**{f"{column}__icontains": word})
        found = found.filter(some)
    if wanted.router:
        found = found.filter(router_id=wanted.router)
    if wanted.site:
        found = found.filter(router__site_id=wanted.site)
    if wanted.server and listing.has_server:
        found = found.filter(server=wanted.server)
    if wanted.profile:
        found = _of_profile(part, found, wanted.profile)
    if wanted.status:
        found = _of_status(part, found, wanted.status)
    if wanted.standing and part in (Part.USERS, Part.PROFILES):
        found = found.filter(standing=wanted.standing)
    return found.order_by(*_order(listing, wanted.sort))


def annotated(part: Part, found: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with the sums that some orders need."""
    sums: dict[str, Any] = {}
    if part in (Part.ACTIVE, Part.USERS):
        sums["used"] = _USED
    if part is Part.ACTIVE:
        sums["moving"] = _MOVING
    more: QuerySet[Any] = found.annotate(**sums)
    return more


def _of_profile(part: Part, found: QuerySet[Any], profile: str) -> QuerySet[Any]:
    if part is Part.USERS:
        return found.filter(profile=profile)
    if part is not Part.ACTIVE:
        return found
    users = HotspotUser.objects.filter(router=OuterRef("router"), name=OuterRef("user"))
    return found.filter(Exists(users.filter(profile=profile)))


def _of_status(part: Part, found: QuerySet[Any], status: str) -> QuerySet[Any]:
    if part is Part.ACTIVE:
        if status == Presence.IDLE:
            return found.filter(idle_s__gte=IDLE_AFTER_S)
        return found.filter(idle_s__lt=IDLE_AFTER_S) if status == Presence.ACTIVE else found
    if part is not Part.USERS:
        return found
    sessions = ActiveUser.objects.filter(router=OuterRef("router"), user=OuterRef("name"))
    busy = Exists(sessions.filter(idle_s__lt=IDLE_AFTER_S))
    if status == Presence.ACTIVE:
        return found.filter(busy)
    if status == Presence.IDLE:
        return found.filter(Exists(sessions)).exclude(busy)
    if status == Presence.OFFLINE:
        return found.filter(disabled=False).exclude(Exists(sessions))
    return found.filter(disabled=True) if status == Presence.DISABLED else found


def _order(listing: Listing, sort: str) -> list[str]:
    down = sort.startswith("-")
    columns = listing.sorts.get(sort.lstrip("-"), listing.sorts[listing.default])
    return [f"-{column}" if down else column for column in columns]


def page_of(part: Part, wanted: Filter, number: int, size: int) -> tuple[list[Any], int]:
    """One page (from 1) with the router at hand, and how many rows there are in all."""
    first = (number - 1) * size
    found = matching(part, wanted)
    rows = list(found.select_related("router")[first : first + size])
    full = len(rows) == size or (first and not rows)
    total = found.order_by().count() if full else first + len(rows)
    return rows, total


def add_profiles(sessions: Iterable[ActiveUser]) -> None:
    """Put the profile of its user on each session, as `profile`; "" where the router has no such user."""
    rows = list(sessions)
    users = HotspotUser.objects.filter(
        router__in={row.router_id for row in rows}, name__in={row.user for row in rows}
    )
    known = {
        (router, name): (pk, profile)
        for router, name, pk, profile in users.values_list("router", "name", "pk", "profile")
    }
    for row in rows:
        pk, profile = known.get((row.router_id, row.user), (None, ""))
        row.profile, row.user_pk = profile, pk  # type: ignore[attr-defined] # for the template


def add_sessions(users: Iterable[HotspotUser]) -> None:
    """Put on each user what their open sessions add up to, as `session` (None when offline).

    With it `total_s` and `total_bytes`: what was used in all, open sessions included.
    """
    rows = list(users)
    sums = (
        ActiveUser.objects.filter(
            router__in={row.router_id for row in rows}, user__in={row.name for row in rows}
        )
        .values("router", "user")
        .annotate(
            count=Count("id"),
            idle_s=Min("idle_s"),
            bytes_in=Sum("bytes_in"),
            bytes_out=Sum("bytes_out"),
            uptime_s=Sum("uptime_s"),
        )
    )
    found = {(one["router"], one["user"]): one for one in sums}
    for row in rows:
        now = found.get((row.router_id, row.name))
        row.session = now  # type: ignore[attr-defined] # for the template
        # A router adds a session to its user's own counters when it ends.
        row.total_s = row.uptime_s + (now["uptime_s"] if now else 0)  # type: ignore[attr-defined]
        row.total_bytes = row.bytes_in + row.bytes_out  # type: ignore[attr-defined]
        if now:
            row.total_bytes += now["bytes_in"] + now["bytes_out"]  # type: ignore[attr-defined]


def choices() -> tuple[list[str], list[str]]:
    """Names of the hotspot servers and of the profiles that any router in use has, for filters."""
    from ronda.hotspot.models import HotspotServer

    present = {"router__deleted_at": None, "router__active": True}
    servers = mine(HotspotServer.objects.filter(**present), "router__site").order_by("name")
    profiles = mine(HotspotProfile.objects.filter(**present), "router__site").order_by("name")
    return (
        list(servers.values_list("name", flat=True).distinct()),
        list(profiles.values_list("name", flat=True).distinct()),
    )
