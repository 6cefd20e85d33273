"""Places outside that may be called, where an owner lists them: host names with what lies below, and networks."""

import contextlib
import ipaddress
from collections.abc import Sequence


def is_listed(host: str, places: Sequence[str]) -> bool:
    """Whether this host, a name or an address, is among the places; with none listed every host is."""
    if not places:
        return True
    host = host.strip("[]").rstrip(".").lower()
    return any(_is_in(host, place.strip().lower()) for place in places)


def _is_in(host: str, place: str) -> bool:
    with contextlib.suppress(ValueError):
        network = ipaddress.ip_network(place, strict=False)
        try:
            return ipaddress.ip_address(host) in network
        except ValueError:
            return False
    name = place.removeprefix("*.").strip(".")
    return host == name or host.endswith(f".{name}")
