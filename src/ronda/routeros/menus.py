"""What kind of value each property of a menu has, so that rows of text become rows of values; pure.

The schema is data. A property it does not name keeps its text: a newer RouterOS adds some with every
release. Names and kinds are from the property trees of 7.9 to 7.24, the manual of v6, and rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ronda.routeros.port import Row
from ronda.routeros.values import (
    Speed,
    boolean_of,
    duration_of,
    flag_of,
    integer_of,
    list_of,
    pair_of,
    speed_of,
)

Value = str | int | bool | timedelta | Speed | list[str] | tuple[str, str] | None
Kind = Callable[[str], Value]


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu's path and the kinds of its properties; what is not named is text."""

    path: str
    kinds: Mapping[str, Kind]

    def typed(self, row: Row) -> dict[str, Value]:
        """The row with values of their kinds; None for one that cannot be read as its kind.

        What the router did not send is not there, also flags, which are absent when false.
        """
        kinds = self.kinds
        return {name: kinds[name](text) if name in kinds else text for name, text in row.items()}


def _menu(path: str, **names: str) -> Menu:
    kinds = {
        name: kind
        for kind_name, listed in names.items()
        for kind in (_KINDS[kind_name],)
        for name in listed.split()
    }
    return Menu(path, kinds)


_KINDS: dict[str, Kind] = {
    "durations": duration_of,
    "integers": integer_of,
    "booleans": boolean_of,
    "flags": flag_of,
    "lists": list_of,
    "pairs": pair_of,
    "speeds": speed_of,
}

_COUNTERS = "bytes-in bytes-out packets-in packets-out"
_LIMITS = "limit-bytes-in limit-bytes-out limit-bytes-total"

SERVERS = _menu(
    "/ip/hotspot",
    durations="idle-timeout keepalive-timeout login-timeout",
    integers="addresses-per-mac",
    booleans="disabled",
    flags="invalid HTTPS",
)
SERVER_PROFILES = _menu(
    "/ip/hotspot/profile",
    durations="http-cookie-lifetime trial-uptime-limit trial-uptime-reset",
    booleans="use-radius radius-accounting split-user-domain install-hotspot-queue",
    flags="default",
    lists="login-by",
    speeds="rate-limit",
)
USERS = _menu(
    "/ip/hotspot/user",
    durations="limit-uptime uptime",
    integers=f"{_LIMITS} {_COUNTERS}",
    booleans="disabled",
    flags="dynamic default",
)
USER_PROFILES = _menu(
    "/ip/hotspot/user/profile",
    durations="session-timeout idle-timeout keepalive-timeout status-autorefresh mac-cookie-timeout"
    " advertise-timeout",
    integers="shared-users",
    booleans="add-mac-cookie transparent-proxy advertise",
    flags="default",
    speeds="rate-limit",
    lists="advertise-url advertise-interval",
)
ACTIVE = _menu(
    "/ip/hotspot/active",
    durations="uptime session-time-left idle-time idle-timeout keepalive-timeout",
    integers=f"{_LIMITS} {_COUNTERS}",
    flags="radius blocked advertisement",
)
HOSTS = _menu(
    "/ip/hotspot/host",
    durations="uptime idle-time idle-timeout keepalive-timeout host-dead-time",
    integers=f"{_COUNTERS} vlan-id",
    flags="authorized bypassed DHCP static dynamic",
)
COOKIES = _menu("/ip/hotspot/cookie", durations="expires-in", flags="mac-cookie")
BINDINGS = _menu("/ip/hotspot/ip-binding", booleans="disabled", flags="bypassed blocked")
LEASES = _menu(
    "/ip/dhcp-server/lease",
    durations="expires-after last-seen lease-time",
    booleans="disabled block-access",
    flags="dynamic radius blocked",
    lists="address-lists",
    speeds="rate-limit",
)
RESOURCE = _menu(
    "/system/resource",
    durations="uptime",
    integers="free-memory total-memory free-hdd-space total-hdd-space cpu-count cpu-frequency cpu-load"
    " write-sect-since-reboot write-sect-total",
)
ROUTERBOARD = _menu("/system/routerboard", booleans="routerboard")
INTERFACES = _menu(
    "/interface",
    integers="mtu actual-mtu l2mtu link-downs rx-byte tx-byte rx-packet tx-packet rx-drop tx-drop"
    " rx-error tx-error fp-rx-byte fp-tx-byte fp-rx-packet fp-tx-packet tx-queue-drop",
    booleans="disabled running",
    flags="slave dynamic",
)
QUEUES = _menu(
    "/queue/simple",
    speeds="max-limit limit-at burst-limit burst-threshold rate",
    pairs="bytes packets dropped burst-time priority queue",
    booleans="disabled",
    flags="dynamic invalid",
)
SERVICES = _menu(
    "/ip/service",
    integers="port max-sessions",
    booleans="disabled",
    flags="dynamic invalid connection",
    lists="address",
)
SCHEDULES = _menu(
    "/system/scheduler", durations="interval", integers="run-count", booleans="disabled"
)
DEVICE_MODE = _menu(
    "/system/device-mode",
    booleans="hotspot scheduler fetch container flagged",
    integers="attempt-count",
)

MENUS = {
    menu.path: menu
    for menu in (
        SERVERS, SERVER_PROFILES, USERS, USER_PROFILES, ACTIVE, HOSTS, COOKIES, BINDINGS, LEASES,
        RESOURCE, ROUTERBOARD, INTERFACES, QUEUES, SERVICES, SCHEDULES, DEVICE_MODE,
    )
}  # fmt: skip


def typed(path: str, row: Row) -> dict[str, Value]:
    """The row of any menu; of one that is not described, as it came."""
    menu = MENUS.get(path)
    return menu.typed(row) if menu else dict(row)
