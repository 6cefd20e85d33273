"""The demo's routers: opened beside the product, and entered into it as an administrator would.

They come to life in a thread, so that the pages need not wait for the hours they have lived before
anybody connects.
"""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

import structlog
from django.db import connections

from ronda.app import demo_members, demo_mikhmon, demo_orders, demo_sales, demo_vouchers
from ronda.devices.models import Site
from ronda.routers.models import Router
from ronda.routers.rules.settings import RouterSettings
from ronda.routers.service import routers as service
from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.control import Handle
from ronda.simulator.routers.evening import Evening
from ronda.simulator.routers.hotspots import PLACES, Place, live, opened

log = structlog.get_logger(__name__)

LIVED_S = 8 * 3_600.0
POLL_S = 60
USERS, RESIDENT = "/ip/hotspot/user", "warga"
PORTS = {"api": "api", "api-ssl": "api-ssl", "rest-https": "www-ssl", "rest-http": "www"}


class DemoRouters:
    """The three routers of the demo and the one of Mikhmon, from `with` until its end."""

    def __init__(self, seed: int, *, lived_s: float = LIVED_S) -> None:
        self._seed = seed
        self._lived_s = lived_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-routers", daemon=True)
        self.entered = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._stand()
        except Exception:
            # The demo without routers is still a demo; the log says what is missing.
            log.exception("demo.routers_failed")
        finally:
            connections.close_all()

    def _stand(self) -> None:
        now = datetime.now(UTC)  # noqa: TID251 -- the demo's world has our time
        clock = Clock(start=now - timedelta(seconds=self._lived_s))
        routers = opened(self._seed, clock)
        live(routers.fleet, self._lived_s)
        clock.rate = 1.0
        with routers, demo_mikhmon.opened(self._seed, now) as of_mikhmon:
            enter(list(routers))
            demo_sales.enter()
            demo_orders.enter()
            demo_vouchers.enter()
            demo_members.enter(residents(routers[0]))
            demo_mikhmon.enter(of_mikhmon[0])
            connections.close_all()
            self.entered.set()
            evening = Evening(routers, tuple(place.key for place in PLACES))
            evening.start()
            self._stop.wait()
            evening.stop()


def residents(handle: Handle) -> list[str]:
    """The hotspot users of a router that no voucher is: its place's own people."""
    return [row["name"] for row in handle.rows(USERS) if row.get("comment") == RESIDENT]


def enter(handles: list[Handle]) -> None:
    """Add them the first time; later tell the product on which ports they are now.

    Somebody may have deleted or changed them meanwhile: what is gone stays gone, and only what
    leads to the router is changed.
    """
    first = not Router.objects.exists()
    for place, handle in zip(PLACES, handles, strict=True):
        port = handle.ports[PORTS[place.transport]]
        if first:
            site, _ = Site.objects.get_or_create(name=place.site)
            settings = _settings(place, handle, port)
            service.add(settings, handle.password, site, None, source="demo")
            continue
        known = service.routers().filter(name=place.name).first()
        if known is not None:
            kept = service.settings_of(known)
            moved = replace(kept, host=handle.host, port=port)
            service.edit(known.pk, moved, known.site, None, password=handle.password, source="demo")


def _settings(place: Place, handle: Handle, port: int) -> RouterSettings:
    return RouterSettings(
        name=place.name,
        host=handle.host,
        user=handle.user,
        port=port,
        prefer="pinned",
        transport=place.transport,
        poll_s=POLL_S,
        hotspot_interface="bridge1",
        hotspot_name=place.server,
        default_profile=place.plans[0].name,
        version_hint=place.profile[:2],
    )
