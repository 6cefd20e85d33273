"""Which gateways there are; a new one is one line here."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from urllib.parse import urlsplit

from ronda.shop.payments import duitku, midtrans, tripay, xendit
from ronda.shop.payments.errors import NotSetUp
from ronda.shop.payments.port import Credentials, Gateway, Need


@dataclass(frozen=True, slots=True)
class Kind:
    """One gateway before anybody entered credentials; `channels` are proposals, the usual one first."""

    label: str
    live: str
    sandbox: str
    needs: tuple[Need, ...]
    channels: tuple[str, ...]
    open: Callable[[Credentials, str], Gateway]


def _kind(module: ModuleType) -> Kind:
    return Kind(
        label=module.LABEL,
        live=module.LIVE,
        sandbox=module.SANDBOX,
        needs=module.NEEDS,
        channels=module.CHANNELS,
        open=module.open_gateway,
    )


KINDS: Mapping[str, Kind] = {
    "tripay": _kind(tripay),
    "duitku": _kind(duitku),
    "midtrans": _kind(midtrans),
    "xendit": _kind(xendit),
}


def open_gateway(kind: str, credentials: Credentials) -> Gateway:
    """The gateway of a method.

    Raises:
        NotSetUp: a credential is missing, or `base_url` is not on this machine.
    """
    found = KINDS[kind]
    missing = [need.label for need in found.needs if not credentials.values.get(need.name)]
    if missing:
        raise NotSetUp(f"{found.label}: {', '.join(missing)}")
    base = found.live if credentials.live else found.sandbox
    if credentials.base_url:
        if not _on_this_machine(credentials.base_url):
            raise NotSetUp(f"{found.label}: a fake gateway must be on this machine")
        base = credentials.base_url.rstrip("/")
    return found.open(credentials, base)


def _on_this_machine(url: str) -> bool:
    """Whether an address leads to loopback, by number: a name could lead anywhere tomorrow."""
    parts = urlsplit(url)
    try:
        return (
            parts.scheme == "http"
            and parts.username is None
            and ipaddress.ip_address(parts.hostname or "").is_loopback
        )
    except ValueError:
        return False
