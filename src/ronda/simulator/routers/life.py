"""A router that lives: its hotspot with guests, and its scheduler, in one order of moments."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ronda.simulator.routers import traps
from ronda.simulator.routers.commands import Answer, Call, Handler, Outcome
from ronda.simulator.routers.hotspot.access import Refusal
from ronda.simulator.routers.hotspot.guests import Guest
from ronda.simulator.routers.hotspot.scheduler import PATH as SCHEDULER
from ronda.simulator.routers.hotspot.scheduler import Scheduler
from ronda.simulator.routers.hotspot.tables import (
    ACTIVE,
    COOKIES,
    HOSTS,
    LEASES,
    QUEUES,
    SERVERS,
    USERS,
    Tables,
)
from ronda.simulator.routers.hotspot.visits import Visits
from ronda.simulator.routers.hotspot.world import World
from ronda.simulator.routers.logbook import Logbook
from ronda.simulator.routers.router import LOCAL, VirtualRouter
from ronda.simulator.routers.store import Menu, Row

GROWS = (ACTIVE, HOSTS, COOKIES, LEASES, QUEUES)
WATCHED = (ACTIVE, HOSTS)
INACTIVATED = "inactivated, not allowed by device-mode"
CHANGES = {
    "add": "added",
    "set": "changed",
    "remove": "removed",
    "enable": "changed",
    "disable": "changed",
}


class Life:
    """What happens on a router by itself; made once for a router, it hooks itself in.

    `world` is for whoever brings people by hand, moments are seconds of the router's clock.
    """

    def __init__(self, router: VirtualRouter, guests: Iterable[Guest] = ()) -> None:
        self.router = router
        tables = Tables(router)
        self.world = World(tables, self._note, now=router.clock.seconds())
        self.scheduler = Scheduler(router)
        self.logbook = Logbook(router)
        self._menus: Mapping[str, Menu] = {}
        self._attach()
        self.visits = Visits(self.world, tables, guests, self.hour)
        self.visits.begin()
        router.hooks.append(self._pass)
        router.on_reboot.append(self._rebooted)
        router.behaviours["hotspot"] = self
        router.handlers["/ip/hotspot/active/login"] = self._log_in
        for verb, done in CHANGES.items():
            router.handlers[f"{USERS}/{verb}"] = _told(router.handlers[verb], done)

    def pass_to(self, now: float) -> None:
        """Let everything happen until that moment, what the scheduler does in its turn."""
        if self.router.menus is not self._menus:
            self._attach()
        self._heed_licence_and_device_mode()
        while (ahead := self.scheduler.due()) is not None:
            moment = self.router.clock.seconds() + ahead
            if moment > now:
                break
            self.world.advance(moment)
            self.scheduler.fire(self._local(moment))
        self.world.advance(now)

    def power_cut(self) -> None:
        """The router starts again, and what the live sessions had used is nowhere written."""
        self.world.reboot(clean=False)
        self.router.reboot()

    def state(self) -> Any:
        """Who is there and logged in, for a snapshot."""
        return self.world.state()

    def restore(self, state: Any) -> None:
        """Go back to it; guests go on from there with other plans."""
        self.world.restore(state, self.router.clock.seconds())
        self.scheduler.booted()
        self.visits.resume()

    def _pass(self, _router: VirtualRouter, now: float) -> None:
        self.pass_to(now)

    def _attach(self) -> None:
        self._menus = self.router.menus
        for path in GROWS:
            menu = self._menus[path]
            if self._refresh not in menu.on_read:
                menu.on_read.append(self._refresh)
        if self.scheduler.show not in self._menus[SCHEDULER].on_read:
            self._menus[SCHEDULER].on_read.append(self.scheduler.show)
        self._menus[SCHEDULER].listeners.append(self.scheduler.changed)
        self._menus[SERVERS].listeners.append(self._server_changed)
        self.logbook.attach()
        for path in WATCHED:
            self._menus[path].listeners.append(self._listener(path))

    def _heed_licence_and_device_mode(self) -> None:
        level = self._menus["/system/license"].one.get("nlevel", "")
        self.world.logins.licence_level = int(level) if level.isdigit() else 6
        mode = self._menus.get("/system/device-mode")
        if mode is None:
            return
        servers = self._menus[SERVERS]
        if mode.one.get("hotspot") == "no":
            for server in servers.where(invalid="false"):
                servers.change(server, {"invalid": "true", "comment": INACTIVATED})
        else:
            for server in servers.where(comment=INACTIVATED):
                servers.change(server, {"invalid": "false", "comment": None})

    def _server_changed(self, _row: Row, _dead: bool) -> None:
        """A hotspot server that does not work (any more) sees nobody."""
        for host in self.world.hosts:
            if self.world.hosts.server(host.server) is None:
                self.world.removed(HOSTS, host.id)

    def _listener(self, path: str) -> Any:
        def changed(row: Row, dead: bool) -> None:
            if dead:
                self.world.removed(path, row.id)

        return changed

    def _refresh(self, menu: Menu) -> None:
        self.world.refresh(menu.path)

    def _rebooted(self, _router: VirtualRouter) -> None:
        self.world.reboot()
        self.scheduler.booted()
        self.visits.forget_all()

    def _log_in(self, call: Call) -> Outcome:
        address, user = call.values.get("ip", ""), call.values.get("user", "")
        host = self.world.hosts.by_address(address)
        if host is None:
            raise traps.Trap(f"unknown host IP {address}")
        done = self.world.log_in(host.mac, user, call.values.get("password", ""))
        if isinstance(done, Refusal):
            raise traps.Trap(f"login failure: {done.text}")
        return Answer()

    def _note(self, moment: float, topics: str, text: str) -> None:
        self.logbook.write(self._local(moment), topics, text)

    def _local(self, moment: float) -> datetime:
        true = self.router.clock.start + timedelta(seconds=moment + self.router.clock_offset)
        return true.astimezone(LOCAL)

    def hour(self, moment: float) -> float:
        """The local hour of a moment, 0 to 24."""
        # Guests live by the sun, whatever the router takes for the time.
        local = (self.router.clock.start + timedelta(seconds=moment)).astimezone(LOCAL)
        return local.hour + local.minute / 60 + local.second / 3_600


def _told(handler: Handler, done: str) -> Handler:
    """The same, with a line in the log about each hotspot user it was done to."""

    def handle(call: Call) -> Outcome:
        names = (
            [row["name"] for row in call.chosen()]
            if done != "added"
            else [call.values.get("name", "")]
        )
        outcome = handler(call)
        for name in names:
            by = call.session.user or "script"
            call.router.log("system,info", f"hotspot user {name} {done} by {by}")
        return outcome

    return handle
