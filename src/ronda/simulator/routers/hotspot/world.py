"""The hotspot of one router as it lives: what a person, a test or a client may do to it.

Clients change the same tables through the router; it tells the world what they removed, so that a
removed active row is a kick and a removed host has to appear anew.
"""

from typing import Any

from ronda.simulator.routers.hotspot.access import TYPED, Refusal
from ronda.simulator.routers.hotspot.hosts import Host, Hosts
from ronda.simulator.routers.hotspot.logins import Logins, Note
from ronda.simulator.routers.hotspot.session import Cause, Session
from ronda.simulator.routers.hotspot.tables import ACTIVE, COOKIES, HOSTS, LEASES, QUEUES, Tables
from ronda.simulator.routers.hotspot.timeline import Timeline


class World:
    """One router's hotspot; `note(moment, topics, message)` writes the router's log.

    Moments are seconds since the epoch as the router counts them.
    """

    def __init__(self, tables: Tables, note: Note, *, now: float = 0.0) -> None:
        self.time = Timeline(now)
        self.hosts = Hosts(tables, self.time)
        self.logins = Logins(tables, self.time, self.hosts, note)

    def advance(self, now: float) -> None:
        """Let everything happen that was due until now."""
        self.time.advance(now)

    def refresh(self, menu: str = "") -> None:
        """Write down what has grown in a menu, or everywhere; call it before somebody reads."""
        if menu in ("", HOSTS):
            for host in self.hosts:
                self.hosts.show(host)
        if menu in ("", LEASES):
            self.hosts.leases.refresh()
        if menu in ("", ACTIVE, QUEUES):
            self.logins.refresh()
        if menu in ("", COOKIES):
            self.logins.cookies.refresh()

    def arrive(self, mac: str, server: str, *, device: str = "", address: str = "") -> Host | None:
        """A device comes near; it is let in at once where a cookie or its MAC address does that."""
        host = self.hosts.arrive(mac, server, device=device, address=address)
        if host is None:
            return None
        session = self.session_of(host)
        if session is not None:
            self.logins.heard(session)
        elif not (host.bypassed or host.blocked):
            self.logins.log_in_by_itself(host)
        return host

    def log_in(
        self, mac: str, user: str, password: str, method: str | None = None
    ) -> Session | Refusal:
        """Somebody types a user name and a password on this device.

        Raises:
            LookupError: the device is not there.
        """
        host = self.there(mac)
        if method is None:
            offered = self.logins.offered(host.server)
            method = next((typed for typed in TYPED if typed in offered), "http-chap")
        return self.logins.log_in(host, user, password, method)

    def log_out(self, mac: str) -> None:
        """Somebody presses "log out"; nothing happens if nobody is logged in there."""
        session = self.session_of(self.there(mac))
        if session is not None:
            self.logins.end(session, Cause.USER)

    def leave(self, mac: str) -> None:
        """A device goes away without a word; its session ends when a timeout notices."""
        host = self.there(mac)
        session = self.session_of(host)
        if session is not None:
            self.logins.silent(session)
        self.hosts.leave(host)

    def pace(self, mac: str, rate_in: float, rate_out: float) -> None:
        """From now on a device sends and receives so many bytes per second."""
        host = self.there(mac)
        session = self.session_of(host)
        if session is not None:
            self.logins.pace(session, rate_in, rate_out)
        elif host.bypassed:
            host.meter.pace(self.time.now, rate_in, rate_out)

    def spend(self, mac: str, *, bytes_in: int = 0, bytes_out: int = 0) -> None:
        """A device moves so many bytes at once; too many for a quota end the session.

        Raises:
            LookupError: the device is not there, or nobody is logged in on it.
        """
        session = self.session_of(self.there(mac))
        if session is None:
            raise LookupError(f"nobody is logged in on {mac}")
        self.logins.spend(session, bytes_in, bytes_out)
        self.time.advance(self.time.now)

    def there(self, mac: str) -> Host:
        """The host of a device that is there.

        Raises:
            LookupError: it is not.
        """
        host = self.hosts.by_mac(mac)
        if host is None:
            raise LookupError(f"{mac} is not there")
        return host

    def session_of(self, host: Host) -> Session | None:
        """The session on this host."""
        return self.logins.by_id(host.session_id)

    def removed(self, menu: str, id: str) -> None:  # noqa: A002 -- RouterOS's own word
        """A client has removed a row: an active user is kicked, a host forgotten with its session."""
        if menu == ACTIVE:
            session = self.logins.by_id(id)
            if session is not None:
                self.logins.end(session, Cause.ADMIN)
        elif menu == HOSTS:
            host = self.hosts.by_id(id)
            if host is not None:
                session = self.session_of(host)
                if session is not None:
                    self.logins.end(session, Cause.ADMIN)
                self.hosts.forget(host)

    def state(self) -> Any:
        """Who is there, logged in and remembered; shares nothing with the world."""
        return (
            self.time.now,
            self.hosts.state(),
            self.hosts.leases.state(),
            self.logins.state(),
            self.logins.cookies.state(),
        )

    def restore(self, state: Any, now: float) -> None:
        """Go back to it, as if it had been so until now; call it when the rows are back."""
        then, hosts, leases, logins, cookies = state
        later = now - then
        self.time.forget(now)
        self.hosts.restore(hosts, later)
        self.hosts.leases.restore(leases, later)
        self.logins.restore(logins, later)
        self.logins.cookies.restore(cookies, later)

    def reboot(self, *, clean: bool = True) -> None:
        """Nobody is logged in or seen any more; cookies, users and their counters stay.

        After a power cut (not `clean`) what the live sessions had used is nowhere written.
        """
        self.logins.clear(written=clean)
        for host in self.hosts:
            self.hosts.forget(host)
        self.hosts.leases.clear()
