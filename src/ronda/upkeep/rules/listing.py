"""A configuration as the API shows it, written like a script: for comparing, not for `/import`; pure.

For routers that cannot hand over a whole export. What changes by itself (counters, states) and what is
secret is left out, so that two listings differ only where somebody changed something.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

HEADER = (
    "# What the API shows of the configuration, for comparing. This is not an export:",
    "# values that cannot be set may be among it, and passwords are not.",
)

MENUS = (
    *("/system/identity", "/system/ntp/client", "/interface", "/interface/bridge"),
    *(
        "/interface/bridge/port",
        "/interface/vlan",
        "/interface/wireless",
        "/interface/pppoe-client",
    ),
    *("/interface/pppoe-server/server", "/ip/address", "/ip/pool", "/ip/dhcp-client"),
    *("/ip/dhcp-server", "/ip/dhcp-server/network", "/ip/dns", "/ip/dns/static"),
    *("/ip/firewall/filter", "/ip/firewall/nat", "/ip/firewall/mangle"),
    *("/ip/firewall/address-list", "/ip/hotspot", "/ip/hotspot/profile"),
    *("/ip/hotspot/user/profile", "/ip/hotspot/ip-binding", "/ip/hotspot/walled-garden"),
    *("/ip/hotspot/walled-garden/ip", "/ip/route", "/ip/service", "/ppp/profile", "/ppp/secret"),
    *("/queue/simple", "/queue/tree", "/queue/type", "/radius", "/snmp", "/system/scheduler"),
    *("/system/script", "/system/logging", "/tool/netwatch", "/user", "/user/group"),
)
"""In the order in which they are written. Hotspot users are not among them: they are kept by Ronda."""

_CHANGING = re.compile(
    r"""(?x)
    \. .* | bytes .* | packets .* | (?:rx|tx|fp|last|actual|active|queued|total|cache)- .*
    | uptime | run-count | next-run | rate | dropped | link-downs | status | since | running
    | slave | invalid | inactive | dynamic | builtin | default | default-name | expired | timeout
    | expires-after | gateway-status | connected | connection | local | remote | time | date
    | freq-drift | poll-interval | l2mtu | max-l2mtu | mac-protocol | owner | expire-time
    """
)
_SECRET = re.compile(r"(?:^|-)(?:password|secret|passphrase|key|community)(?:-|$)|pre-shared")
_PLAIN = re.compile(r"[A-Za-z0-9_.:/,*+-]+")


def listing(menus: Iterable[tuple[str, Sequence[Mapping[str, str]]]]) -> str:
    """The rows of the menus as commands; dynamic rows are left out."""
    lines = [*HEADER]
    for menu, rows in menus:
        commands = [_command(row) for row in rows if row.get("dynamic") != "true"]
        commands = [command for command in commands if command]
        if commands:
            lines.append("/" + menu.strip("/").replace("/", " "))
            lines += commands
    return "\n".join(lines) + "\n"


def _command(row: Mapping[str, str]) -> str:
    kept = {
        name: value
        for name, value in row.items()
        if not _CHANGING.fullmatch(name) and not _SECRET.search(name)
    }
    words = " ".join(f"{name}={_quoted(kept[name])}" for name in sorted(kept))
    # A singleton has no id; its menu is set, not added to.
    return f"{'add' if '.id' in row else 'set'} {words}" if words else ""


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n") + '"'
