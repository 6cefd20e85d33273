"""Opening the ICMP sockets: the unprivileged datagram kind first, else raw with a filter."""

import contextlib
import secrets
import socket
import sys
from dataclasses import dataclass
from typing import Literal

from ronda.probing import linux
from ronda.probing.packets import Family

Method = Literal["icmp-datagram", "icmp-raw"]

WANTED_BUFFER = 16 << 20
# What one echo reply holds of a receive buffer (measured on Linux 6.18, loopback and TUN).
REPLY_COST = 832

_ICMP = {
    Family.IPV4: (socket.AF_INET, socket.IPPROTO_ICMP),
    Family.IPV6: (socket.AF_INET6, getattr(socket, "IPPROTO_ICMPV6", 58)),
}


class SocketRefused(OSError):
    """The system gave us no ICMP socket of this family; the text says what each kind answered."""


@dataclass(frozen=True, slots=True)
class IcmpSocket:
    """An open, non-blocking ICMP socket, its ident, and how many replies its buffer holds."""

    socket: socket.socket
    family: Family
    method: Method
    ident: int
    capacity: int


def open_icmp(
    family: Family, *, buffer: int = WANTED_BUFFER, kinds: tuple[Method, ...] | None = None
) -> IcmpSocket:
    """Open the best ICMP socket the system grants.

    Raises:
        SocketRefused: neither kind is allowed, or the system has no such IP version.
    """
    answers = []
    for method in kinds or ("icmp-datagram", "icmp-raw"):
        try:
            sock, ident = _datagram(family) if method == "icmp-datagram" else _raw(family)
        except OSError as refused:
            answers.append(f"{method}: {refused.strerror or refused}")
            continue
        sock.setblocking(False)
        linux.stamp_replies(sock)
        with contextlib.suppress(OSError):
            linux.report_errors(sock, family.value[0])
        capacity = max(1, linux.widen(sock, buffer) // REPLY_COST)
        return IcmpSocket(sock, family, method, ident, capacity)
    raise SocketRefused("; ".join(answers))


def _datagram(family: Family) -> tuple[socket.socket, int]:
    """A socket for which the kernel chooses the ident and keeps other ICMP away (icmp(7))."""
    version, protocol = _ICMP[family]
    sock = socket.socket(version, socket.SOCK_DGRAM, protocol)
    try:
        sock.bind(("::" if version == socket.AF_INET6 else "0.0.0.0", 0))  # noqa: S104 -- any source
        return sock, int(sock.getsockname()[1])
    except OSError:
        sock.close()
        raise


def _raw(family: Family) -> tuple[socket.socket, int]:
    version, protocol = _ICMP[family]
    sock = socket.socket(version, socket.SOCK_RAW, protocol)
    try:
        ident = secrets.randbelow(0xFFFF) + 1
        linux.only_our_replies(sock, family.value[0], ident)
        if sys.platform == "win32":  # It refuses to receive on a socket that was never bound.
            sock.bind(("", 0))
    except OSError:
        sock.close()
        raise
    return sock, ident
