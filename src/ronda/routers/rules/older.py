"""The older system's settings of a router (17 fields) as ours, and back.

Its fields contradict each other easily: it knows `version`, `useSSL` and `port`, and nothing of
services. What they must mean is decided here and nowhere else:

- `useSSL` is an order: then only TLS is spoken, never less. Without it Ronda finds out, and TLS is
  taken where the router offers it.
- `version` v7 with a web port means REST; everything else means the API.
- A port that belongs to another service is a contradiction; it is named with two repairs, never
  swallowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ronda.routers.rules.settings import (
    REST,
    TLS,
    USUAL_PORT,
    Problem,
    RouterSettings,
    contradictions_of,
)

DEFAULTS: Mapping[str, Any] = {
    "port": 8728,
    "version": "v6",
    "useSSL": False,
    "timeout": 10_000,
    "isActive": True,
}
_TEXTS = {
    "name": "name",
    "host": "host",
    "username": "user",
    "hotspotInterface": "hotspot_interface",
    "hotspotName": "hotspot_name",
    "defaultProfile": "default_profile",
}
_WEB = frozenset({80, 443})
#: Fields of the older object that say what happened and not what is wanted; they are passed over.
_TOLD = frozenset(
    {"id", "connectionStatus", "lastConnected", "errorMessage", "createdAt", "updatedAt"}
)
#: Where a problem of ours is in the older object.
FIELDS: Mapping[str, str] = {ours: theirs for theirs, ours in _TEXTS.items()} | {
    "timeout_ms": "timeout",
    "transport": "useSSL",
    "version_hint": "version",
    "active": "isActive",
}


@dataclass(frozen=True, slots=True)
class Read:
    """What an older object says: settings, password, what does not fit, fields nobody knows.

    `repaired` are the settings with every proposal taken; they equal `settings` when all fits.
    """

    settings: RouterSettings
    password: str
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...]
    repaired: RouterSettings

    def __repr__(self) -> str:
        return f"Read({self.settings.name!r})"


def read_older(given: Mapping[str, Any]) -> Read:
    """An older settings object as ours. Fields of a wrong type are problems; none is guessed."""
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for theirs, ours in _TEXTS.items():
        values[ours] = _text(given.get(theirs), theirs, problems)
    password = _text(given.get("password"), "password", problems)
    port = _number(given, "port", problems)
    values["timeout_ms"] = _number(given, "timeout", problems)
    values["active"] = _truth(given, "isActive", problems)
    version = _text(given.get("version", DEFAULTS["version"]), "version", problems).lower()
    if version not in {"v6", "v7"}:
        problems.append(Problem("unknown", "version", {"allowed": "v6, v7"}))
        version = "v6"
    tls = _truth(given, "useSSL", problems)
    settings = RouterSettings(**values, **_way(port, tls=tls, version=version))
    found = [_in_their_words(problem) for problem in contradictions_of(settings)]
    repaired = _repaired(settings)
    unknown = tuple(sorted(set(map(str, given)) - {*_TEXTS, *DEFAULTS, *_TOLD, "password"}))
    return Read(settings, password, (*problems, *found), unknown, repaired)


def _way(port: int, *, tls: bool, version: str) -> dict[str, Any]:
    rest = version == "v7" and port in _WEB
    if rest or (version == "v6" and port in _WEB):
        transport = "rest-https" if tls or port == 443 else "rest-http"
    else:
        transport = "api-ssl" if tls else "api"
    # The usual port of plain API is what the older system filled in by itself: no choice of anybody.
    by_itself = not tls and port == USUAL_PORT["api"]
    return {
        "version_hint": version,
        "prefer": "auto" if by_itself else "pinned",
        "transport": "" if by_itself else transport,
        "port": None if port == USUAL_PORT[transport] else port,
        "plain_rest": transport == "rest-http",
    }


def _in_their_words(problem: Problem) -> Problem:
    return Problem(
        problem.code, FIELDS.get(problem.field, problem.field), problem.values, problem.proposal
    )


def _repaired(settings: RouterSettings) -> RouterSettings:
    for problem in contradictions_of(settings):
        settings = replace(settings, **problem.proposal)
    return settings


def _text(value: Any, field: str, problems: list[Problem]) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    problems.append(Problem("not_text", field))
    return ""


def _number(given: Mapping[str, Any], field: str, problems: list[Problem]) -> int:
    value = given.get(field)
    if value is None:
        return int(DEFAULTS[field])
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    problems.append(Problem("not_number", field))
    return int(DEFAULTS[field])


def _truth(given: Mapping[str, Any], field: str, problems: list[Problem]) -> bool:
    value = given.get(field)
    if value is None:
        return bool(DEFAULTS[field])
    if isinstance(value, bool):
        return value
    problems.append(Problem("not_truth", field))
    return bool(DEFAULTS[field])


def write_older(settings: RouterSettings) -> dict[str, Any]:
    """What a person set, as the older object's fields; the password is not among them."""
    transport = settings.transport or "api"
    found: dict[str, Any] = {
        theirs: getattr(settings, ours) or (None if theirs.startswith(("hotspot", "def")) else "")
        for theirs, ours in _TEXTS.items()
    }
    return found | {
        "port": settings.port or USUAL_PORT[transport],
        "version": settings.version_hint or ("v7" if transport in REST else "v6"),
        "useSSL": transport in TLS,
        "timeout": settings.timeout_ms,
        "isActive": settings.active,
    }
