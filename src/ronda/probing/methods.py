"""Which way of probing this system allows, why not a better one, and how to get that.

Best first: ICMP by an unprivileged datagram socket, ICMP by a raw socket, the system's ping, TCP.
"""

import math
import secrets
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ronda.probing import linux
from ronda.probing.course import Burst, Clock, Targets
from ronda.probing.engine import Engine
from ronda.probing.fallback import FallbackEngine
from ronda.probing.mmsg import MmsgWire
from ronda.probing.packets import COOKIE_BYTES, Family
from ronda.probing.port import Report
from ronda.probing.sockets import WANTED_BUFFER, IcmpSocket, Method, SocketRefused, open_icmp
from ronda.probing.system_ping import SystemPing, find_ping
from ronda.probing.tcp import TcpConnect
from ronda.probing.wire import PlainWire, Wire

AnyMethod = Literal["icmp-datagram", "icmp-raw", "ping", "tcp"]
Wanted = Literal["auto", "icmp-datagram", "icmp-raw", "ping", "tcp"]
_GROUP_RANGE = Path("/proc/sys/net/ipv4/ping_group_range")


class Rounds(Protocol):
    """What every engine does for the process that drives it."""

    @property
    def finished(self) -> bool:
        """Whether a single round was asked for and is over."""

    def watch(self, targets: Targets, hopeless: Iterable[int] = ()) -> None:
        """Replace the fleet."""

    def steady(self, keys: Iterable[int]) -> None:
        """Report replies of these keys in the column only."""

    def unsteady(self, keys: Iterable[int]) -> None:
        """Report every reading of these keys."""

    def again(self, keys: Iterable[int], after: float) -> None:
        """Probe each key once more."""

    def pace(self, interval: float) -> None:
        """Set the length of the rounds."""

    def canaries(self, targets: Targets, every: float) -> None:
        """Replace the canaries."""

    def turn(self) -> float:
        """Do what is due; return the seconds until the next turn is of use."""

    def collect(self) -> list[Report]:
        """Return the reports since the last call."""

    def close(self) -> None:
        """Free everything."""


class SystemClock:
    """The machine's clocks."""

    monotonic_ns = staticmethod(time.monotonic_ns)
    time_ns = staticmethod(time.time_ns)


@dataclass(frozen=True, slots=True)
class Choice:
    """The way of probing in use; `why` is empty for the best one, `better` says what to do."""

    method: AnyMethod
    why: str
    better: str
    ipv6: bool
    capacity: int  # replies that the receive buffer holds; 0 where there is none


class MethodRefused(RuntimeError):
    """The way of probing that was asked for is not to be had here."""


def open_engine(
    *,
    method: Wanted = "auto",
    interval: float = 30.0,
    timeout: float = 1.0,
    ceiling: float = math.inf,
    burst: Burst | None = None,
    buffer: int = WANTED_BUFFER,
    first_number: int = 1,
    clock: Clock | None = None,
) -> tuple[Rounds, Choice]:
    """Open the best engine that the system allows, or the one asked for.

    Raises:
        MethodRefused: the one asked for is not allowed here; the text says why.
    """
    clock = clock or SystemClock()
    sockets, refusals = _open_sockets(method, buffer)
    if sockets:
        cookie = secrets.token_bytes(COOKIE_BYTES)
        wires = {family: wire_of(icmp, cookie) for family, icmp in sockets.items()}
        engine = Engine(
            wires,
            clock,
            interval=interval,
            timeout=timeout,
            ceiling=ceiling,
            burst=burst,
            first_number=first_number,
        )
        return engine, _choice_of_sockets(sockets, refusals)
    if method in ("icmp-datagram", "icmp-raw"):
        raise MethodRefused(f"{method} is refused here: {refusals}")
    program = find_ping()
    if method == "ping" and program is None:
        raise MethodRefused("this system has no ping program")
    retries = burst.retries if burst else 0
    by_ping = program is not None and method != "tcp"
    ask = SystemPing(program) if by_ping and program is not None else TcpConnect()
    fallback = FallbackEngine(
        ask,
        clock,
        interval=interval,
        timeout=timeout,
        threads=32 if by_ping else 64,
        retries=retries,
        once=burst is not None,
        first_number=first_number,
    )
    why = f"no ICMP socket: {refusals}" if refusals else "asked for"
    return fallback, Choice("ping" if by_ping else "tcp", why, _advice(), ipv6=True, capacity=0)


def wire_of(icmp: IcmpSocket, cookie: bytes) -> Wire:
    """The fastest wire for an open socket."""
    return MmsgWire(icmp, cookie) if linux.FAST else PlainWire(icmp, cookie)


def diagnose() -> Choice:
    """What `auto` would choose now, without probing anything."""
    sockets, refusals = _open_sockets("auto", WANTED_BUFFER)
    if sockets:
        choice = _choice_of_sockets(sockets, refusals)
        for icmp in sockets.values():
            icmp.socket.close()
        return choice
    method: AnyMethod = "ping" if find_ping() else "tcp"
    return Choice(method, f"no ICMP socket: {refusals}", _advice(), ipv6=True, capacity=0)


def _open_sockets(wanted: Wanted, buffer: int) -> tuple[dict[Family, IcmpSocket], str]:
    if wanted in ("ping", "tcp"):
        return {}, ""
    kinds: tuple[Method, ...] = ("icmp-datagram", "icmp-raw")
    if wanted == "icmp-datagram":
        kinds = ("icmp-datagram",)
    elif wanted == "icmp-raw":
        kinds = ("icmp-raw",)
    sockets: dict[Family, IcmpSocket] = {}
    refusals = ""
    for family in Family:
        try:
            sockets[family] = open_icmp(family, buffer=buffer, kinds=kinds)
        except SocketRefused as refused:
            refusals = refusals or str(refused)
    if Family.IPV4 not in sockets:
        # An IPv6 socket alone would leave nearly every fleet unprobed.
        for icmp in sockets.values():
            icmp.socket.close()
        return {}, refusals
    return sockets, refusals


def _choice_of_sockets(sockets: dict[Family, IcmpSocket], refusals: str) -> Choice:
    icmp = sockets[Family.IPV4]
    why, better = "", ""
    if icmp.method == "icmp-raw":
        why = "unprivileged ICMP sockets are not allowed to this user"
        better = _advice()
    if icmp.capacity * 832 < 4 << 20:
        why = f"{why}; " if why else ""
        why += f"the receive buffer holds only {icmp.capacity} replies"
        more = "raise it: sysctl -w net.core.rmem_max=16777216"
        better = f"{better}; {more}" if better else more
    if Family.IPV6 not in sockets:
        why = f"{why}; no IPv6: {refusals}" if why else f"no IPv6: {refusals}"
    return Choice(icmp.method, why, better, Family.IPV6 in sockets, icmp.capacity)


def _advice() -> str:
    if not linux.HERE:
        if sys.platform == "win32":
            return "run as Administrator to allow raw ICMP sockets"
        return "allow ICMP sockets to this user"
    allowed = "unknown"
    if _GROUP_RANGE.exists():
        allowed = _GROUP_RANGE.read_text().strip().replace("\t", " ")
    return (
        f"net.ipv4.ping_group_range is '{allowed}'; allow unprivileged ICMP with "
        "sysctl -w net.ipv4.ping_group_range='0 2147483647' "
        "(and in /etc/sysctl.d/ to keep it), or give the service CAP_NET_RAW "
        "(AmbientCapabilities=CAP_NET_RAW in its systemd unit)"
    )
