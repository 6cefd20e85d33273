"""Where the guests of each router sign in: read from the router, kept for the QR codes of tickets."""

import ipaddress
from collections.abc import Iterable

from django.utils import timezone

from ronda.routeros.errors import RouterRefused
from ronda.routeros.port import Row
from ronda.routers.desk.port import Poll, Visit
from ronda.routers.models import Router
from ronda.shop.models import LoginPage
from ronda.work.loops import in_thread

#: It changes when somebody rebuilds the hotspot.
EVERY_S = 1800.0


async def poll(visit: Visit) -> float | None:
    """Read the hotspot's name or address of a router; one that refuses keeps what was known."""
    try:
        profiles = await visit.link.print(
            "/ip/hotspot/profile", properties=("name", "dns-name", "hotspot-address")
        )
        servers = await visit.link.print("/ip/hotspot", properties=("name", "profile", "disabled"))
    except RouterRefused:
        return EVERY_S
    await in_thread(_keep, visit.router, profiles, servers)
    return EVERY_S


POLLS = (Poll("shop.login-page", poll),)


def _keep(pk: int, profiles: list[Row], servers: list[Row]) -> None:
    router = Router.objects.present().filter(pk=pk).first()
    if router is not None:
        host = host_of(profiles, servers, router.hotspot_name)
        LoginPage.objects.update_or_create(
            router=router, defaults={"host": host[:253], "read_at": timezone.now()}
        )


def host_of(profiles: list[Row], servers: list[Row], preferred: str = "") -> str:
    """The DNS name of the preferred server's profile, else its address, else that of the first in use."""
    by_name = {row.get("name", ""): row for row in profiles}
    used = [row for row in servers if row.get("disabled") not in ("true", "yes")]
    used.sort(key=lambda row: row.get("name") != preferred)
    for server in used:
        profile = by_name.get(server.get("profile", ""), {})
        host = profile.get("dns-name", "").strip() or _address(profile.get("hotspot-address", ""))
        if host:
            return host
    return ""


def _address(text: str) -> str:
    """An address that a phone can open; "" for none and for 0.0.0.0, RouterOS's word for none."""
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return ""
    return "" if found.is_unspecified else str(found)


def hosts_of(routers: Iterable[int]) -> dict[int, str]:
    """Router -> name or address of its hotspot; those that are not known are left out. One query."""
    rows = LoginPage.objects.filter(router_id__in=set(routers)).exclude(host="")
    return dict(rows.values_list("router_id", "host"))
