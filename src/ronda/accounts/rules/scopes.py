"""What an API token may be used for beside its role: reading only, some groups of operations, some addresses: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from types import MappingProxyType
from typing import Literal

Network = IPv4Network | IPv6Network

#: Group -> the first part of the paths under /api/v1/ and /api/ that belong to it.
GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "devices": frozenset(
            {"onts", "sites", "areas", "changes", "duplicates", "backups", "exports", "imports"}
        ),
        "monitoring": frozenset(
            {
                "outages",
                "uptime",
                "maintenance",
                "watch",
                "reports",
                "ont-status",
                "live",
                "metrics",
            }
        ),
        "routers": frozenset({"routers", "mikrotik"}),
        "hotspot": frozenset(
            {"hotspot", "history", "record-history", "log-active-users", "analytics-data"}
        ),
        "shop": frozenset(
            {
                *("packages", "vouchers", "batches", "orders", "transactions", "sales", "members"),
                *("balance", "ledger", "payment-methods", "settings"),
            }
        ),
        "alerts": frozenset(
            {
                *("incidents", "notices", "notifications"),
                *("alerts", "alert-rules", "rotas", "channels", "channel-kinds"),
                *("wordings", "messages", "for-me"),
            }
        ),
        "people": frozenset({"people", "addresses", "tokens", "audit"}),
        # No address of the API: a screen on the wall (`accounts.screens`).
        "wall": frozenset(),
    }
)
#: Whoever has a token may ask who they are, and read the description of the API.
EVERYBODYS = frozenset({"me", "openapi.json", "docs"})

Why = Literal["read", "group", "address"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token is for; empty groups or networks mean all of them."""

    read_only: bool = False
    groups: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()


EVERYTHING = Scope()


def group_of(path: str) -> str:
    """The group that an address of the JSON API belongs to; "" for everybody's, "other" for one in no group."""
    parts = path.strip("/").split("/")
    if parts[:1] == ["api"]:
        parts = parts[1:]
    if parts[:1] == ["v1"]:
        parts = parts[1:]
    first = parts[0] if parts else ""
    if first in EVERYBODYS:
        return ""
    return next((name for name, firsts in GROUPS.items() if first in firsts), "other")


def refusal(scope: Scope, *, reads: bool, group: str, address: str) -> Why | None:
    """Why this use of a token is outside its scope; None when it is within."""
    if scope.networks and not _within(address, scope.networks):
        return "address"
    if scope.read_only and not reads:
        return "read"
    if scope.groups and group and group not in scope.groups:
        return "group"
    return None


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a text as people write it: addresses and CIDRs between spaces, commas or lines.

    Raises:
        ValueError: one of them is none; the text names it.
    """
    return tuple(_network(part) for part in text.replace(",", " ").split())


def _network(part: str) -> Network:
    try:
        return ip_network(part, strict=False)
    except ValueError:
        raise ValueError(part) from None


def _within(address: str, allowed: Iterable[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:  # where a request came from cannot be told
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in allowed)
