"""What is entered about a router: which values fit, which contradict each other, what would repair it.

Transports are named as in `ronda.routeros.port.Transport`: api-ssl, api, rest-https, rest-http.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ronda.kernel.addresses import AddressRefused, parse_address

TLS = frozenset({"api-ssl", "rest-https"})
REST = frozenset({"rest-https", "rest-http"})
#: The port each service of a router listens on unless somebody moved it (IP → Services).
USUAL_PORT: Mapping[str, int] = MappingProxyType(
    {"api-ssl": 8729, "api": 8728, "rest-https": 443, "rest-http": 80}
)
_SERVICE_AT = {port: transport for transport, port in USUAL_PORT.items()}
LONGEST_PASSWORD = 200
LEAST_TIMEOUT_MS, MOST_TIMEOUT_MS = 1_000, 60_000
LEAST_POLL_S, MOST_POLL_S = 30, 3_600
LENGTHS: Mapping[str, int] = MappingProxyType(
    {
        "name": 80,
        "user": 120,
        "hotspot_interface": 120,
        "hotspot_name": 120,
        "default_profile": 120,
    }
)


@dataclass(frozen=True, slots=True)
class RouterSettings:
    """Everything a person sets about a router, but its site and its password."""

    name: str
    host: str
    user: str
    port: int | None = None
    prefer: str = "auto"  # auto, rest, pinned
    transport: str = ""  # only with pinned
    plain_rest: bool = False
    trust: str = "pin"  # pin, verify, anonymous, off
    timeout_ms: int = 10_000
    poll_s: int = 300
    active: bool = True
    hotspot_interface: str = ""
    hotspot_name: str = ""
    default_profile: str = ""
    version_hint: str = ""  # v6, v7, ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit: `code` names it, `proposal` holds settings that would."""

    code: str
    field: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    proposal: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def problems_of(settings: RouterSettings) -> list[Problem]:
    """What has to be repaired before these settings can work; empty when they fit."""
    return [
        *_texts(settings),
        *_address(settings),
        *_ranges(settings),
        *contradictions_of(settings),
    ]


def password_problems(password: str) -> list[Problem]:
    """Why this cannot be a password on a router; any visible text and spaces can."""
    if len(password) > LONGEST_PASSWORD:
        return [Problem("too_long", "password", {"most": LONGEST_PASSWORD})]
    return [] if password.isprintable() else [Problem("unprintable", "password")]


def contradictions_of(settings: RouterSettings) -> list[Problem]:
    """Settings that fit by themselves and not together, each with what would make them agree."""
    found: list[Problem] = []
    if settings.prefer == "pinned":
        if settings.transport not in USUAL_PORT:
            return [Problem("transport_missing", "transport")]
        found += _wrong_port(settings)
    wants_rest = settings.prefer == "rest" or (
        settings.prefer == "pinned" and settings.transport in REST
    )
    if settings.version_hint == "v6" and wants_rest:
        found.append(
            Problem(
                "rest_on_v6",
                "version_hint",
                proposal={"prefer": "auto", "transport": "", "port": None},
            )
        )
    return found


def _wrong_port(settings: RouterSettings) -> list[Problem]:
    service = _SERVICE_AT.get(settings.port or 0)
    if service is None or service == settings.transport:
        return []
    usual = USUAL_PORT[settings.transport]
    values = {"port": settings.port, "usual": usual, "service": service}
    same_family = (service in REST) == (settings.transport in REST)
    if same_family and settings.transport in TLS:
        return [Problem("tls_on_plain_port", "port", values, {"port": usual})]
    if same_family:
        return [Problem("plain_on_tls_port", "port", values, {"transport": service})]
    return [Problem("port_of_other_service", "port", values, {"port": usual})]


def _texts(settings: RouterSettings) -> list[Problem]:
    found = []
    for name, most in LENGTHS.items():
        text = getattr(settings, name)
        if name in {"name", "user"} and not text.strip():
            found.append(Problem("empty", name))
        elif len(text) > most:
            found.append(Problem("too_long", name, {"most": most}))
        elif not text.isprintable():
            found.append(Problem("unprintable", name))
    return found


def _address(settings: RouterSettings) -> list[Problem]:
    try:
        # A router behind an SSH tunnel, and every simulated one, is on loopback.
        parse_address(settings.host, loopback=True)
    except AddressRefused as refused:
        return [Problem("address", "host", {"reason": refused.reason.value})]
    return []


def _ranges(settings: RouterSettings) -> list[Problem]:
    found = []
    if settings.port is not None and not 1 <= settings.port <= 65_535:
        found.append(Problem("range", "port", {"least": 1, "most": 65_535}))
    for name, least, most in (
        ("timeout_ms", LEAST_TIMEOUT_MS, MOST_TIMEOUT_MS),
        ("poll_s", LEAST_POLL_S, MOST_POLL_S),
    ):
        if not least <= getattr(settings, name) <= most:
            found.append(Problem("range", name, {"least": least, "most": most}))
    for name, allowed in (
        ("prefer", ("auto", "rest", "pinned")),
        ("trust", ("pin", "verify", "anonymous", "off")),
        ("version_hint", ("", "v6", "v7")),
    ):
        if getattr(settings, name) not in allowed:
            found.append(Problem("unknown", name, {"allowed": ", ".join(filter(None, allowed))}))
    return found
