"""The menus the hotspot lives in, as the router's own processes use them: nothing is checked."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from ronda.simulator.routers.store import Changes, Menu, Row

USERS = "/ip/hotspot/user"
PROFILES = "/ip/hotspot/user/profile"
SERVERS = "/ip/hotspot"
SERVER_PROFILES = "/ip/hotspot/profile"
ACTIVE = "/ip/hotspot/active"
HOSTS = "/ip/hotspot/host"
COOKIES = "/ip/hotspot/cookie"
BINDINGS = "/ip/hotspot/ip-binding"
LEASES = "/ip/dhcp-server/lease"
POOLS = "/ip/pool"
QUEUES = "/queue/simple"


class Holder(Protocol):
    """Whoever has the menus now; an upgrade gives a router new ones."""

    @property
    def menus(self) -> Mapping[str, Menu]:
        """The menus by path."""
        ...


class Tables:
    """Rows of menus by path; a menu this version does not have is empty and keeps nothing."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    @property
    def _menus(self) -> Mapping[str, Menu]:
        return self._holder.menus

    def rows(self, menu: str) -> Iterable[Row]:
        """The rows of a menu, in their order."""
        return tuple(self._menus[menu].rows.values()) if menu in self._menus else ()

    def find(self, menu: str, **wanted: str) -> Row | None:
        """The first row with these values; `_` in a name stands for `-`."""
        return self._menus[menu].find(**wanted) if menu in self._menus else None

    def named(self, menu: str, name: str) -> Mapping[str, str]:
        """The row of this name in a menu whose names are unique; an empty one where there is none."""
        if menu not in self._menus:
            return {}
        known = self._menus[menu]
        return known.rows.get(known.holder({"name": name}) or "-") or {}

    def row(self, menu: str, id: str) -> Row | None:  # noqa: A002 -- RouterOS's own word
        """One row; changing it directly tells no listener, which is how counters change."""
        return self._menus[menu].rows.get(id) if menu in self._menus else None

    def add(self, menu: str, values: Mapping[str, str], *, id: str | None = None) -> str:  # noqa: A002
        """Make a row; its id, a fresh one unless one is given."""
        return self._menus[menu].insert(values, id=id).id if menu in self._menus else ""

    def change(self, menu: str, id: str, changes: Changes) -> None:  # noqa: A002
        """Change properties, None takes one away; nothing happens if the row is not there."""
        row = self.row(menu, id)
        if row is not None:
            self._menus[menu].change(row, changes)

    def remove(self, menu: str, id: str) -> None:  # noqa: A002
        """Take a row away; nothing happens if it is not there."""
        row = self.row(menu, id)
        if row is not None:
            self._menus[menu].remove(row)
