"""A bare pinger for tests: one raw socket, no retries, nothing of the product."""

import os
import select
import socket
import struct
import time
from collections.abc import Sequence
from ipaddress import ip_address
from itertools import count

# Each round has its own, so that a late reply to an earlier one is not taken for its.
IDENTS = count(os.getpid() * 37)

SO_RCVBUFFORCE = 33  # linux/socket.h; Python does not name it.


def ping(addresses: Sequence[str], *, wait: float = 1.0) -> dict[str, float]:
    """Send one echo to each address at once; RTT in milliseconds of those that answer in time."""
    family = socket.AF_INET if ip_address(addresses[0]).version == 4 else socket.AF_INET6
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    with socket.socket(family, socket.SOCK_RAW, protocol) as raw:
        raw.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        raw.setblocking(False)
        ident = next(IDENTS) & 0xFFFF
        sent = {}
        heard: dict[str, float] = {}
        for address in addresses:
            sent[address] = time.monotonic()
            raw.sendto(_echo(family, ident), (address, 0))
            _take(raw, family, ident, sent, heard)
        deadline = time.monotonic() + wait
        while len(heard) < len(sent) and time.monotonic() < deadline:
            select.select((raw,), (), (), deadline - time.monotonic())
            _take(raw, family, ident, sent, heard)
    return heard


def _echo(family: int, ident: int) -> bytes:
    if family == socket.AF_INET6:
        return struct.pack("!BBHHH", 128, 0, 0, ident, 1)  # The kernel sums ICMPv6.
    total = 0x0800 + ident + 1
    return struct.pack("!BBHHH", 8, 0, ~(total + (total >> 16)) & 0xFFFF, ident, 1)


def _take(
    raw: socket.socket, family: int, ident: int, sent: dict[str, float], heard: dict[str, float]
) -> None:
    while True:
        try:
            packet, source = raw.recvfrom(2048)
        except BlockingIOError:
            return
        icmp = packet[20:] if family == socket.AF_INET else packet
        if icmp[0] in (0, 129) and icmp[4:6] == ident.to_bytes(2) and source[0] in sent:
            heard[source[0]] = (time.monotonic() - sent[source[0]]) * 1000
