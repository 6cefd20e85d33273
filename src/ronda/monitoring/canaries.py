"""Which addresses tell us whether we can see at all: the gateway, the name servers, or the operator's."""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

ROUTES = Path("/proc/net/route")
RESOLVERS = Path("/etc/resolv.conf")
MOST = 6


class Canary(NamedTuple):
    """An address that answers as long as our own line is well, and what fails together with it."""

    address: str
    domain: str


def choose(
    configured: Iterable[str], found: Iterable[Canary] | None = None
) -> Mapping[int, Canary]:
    """The canaries by their (negative) key: those configured, else those that the system names."""
    chosen = [Canary(address, address) for address in configured]
    if not chosen:
        chosen = list(found) if found is not None else of_this_machine()
    unique = {canary.address: canary for canary in chosen}
    return {-1 - number: canary for number, canary in enumerate(list(unique.values())[:MOST])}


def of_this_machine() -> list[Canary]:
    """The default gateway and the name servers, as far as the system tells."""
    gateways = [Canary(address, "gateway") for address in default_gateways(_text(ROUTES))]
    servers = [Canary(address, address) for address in name_servers(_text(RESOLVERS))]
    return [*gateways, *servers]


def default_gateways(routes: str) -> list[str]:
    """IPv4 default gateways of `/proc/net/route`, whose addresses are in the machine's byte order."""
    found = []
    for line in routes.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[1] == "00000000" and fields[7] == "00000000":
            address = socket.inet_ntoa(struct.pack("=L", int(fields[2], 16)))
            if address != "0.0.0.0":  # noqa: S104 -- "no gateway", nothing is bound
                found.append(address)
    return found


def name_servers(resolvers: str) -> list[str]:
    """Name servers of `resolv.conf` outside this machine: a local one answers when the line is cut."""
    found = []
    for line in resolvers.splitlines():
        fields = line.split()
        if len(fields) < 2 or fields[0] != "nameserver":
            continue
        try:
            address = ipaddress.ip_address(fields[1].partition("%")[0])
        except ValueError:
            continue
        if not address.is_loopback:
            found.append(str(address))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
