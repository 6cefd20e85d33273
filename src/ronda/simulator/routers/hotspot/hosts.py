"""The devices a hotspot sees, with the addresses DHCP leased to them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Address

from ronda.simulator.routers.hotspot import terms
from ronda.simulator.routers.hotspot.leases import Leases
from ronda.simulator.routers.hotspot.session import Meter, packets
from ronda.simulator.routers.hotspot.tables import BINDINGS, HOSTS, SERVERS, Tables
from ronda.simulator.routers.hotspot.timeline import Timeline
from ronda.simulator.routers.values import duration

# How long a silent host is kept where its server has no timeout for those not logged in.
DEAD_AFTER_S = 5 * 60.0


@dataclass(eq=False)
class Host:
    """A device under one address; one device may be seen under several.

    `gone` is when it was last heard, None while it is there.
    """

    id: str
    mac: str
    address: str
    server: str
    since: float
    meter: Meter
    leased: bool = False
    bypassed: bool = False
    blocked: bool = False
    authorized: bool = False
    gone: float | None = None

    @cached_property
    def session_id(self) -> str:
        """The id a session of this host has: its address in hexadecimal."""
        return f"*{int(IPv4Address(self.address)):X}"


class Hosts:
    """Who is seen, and with which address; a host that was silent long enough is forgotten."""

    def __init__(self, tables: Tables, time: Timeline) -> None:
        self.leases = Leases(tables, time)
        self._tables = tables
        self._time = time
        self._hosts: dict[str, Host] = {}
        self._carried = (0, 0)
        # Who wants to know that another device got the address of a host.
        self.on_displaced: list[Callable[[Host], None]] = []

    def __iter__(self) -> Iterator[Host]:
        return iter(tuple(self._hosts.values()))

    def by_mac(self, mac: str) -> Host | None:
        """The host of this device that is there; of several, the one that came last."""
        there = [host for host in self._hosts.values() if host.mac == mac and host.gone is None]
        return max(there, key=lambda host: host.since, default=None)

    def by_address(self, address: str) -> Host | None:
        """The host under this address."""
        return next((host for host in self._hosts.values() if host.address == address), None)

    def by_id(self, id: str) -> Host | None:  # noqa: A002 -- RouterOS's own word
        """The host of this row."""
        return self._hosts.get(id)

    def server(self, name: str) -> Mapping[str, str] | None:
        """The hotspot server of this name, if it works."""
        row = self._tables.named(SERVERS, name)
        works = row and not terms.yes(row, "disabled") and not terms.yes(row, "invalid")
        return row if works else None

    def arrive(self, mac: str, server: str, *, device: str = "", address: str = "") -> Host | None:
        """A device appears; its host, or None where no working hotspot server sees it.

        Without an address it gets a lease, and None means then that the pool is empty too.
        """
        row = self.server(server)
        if row is None:
            return None
        leased = not address
        if leased:
            address = self.leases.bind(mac, device, row.get("address-pool", "none")) or ""
        if not address:
            return None
        known = self.by_address(address)
        if known is not None and known.mac == mac:
            known.gone = None
            return known
        if known is not None:
            for told in self.on_displaced:
                told(known)
            self.forget(known)
        now = self._time.now
        kind = self._binding(mac, address, server)
        host = Host("", mac, address, server, now, Meter(now), leased=leased)
        host.bypassed, host.blocked = kind == "bypassed", kind == "blocked"
        host.id = self._tables.add(HOSTS, self._row(host, now))
        self._hosts[host.id] = host
        return host

    def stale(self, mac: str, server: str, address: str, idle_s: float) -> None:
        """A second row of a device, under an address it had elsewhere and used `idle_s` ago."""
        host = self.arrive(mac, server, address=address)
        if host is not None:
            self.leave(host)
            host.meter.idle_since = self._time.now - idle_s

    def leave(self, host: Host) -> None:
        """It is not heard any more, and forgotten after a while if nobody is logged in on it."""
        now = self._time.now
        host.meter.pace(now, 0.0, 0.0)
        host.gone = now
        if host.leased:
            self.leases.silent(host.mac)
        self._plan_forgetting(host)

    def carried(self) -> tuple[int, int]:
        """Bytes from and to all customers since the beginning."""
        live = [host.meter.at(self._time.now) for host in self._hosts.values()]
        bytes_in = self._carried[0] + sum(each[0] for each in live)
        return bytes_in, self._carried[1] + sum(each[1] for each in live)

    def forget(self, host: Host) -> None:
        """Its row goes; the lease stays until it ends."""
        if self._hosts.pop(host.id, None) is not None:
            bytes_in, bytes_out = host.meter.at(self._time.now)
            self._carried = (self._carried[0] + bytes_in, self._carried[1] + bytes_out)
            self._tables.remove(HOSTS, host.id)

    def show(self, host: Host) -> None:
        """Write down what has changed about it."""
        row = self._tables.row(HOSTS, host.id)
        if row is not None:
            row.update(self._row(host, self._time.now))

    def state(self) -> list[Host]:
        """Copies of all hosts."""
        return [replace(host, meter=replace(host.meter)) for host in self]

    def restore(self, state: list[Host], later: float) -> None:
        """Go back to them, `later` seconds later; call it when the rows are back."""
        self._hosts = {}
        for old in state:
            host = replace(old, since=old.since + later, meter=old.meter.moved(later))
            self._hosts[host.id] = host
            if host.gone is not None:
                host.gone += later
                self._plan_forgetting(host)

    def _plan_forgetting(self, host: Host) -> None:
        gone = host.gone or 0.0
        self._time.at(gone + self._patience(host), lambda _: self._forget_if_gone(host, gone))

    def _forget_if_gone(self, host: Host, since: float) -> None:
        if host.gone == since and not host.authorized:
            self.forget(host)

    def _patience(self, host: Host) -> float:
        row = self.server(host.server) or {}
        limits = [terms.time_limit(row, name) for name in ("idle-timeout", "keepalive-timeout")]
        return min((limit for limit in limits if limit is not None), default=DEAD_AFTER_S)

    def _binding(self, mac: str, address: str, server: str) -> str:
        for row in self._tables.rows(BINDINGS):
            if terms.yes(row, "disabled") or row.get("server", "all") not in ("all", server):
                continue
            wanted = {name: row[name] for name in ("mac-address", "address") if row.get(name)}
            seen = {"mac-address": mac, "address": address}
            if wanted and all(value.upper() == seen[name] for name, value in wanted.items()):
                return str(row.get("type", "regular"))
        return "regular"

    def _row(self, host: Host, now: float) -> dict[str, str]:
        bytes_in, bytes_out = host.meter.at(now)
        row = {
            "mac-address": host.mac,
            "address": host.address,
            "to-address": host.address,
            "server": host.server,
            "uptime": duration(int(now - host.since)),
            "idle-time": duration(int(host.meter.idle(now))),
            "host-dead-time": duration(0 if host.gone is None else int(now - host.gone)),
            "bridge-port": "ether2",
            "bytes-in": str(bytes_in),
            "bytes-out": str(bytes_out),
            "packets-in": str(packets(bytes_in)),
            "packets-out": str(packets(bytes_out)),
            "found-by": "DHCP" if host.leased else "UDP",
            "authorized": "true" if host.authorized else "false",
            "bypassed": "true" if host.bypassed else "false",
            "DHCP": "true" if host.leased else "false",
            "static": "false",
            "dynamic": "true",
        }
        if host.blocked:
            row["blocked"] = "true"
        return row
