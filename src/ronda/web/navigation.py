"""The main menu: what there is, for whom, and under which key."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.translation import gettext_lazy as _

from ronda.kernel import roles
from ronda.web.words import Text


@dataclass(frozen=True)
class Door:
    """One entry of the menu. `key` is pressed after `g`; `primary` ones stay in reach on a phone.

    `whole` ones are about all sites, and are not for people who are narrowed to some. Doors of one
    `part` stand together: what happens now, what there is, the shop, and what keeps it all going.
    """

    view: str
    label: Text
    icon: str
    key: str
    role: str = "viewer"
    primary: bool = False
    whole: bool = False
    part: str = "now"


DOORS = (
    Door("overview:dashboard", _("Dashboard"), "layout-dashboard", "d", primary=True),
    Door("overview:map", _("Map"), "map-2", "m", primary=True),
    Door("incidents:incidents", _("Incidents"), "alert-circle", "c", primary=True),
    Door("monitoring:outages", _("Outages"), "alert-triangle", "t"),
    Door("alerts:notices", _("Notices"), "bell", "n"),
    Door("devices:onts", _("ONTs"), "router", "o", primary=True, part="network"),
    Door("routers:routers", _("Routers"), "server-2", "u", role="noc", part="network"),
    Door("hotspot:online", _("Hotspot"), "wifi", "k", part="network"),
    Door("overview:usage", _("Hotspot use"), "chart-line", "j", part="network"),
    Door("overview:reports", _("Reports"), "report-analytics", "r", part="network"),
    Door("shop:home", _("Shop"), "shopping-cart", "v", role="reseller", primary=True, part="shop"),
    Door("devices:import", _("Import"), "file-import", "i", role="admin", part="keep"),
    Door("accounts:people", _("People"), "users", "p", role="admin", whole=True, part="keep"),
    Door("accounts:audit", _("Audit trail"), "history", "a", role="admin", whole=True, part="keep"),
    Door("app:settings", _("Settings"), "settings", "s", role="admin", whole=True, part="keep"),
    Door("monitoring:health", _("Watch health"), "heartbeat", "h", whole=True, part="keep"),
    Door("overview:wallboard", _("Wallboard"), "device-tv", "w", part="keep"),
)


@dataclass(frozen=True)
class Link:
    """A door that exists and may be opened by this person."""

    door: Door
    url: str
    current: bool
    begins_part: bool = False


def address_of(view: str) -> str:
    """The address of a named view, or "" when no such page exists here."""
    return _address(settings.ROOT_URLCONF, get_script_prefix(), view)


@lru_cache(512)
def _address(_doors: str, _prefix: str, view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def door_of(path: str) -> str:
    """The address of the door under which the page at `path` lies, "" for none."""
    return _door_under(path, (address_of(door.view) for door in DOORS))


def may(role: str, needed: str) -> bool:
    """Whether a person of this role may pass a door that needs `needed`."""
    return roles.holds(role, needed)


def links(role: str, path: str, *, narrowed: bool = False) -> list[Link]:
    """The menu of a person of this role on the page at `path`."""
    found = [
        (door, url)
        for door in DOORS
        if may(role, door.role) and not (narrowed and door.whole) and (url := address_of(door.view))
    ]
    here = _door_under(path, (url for _door, url in found))
    parts = [None, *(door.part for door, _url in found)]
    return [
        Link(door, url, url == here, begins_part=before not in {None, door.part})
        for (door, url), before in zip(found, parts, strict=False)
    ]


def _door_under(path: str, addresses: Iterable[str]) -> str:
    # The longest address that the path starts with is where we are: /onts/12 lies under /onts/,
    # /onts/import/ under its own door, and everything under / (the dashboard).
    fitting = (
        url for url in addresses if path == url or (url not in {"", "/"} and path.startswith(url))
    )
    return max(fitting, key=len, default="")
