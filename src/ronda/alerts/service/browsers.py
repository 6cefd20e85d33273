"""Browsers that subscribed to notifications: addresses of their persons, their own addresses sealed."""

from hashlib import sha256
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.alerts.channels import push
from ronda.alerts.channels.push_seal import raw64
from ronda.alerts.models import Address, Channel
from ronda.alerts.service import addresses, channels
from ronda.alerts.service.addresses import AddressRefused

#: Endpoints of the large push services have 150 to 600 letters.
LONGEST = 1500
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def channel() -> Channel | None:
    """The channel that browsers subscribe to; None where no administrator made one."""
    return channels.present().filter(kind=push.KIND.name, active=True).first()


def public_key(of: Channel) -> str:
    """What a browser needs to subscribe."""
    return push.public_key(channels.settings_of(of))


def subscribe(person: Person, keys: dict[str, str], user_agent: str, source: str = "") -> Address:
    """The address of a browser that this person uses; the same browser again is the same address.

    Raises:
        AddressRefused: its keys or its endpoint are none, or no channel is in use.
    """
    by = channel()
    endpoint = keys.get("endpoint", "")
    if by is None:
        raise AddressRefused(_("Notifications in browsers are not in use."))
    parts = urlsplit(endpoint)
    right = ("http", "https") if by.local else ("https",)
    if parts.scheme not in right or not parts.hostname or len(endpoint) > LONGEST:
        raise AddressRefused(_("This browser names no push service that can be reached."))
    try:
        well = len(raw64(keys.get("p256dh", ""))) == 65 and len(raw64(keys.get("auth", ""))) == 16
    except ValueError:
        well = False
    if not well:
        raise AddressRefused(_("The keys of this browser cannot be read. Subscribe there again."))
    return addresses.add(
        person,
        by,
        f"browser-{sha256(endpoint.encode()).hexdigest()[:24]}",
        person,
        source,
        name=named(user_agent),
        proved=True,
        keys={name: keys[name] for name in ("endpoint", "p256dh", "auth")},
    )


def named(user_agent: str) -> str:
    """What people call such a browser: "Chrome, Android"."""
    found = (
        next((name for mark, name in marks if mark in user_agent), "")
        for marks in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in found if name)
