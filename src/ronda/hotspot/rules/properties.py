"""What Ronda keeps of a hotspot user and a profile, and when two spellings of a value are the same.

Names and defaults as in the property trees of RouterOS 7.9 to 7.24 and the v6 manual; a property
that is absent from a row has its default. Quotas belong to users: a profile has no `uptime-limit`
and no `limit-bytes-…` in any version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ronda.hotspot.rules import rate_limit
from ronda.hotspot.rules.values import NOTHING, TRUE, Unreadable, read_amount, read_duration


class Sort(StrEnum):
    """What a value is made of, hence when two texts mean the same."""

    TEXT = "text"
    DURATION = "duration"
    COUNT = "count"
    FLAG = "flag"
    RATE_LIMIT = "rate_limit"
    MAC = "mac"


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its sort, and what it is where a row does not have it."""

    sort: Sort
    default: str = ""


USER: Mapping[str, Property] = {
    "profile": Property(Sort.TEXT, "default"),
    "limit-uptime": Property(Sort.DURATION),
    "limit-bytes-in": Property(Sort.COUNT),
    "limit-bytes-out": Property(Sort.COUNT),
    "limit-bytes-total": Property(Sort.COUNT),
    "mac-address": Property(Sort.MAC),
    "address": Property(Sort.TEXT),
    "comment": Property(Sort.TEXT),
    "disabled": Property(Sort.FLAG),
}

PROFILE: Mapping[str, Property] = {
    "rate-limit": Property(Sort.RATE_LIMIT),
    "shared-users": Property(Sort.COUNT, "1"),
    "session-timeout": Property(Sort.DURATION),
    "idle-timeout": Property(Sort.DURATION),
    "keepalive-timeout": Property(Sort.DURATION, "2m"),
    "status-autorefresh": Property(Sort.DURATION, "1m"),
    "address-pool": Property(Sort.TEXT, "none"),
    "parent-queue": Property(Sort.TEXT, "none"),
    "address-list": Property(Sort.TEXT),
    "add-mac-cookie": Property(Sort.FLAG, "true"),
    "mac-cookie-timeout": Property(Sort.DURATION, "3d"),
    "on-login": Property(Sort.TEXT),
    "on-logout": Property(Sort.TEXT),
}

#: By the word that tables and addresses use.
TABLES: Mapping[str, Mapping[str, Property]] = {"user": USER, "profile": PROFILE}


def whole(kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """All properties of an item, those that are not given at their default.

    Raises:
        KeyError: there is no such kind.
    """
    return {name: values.get(name, what.default) for name, what in TABLES[kind].items()}


def canonical(what: Property, text: str | None) -> str:
    """One spelling for all that mean the same: `7200s`, `2h` and `02:00:00` are equal.

    A text that cannot be read stays as it is: it then equals only itself.
    """
    told = what.default if text is None else text
    try:
        return _READERS[what.sort](told)
    except Unreadable:
        return told


def _duration(text: str) -> str:
    # A limit of nought is no limit (RouterOS removes it).
    return str(read_duration(text) or "")


def _count(text: str) -> str:
    return "unlimited" if text.strip() == "unlimited" else str(read_amount(text) or "")


def _text(text: str) -> str:
    return "" if text == "none" else text.replace("\r\n", "\n")


def _rate_limit(text: str) -> str:
    return "" if text in NOTHING else rate_limit.render(rate_limit.parse(text))


def _flag(text: str) -> str:
    return "true" if text in TRUE else "false"


def _mac(text: str) -> str:
    return "" if text == "00:00:00:00:00:00" else text.upper()


_READERS = {
    Sort.TEXT: _text,
    Sort.DURATION: _duration,
    Sort.COUNT: _count,
    Sort.FLAG: _flag,
    Sort.RATE_LIMIT: _rate_limit,
    Sort.MAC: _mac,
}


def differing(
    table: Mapping[str, Property], wanted: Mapping[str, str], held: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Properties that do not mean the same, as (wanted, held) texts; only those `wanted` names.

    Both rows are as the router writes them. Properties that are not in the table are never compared.
    """
    return {
        name: (text, held.get(name, table[name].default))
        for name, text in wanted.items()
        if name in table and canonical(table[name], text) != canonical(table[name], held.get(name))
    }
