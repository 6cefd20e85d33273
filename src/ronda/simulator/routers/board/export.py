"""The configuration as `/export` writes it: commands that make it anew. Pure but for the router."""

import re
from collections.abc import Iterator, Mapping

from ronda.simulator.routers.hotspot.dates import date_text
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.store import Menu

# In this order, because later ones refer to earlier ones; the rest follows by name.
FIRST = (
    "/interface", "/ip/hotspot/profile", "/ip/pool", "/ip/dhcp-server", "/ip/hotspot",
    "/ip/hotspot/user/profile", "/user/group", "/queue/simple", "/ip/address",
)  # fmt: skip
NEVER = ("/file", "/log", "/user", "/user/active", "/system/clock", "/interface", "/certificate")
PLAIN = re.compile(r"[\w.:/,+*@%-]+")
LINE = 78


def exported(router: VirtualRouter, *, sensitive: bool) -> str:
    """The commands for the whole router."""
    now = router.now()
    iso = router.profile.since(7, 10)
    version = router.profile.printed.split()[0]
    licence = router.menus["/system/license"].one.get("software-id", "")
    lines = [
        f"# {date_text(now, iso=iso)} {now:%H:%M:%S} by RouterOS {version}",
        f"# software id = {licence}",
        "#",
    ]
    board = router.menus["/system/routerboard"].one
    if board.get("model"):
        lines += [f"# model = {board['model']}", f"# serial number = {board['serial-number']}"]
    paths = [path for path in FIRST if path in router.menus]
    paths += [path for path in sorted(router.menus) if path not in FIRST]
    for path in paths:
        menu = router.menus[path]
        if path in NEVER:
            continue
        commands = list(_commands(menu, sensitive=sensitive))
        if commands:
            lines.append("/" + path.strip("/").replace("/", " "))
            lines += commands
    return "\r\n".join(lines) + "\r\n"


def _commands(menu: Menu, *, sensitive: bool) -> Iterator[str]:
    verbs = menu.schema.commands
    for row in menu.rows.values():
        if row.get("dynamic") == "true":
            continue
        values = _set_values(menu, row, sensitive=sensitive)
        if not values:
            continue
        if menu.schema.single:
            yield _wrapped("set", values)
        elif row.get("default") == "true":
            values.pop("name", None)
            if values:
                yield _wrapped("set [ find default=yes ]", values)
        elif "add" in verbs:
            yield _wrapped("add", values)
        elif "set" in verbs and "name" in row:
            values.pop("name", None)
            if values:
                yield _wrapped(f"set {row['name']}", values)


def _set_values(menu: Menu, row: Mapping[str, str], *, sensitive: bool) -> dict[str, str]:
    """The writable properties that are not what they are by default."""
    found: dict[str, str] = {}
    fresh = [known for known in menu.schema.rows if known.get(".id", "") == row.get(".id", "")]
    factory = fresh[0] if fresh else {}
    for name, value in sorted(row.items()):
        one = menu.schema.properties.get(name)
        if one is None or one.readonly or value == factory.get(name, one.default or ""):
            continue
        if one.kind.name == "secret" and not sensitive:
            continue
        found[name] = {"true": "yes", "false": "no"}.get(value, value)
    return found


def _wrapped(verb: str, values: Mapping[str, str]) -> str:
    """One command, its line broken where it gets long, as routers do."""
    lines, line = [], verb
    for name, value in values.items():
        word = f"{name}={_quoted(value)}"
        if len(line) + len(word) + 2 > LINE and line.strip():
            lines.append(f"{line} \\")
            line = f"    {word}"
        else:
            line = f"{line} {word}"
    return "\r\n".join([*lines, line])


def _quoted(value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    escaped = escaped.replace("\r", "\\r").replace("\n", "\\n")
    return f'"{escaped}"'
