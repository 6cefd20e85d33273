"""A hotspot without a router around it: its menus, a log, and the world that lives in them."""

from collections.abc import Mapping

from ronda.simulator.routers.hotspot.tables import (
    ACTIVE,
    BINDINGS,
    COOKIES,
    HOSTS,
    LEASES,
    POOLS,
    PROFILES,
    QUEUES,
    SERVER_PROFILES,
    SERVERS,
    USERS,
    Tables,
)
from ronda.simulator.routers.hotspot.world import World
from ronda.simulator.routers.schema import PROFILES as VERSIONS
from ronda.simulator.routers.schema import menus_of
from ronda.simulator.routers.store import Menu

MENUS = (
    POOLS, SERVERS, SERVER_PROFILES, PROFILES, USERS, ACTIVE, HOSTS, COOKIES, BINDINGS, LEASES, QUEUES,
)  # fmt: skip
SERVER = "hotspot1"
PHONE = "02:00:00:00:00:01"
TABLET = "02:00:00:00:00:02"


class Village:
    """One hotspot server with a pool, and whoever a test brings there."""

    def __init__(self, version: str = "v7.16", **server_profile: str) -> None:
        schemas = menus_of(VERSIONS[version])
        self.menus = {path: Menu(schemas[path], "seed") for path in MENUS}
        self.tables = Tables(self)
        self.lines: list[str] = []
        self.world = World(self.tables, lambda _moment, _topics, text: self.lines.append(text))
        self.tables.add(POOLS, {"name": "hs", "ranges": "10.5.50.2-10.5.50.20"})
        self.tables.add(SERVER_PROFILES, {"name": "hsprof1", **dashed(server_profile)})
        self.tables.add(
            SERVERS,
            {"name": SERVER, "interface": "bridge1", "address-pool": "hs", "profile": "hsprof1"},
        )
        for menu in self.menus.values():
            menu.listeners.append(
                lambda row, dead, path=menu.path: self.world.removed(path, row.id) if dead else None
            )

    def profile(self, name: str, **values: str) -> str:
        """A user profile."""
        return self.tables.add(PROFILES, {"name": name, **dashed(values)})

    def user(self, name: str, password: str = "", **values: str) -> str:
        """A user; the id."""
        return self.tables.add(USERS, {"name": name, "password": password, **dashed(values)})

    def rows(self, menu: str) -> list[dict[str, str]]:
        """A menu as somebody reads it now."""
        self.world.refresh()
        return [dict(row) for row in self.tables.rows(menu)]

    def row(self, menu: str) -> dict[str, str]:
        """The only row of a menu."""
        (row,) = self.rows(menu)
        return row

    def counters(self, name: str) -> tuple[str, int, int]:
        """Uptime and bytes in and out of a user."""
        row = self.tables.find(USERS, name=name)
        assert row is not None
        return row["uptime"], int(row["bytes-in"]), int(row["bytes-out"])

    def online(self, mac: str = PHONE, user: str = "ani") -> None:
        """This device comes and logs in."""
        self.world.arrive(mac, SERVER)
        self.world.log_in(mac, user, "")


def dashed(values: Mapping[str, str]) -> dict[str, str]:
    """RouterOS's property names from Python's."""
    return {name.replace("_", "-"): value for name, value in values.items()}
