"""The one web application: the live snapshot on the event loop, Django's pages in threads."""

import asyncio
import gc
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.urls import get_resolver

import ronda
from ronda.accounts import screens
from ronda.accounts.auth import identify as identify_person
from ronda.accounts.errors import TooManyTries
from ronda.accounts.events import ENDED
from ronda.accounts.models import Role
from ronda.app.busy import busy, line_of
from ronda.app.wsgi import application as pages
from ronda.devices.service import scope
from ronda.overview.live import Feeder, detail
from ronda.web import assets
from ronda.web.live import Caller, LiveServer, Snapshot, current
from ronda.web.live.streams import Receive, Scope, Send
from ronda.web.live.verdicts import Headers, Verdict, Wait
from ronda.web.serving import Pages
from ronda.work import tuning
from ronda.work.loops import start_thread

# Threads hand the interpreter over sooner than the default 5 ms, for the stream's sake.
SWITCH_S = 0.001
ASKING = 4


class Application:
    """ASGI root; `lifespan` starts and stops the feeder."""

    def __init__(self) -> None:
        self.snapshot = Snapshot(build=f"{ronda.__version__}-{assets.digest()}")
        current.serve(self.snapshot)
        self.live = LiveServer(
            self.snapshot, identify, _detail, build=f"{ronda.__version__}+{os.getpid()}"
        )
        self._pages = Pages(pages, line_of, busy)
        self._stop = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or run the lifespan (ASGI)."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            live = self.live.answers(scope["method"], scope["path"])
            await (self.live if live else self._pages)(scope, receive, send)

    def close(self) -> None:
        """End the streams and turn away whoever waits: the server is about to end."""
        self.live.streams.close()
        self._pages.close()

    def _told(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == ENDED:
            self.live.recheck()
        else:
            self.live.streams.tell(topic, payload)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        sys.setswitchinterval(SWITCH_S)
        _set_aside_what_stays()
        loop = asyncio.get_running_loop()
        # Each thread that asks who somebody is has a connection of its own.
        loop.set_default_executor(ThreadPoolExecutor(ASKING, "live"))
        feeder = Feeder(
            self.snapshot,
            lambda: _call_soon(loop, self.live.streams.publish),
            lambda topic, payload: _call_soon(loop, lambda: self._told(topic, payload)),
        )
        thread = start_thread("live", lambda: feeder.run(self._stop))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._stop.set()
        await asyncio.to_thread(thread.join, 2)
        await send({"type": "lifespan.shutdown.complete"})


def _set_aside_what_stays() -> None:
    """Load every page's code now, and never look through it for garbage again.

    A look through all of it would hold every stream and every answer up for a tenth of a second.
    """
    get_resolver().url_patterns  # noqa: B018 -- read when first asked for
    gc.collect()
    gc.freeze()


def _call_soon(loop: asyncio.AbstractEventLoop, call: Any) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)


def identify(headers: Headers, peer: str) -> Verdict:
    """Who asks for live data: someone who may see the network, anybody if the map is public, or nobody."""
    try:
        known = identify_person(headers, address=address_of(headers, peer), group="monitoring")
    except TooManyTries as refusal:
        return Wait(refusal.wait_s)
    known = known or screens.identify(headers, address_of(headers, peer))
    if known is not None and known.holds(Role.VIEWER):
        return Caller(public=False, sites=scope.sites_by(known))
    return Caller(public=True) if tuning.value("public_map") else None


def address_of(headers: Headers, peer: str) -> str:
    """The caller's address: the peer's, or behind our own proxies what they say it is."""
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    passed = [part.strip() for part in headers.get("x-forwarded-for", "").split(",")]
    return passed[-trusted] if 0 < trusted <= len(passed) and passed[-trusted] else peer


def _detail(ont_id: int) -> dict[str, Any] | None:
    close_old_connections()
    return detail(ont_id)


application = Application()
