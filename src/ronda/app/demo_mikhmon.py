"""The demo's fourth router, which Mikhmon filled: nothing is done with it, so that a new user may try the move."""

from dataclasses import replace
from datetime import datetime

from ronda.devices.models import Site
from ronda.routers.rules.settings import RouterSettings
from ronda.routers.service import routers
from ronda.shop.service import packages
from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.control import Handle, SimulatedRouters
from ronda.simulator.routers.mikhmon import furnish, specs

NAME = "Warung Mikhmon"
SITE = "Warung"
VARIANT = "v3"
_POLL_S = 60


def opened(seed: int, now: datetime) -> SimulatedRouters:
    """The router, as Mikhmon v3 left it."""
    clock = Clock(start=now, rate=1.0)
    living = [replace(spec, options={**spec.options, "alive": True}) for spec in specs((VARIANT,))]
    return SimulatedRouters(*living, seed=seed, clock=clock, furnish=[furnish(seed)])


def enter(handle: Handle) -> None:
    """Add it, where it never was; later tell the product on which port it is now.

    What is sold so far goes on being sold on the other routers alone: this one has its own plans.
    """
    known = routers.routers().filter(name=NAME).first()
    if known is not None:
        moved = replace(routers.settings_of(known), host=handle.host, port=handle.port)
        routers.edit(known.pk, moved, known.site, None, password=handle.password, source="demo")
        return
    site, new = Site.objects.get_or_create(name=SITE)
    if not new:
        return  # somebody removed the router
    for package in packages.present():
        if not package.routers.exists() and not package.sites.exists():
            sold = packages.routers_of(package)
            packages.edit(package, {"routers": sold}, None, "demo")
    settings = RouterSettings(
        name=NAME,
        host=handle.host,
        user=handle.user,
        port=handle.port,
        prefer="pinned",
        transport="api",
        poll_s=_POLL_S,
    )
    routers.add(settings, handle.password, site, None, source="demo")
