"""Everything a router of the demo and of most tests has beside the plain API.

`complete` is for `fleet.Fleet(furnish=[complete])`. What it does is said by the options of a
`fleet.Spec`:

    tls    "self-signed" (default), "other-host", "expired", "anonymous", or "off"
    rest   true (default) or false: whether the web server can be reached; on version 6 it has
           nothing under /rest
    pace   how many seconds of the web server's time limit a real one is worth, 1 by default
    heals  for how many seconds a request that was given up damages the web server, 2 by default
    guests how many guests the hotspot has by itself, 0 by default; `hotspot` names its server
    boots  for how many simulated seconds after a reboot REST answers lists with nothing, 0 by default
    board  a name of `board.models.MODELS`, "hap-ac2" by default
    alive  false: nothing happens by itself
"""

from typing import Any

from ronda.simulator.routers.api import ApiConnection
from ronda.simulator.routers.board.box import Box
from ronda.simulator.routers.fleet import OPERATIONS, Fleet
from ronda.simulator.routers.hotspot.access import Refusal
from ronda.simulator.routers.hotspot.guests import crowd
from ronda.simulator.routers.life import Life
from ronda.simulator.routers.serving import Door, Serving
from ronda.simulator.routers.tls import Certificate, Tls, certificate, context, show
from ronda.simulator.routers.web.server import HEALS_AFTER_S, WebConnection, WebServer

API_TLS, WEB, WEB_TLS = "api-ssl", "www", "www-ssl"
CERTIFICATE_NAME = "ronda"
BOARD = "hap-ac2"
DEEDS = ("arrive", "log_in", "log_out", "leave", "pace", "spend")


def complete(serving: Serving) -> None:
    """TLS, the web server and a life of its own."""
    options = serving.options
    kind = options.get("tls", Tls.SELF_SIGNED)
    if kind != "off":
        add_api_tls(serving, Tls(kind))
    if options.get("rest", True):
        pace, heals = float(options.get("pace", 1.0)), float(options.get("heals", HEALS_AFTER_S))
        boots = float(options.get("boots", 0.0))
        add_web(serving, WebServer(pace=pace, heals_s=heals, boots_s=boots))
    if options.get("alive", True):
        guests = crowd(
            serving.router.seed,
            int(options.get("guests", 0)),
            server=options.get("hotspot", "hotspot1"),
            members=[(name, word) for name, word in options.get("members", ())],
        )
        life = Life(serving.router, guests)
        options["box"] = Box(serving.router, life, options.get("board", BOARD))


def add_api_tls(serving: Serving, kind: Tls) -> None:
    """The door `api-ssl`; its certificate, where there is one, is also that of the web server."""
    shown = new_certificate(serving, kind)
    serving.add(Door(serving, API_TLS, ApiConnection, context=context(shown)))


def add_web(serving: Serving, server: WebServer) -> None:
    """The doors `www` and, where the router has a certificate, `www-ssl`."""
    serving.router.on_reboot.append(lambda _router: server.forget())

    def connected(door: Door) -> WebConnection:
        return WebConnection(door, server)

    serving.add(Door(serving, WEB, connected))
    tls = serving.doors.get(API_TLS)
    if tls is not None and "certificate" in serving.options:
        for service in serving.router.menus["/ip/service"].where(name=WEB_TLS):
            service["disabled"] = "false"
        serving.add(Door(serving, WEB_TLS, connected, context=tls.context))


def new_certificate(serving: Serving, kind: Tls) -> Certificate | None:
    """Make the router show another certificate from the next connection on; None: anonymous."""
    router = serving.router
    if kind is Tls.ANONYMOUS:
        return None
    host = "127.0.0.1"
    made = certificate(kind, name=router.name, address=host, now=router.clock.now())
    serving.options["certificate"] = made
    for name in (API_TLS, WEB_TLS):
        service = router.menus["/ip/service"].find(name=name)
        if service is not None:
            service["certificate"] = CERTIFICATE_NAME
    door = serving.doors.get(API_TLS)
    if door is not None and door.context is not None:
        show(door.context, made)
    return made


async def _certificate(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    """Another certificate of this `kind`; its fingerprint."""
    made = new_certificate(serving, Tls(values.get("kind", Tls.SELF_SIGNED)))
    return made.fingerprint if made else None


async def _shown(_fleet: Fleet, serving: Serving, _values: dict[str, Any]) -> Any:
    """The certificate that is shown now: `pem` and `fingerprint`, None without one."""
    made = serving.options.get("certificate")
    return {"pem": made.pem, "fingerprint": made.fingerprint} if made else None


async def _guest(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    """A person by hand: `do` is a method of the hotspot's world, the rest are its arguments."""
    life = serving.router.behaviours.get("hotspot")
    name = values.pop("do")
    if not isinstance(life, Life) or name not in DEEDS:
        raise LookupError(f"a guest of this router cannot {name}")
    serving.router.tick()
    done = getattr(life.world, name)(**values)
    return {"refused": done.text} if isinstance(done, Refusal) else {"refused": None}


async def _button(_fleet: Fleet, serving: Serving, _values: dict[str, Any]) -> Any:
    """Press the button of the box; whether a `device-mode/update` waited for it."""
    box = serving.options.get("box")
    return isinstance(box, Box) and box.press()


OPERATIONS.update(
    {"certificate": _certificate, "shown": _shown, "guest": _guest, "button": _button}
)
