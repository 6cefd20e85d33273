"""From a router's row to the columns of our tables; what cannot be read becomes empty, never an error."""

from collections.abc import Callable, Mapping
from typing import Any

from ronda.hotspot.models import (
    ActiveUser,
    Binding,
    Cookie,
    Host,
    HotspotProfile,
    HotspotServer,
    HotspotUser,
    Lease,
    Part,
)
from ronda.hotspot.rules.properties import PROFILE
from ronda.hotspot.rules.values import Unreadable, is_true, read_duration
from ronda.routeros.port import Row

#: The largest number the tables hold; a counter above it is damage on the way.
_MOST = 2**63 - 1


def seconds(row: Row, name: str) -> int | None:
    """A duration; None where there is none."""
    try:
        found = read_duration(row.get(name, ""))
    except Unreadable:
        return None
    return found if found is None else min(found, _MOST)


def number(row: Row, name: str) -> int | None:
    """A whole number; None where there is none."""
    text = row.get(name, "")
    return min(int(text), _MOST) if text.isascii() and text.isdigit() else None


def text(row: Row, name: str, most: int | None = None) -> str:
    """A text that any database can keep, cut at `most` characters where a column is short."""
    return row.get(name, "").replace("\x00", "\ufffd")[:most]


def _flag(row: Row, name: str) -> bool:
    return is_true(row.get(name))


def _limit(row: Row, name: str) -> int | None:
    return number(row, name) or None


def _counters(row: Row) -> dict[str, Any]:
    return {
        "uptime_s": seconds(row, "uptime") or 0,
        "bytes_in": number(row, "bytes-in") or 0,
        "bytes_out": number(row, "bytes-out") or 0,
    }


def _place(row: Row) -> dict[str, Any]:
    return {
        "server": text(row, "server"),
        "mac": text(row, "mac-address", 17),
        "address": text(row, "address", 45),
    }


def user(row: Row) -> dict[str, Any]:
    """Columns of `HotspotUser`."""
    return {
        "name": text(row, "name"),
        "profile": text(row, "profile") or "default",
        "comment": text(row, "comment"),
        "disabled": _flag(row, "disabled"),
        "limit_uptime_s": seconds(row, "limit-uptime") or None,
        "limit_bytes_in": _limit(row, "limit-bytes-in"),
        "limit_bytes_out": _limit(row, "limit-bytes-out"),
        "limit_bytes_total": _limit(row, "limit-bytes-total"),
        **_place(row),
        "server": text(row, "server") or "all",
        **_counters(row),
    }


def profile(row: Row) -> dict[str, Any]:
    """Columns of `HotspotProfile`."""
    return {
        "name": text(row, "name"),
        "rate_limit": text(row, "rate-limit"),
        "shared_users": text(row, "shared-users", 20) or "1",
        "values": {name: text(row, name) for name in PROFILE if name in row},
    }


def server(row: Row) -> dict[str, Any]:
    """Columns of `HotspotServer`."""
    return {
        "name": text(row, "name"),
        "interface": text(row, "interface"),
        "profile": text(row, "profile"),
        "address_pool": text(row, "address-pool"),
        "disabled": _flag(row, "disabled"),
        "invalid": _flag(row, "invalid"),
    }


def active(row: Row) -> dict[str, Any]:
    """Columns of `ActiveUser`, without speeds and the time of reading."""
    return {
        "user": text(row, "user"),
        "login_by": text(row, "login-by", 40),
        "left_s": seconds(row, "session-time-left"),
        "idle_s": seconds(row, "idle-time") or 0,
        "limit_bytes_in": _limit(row, "limit-bytes-in"),
        "limit_bytes_out": _limit(row, "limit-bytes-out"),
        "limit_bytes_total": _limit(row, "limit-bytes-total"),
        "radius": _flag(row, "radius"),
        **_place(row),
        **_counters(row),
    }


def host(row: Row) -> dict[str, Any]:
    """Columns of `Host`."""
    return {
        "to_address": text(row, "to-address", 45),
        "idle_s": seconds(row, "idle-time") or 0,
        "authorized": _flag(row, "authorized"),
        "bypassed": _flag(row, "bypassed"),
        **_place(row),
        **_counters(row),
    }


def cookie(row: Row) -> dict[str, Any]:
    """Columns of `Cookie`."""
    return {
        "user": text(row, "user"),
        "mac": text(row, "mac-address", 17),
        "expires_s": seconds(row, "expires-in"),
        "by_mac": _flag(row, "mac-cookie"),
    }


def binding(row: Row) -> dict[str, Any]:
    """Columns of `Binding`."""
    return {
        "mac": text(row, "mac-address", 17),
        "address": text(row, "address", 100),
        "to_address": text(row, "to-address", 45),
        "server": text(row, "server"),
        "type": text(row, "type", 12) or "regular",
        "comment": text(row, "comment"),
        "disabled": _flag(row, "disabled"),
    }


def lease(row: Row) -> dict[str, Any]:
    """Columns of `Lease`."""
    return {
        "host_name": text(row, "host-name"),
        "status": text(row, "status", 12),
        "expires_s": seconds(row, "expires-after"),
        "dynamic": _flag(row, "dynamic"),
        "disabled": _flag(row, "disabled"),
        "comment": text(row, "comment"),
        **_place(row),
    }


SHAPES: Mapping[Part, tuple[Any, Callable[[Row], dict[str, Any]]]] = {
    Part.USERS: (HotspotUser, user),
    Part.PROFILES: (HotspotProfile, profile),
    Part.SERVERS: (HotspotServer, server),
    Part.ACTIVE: (ActiveUser, active),
    Part.HOSTS: (Host, host),
    Part.COOKIES: (Cookie, cookie),
    Part.BINDINGS: (Binding, binding),
    Part.LEASES: (Lease, lease),
}
