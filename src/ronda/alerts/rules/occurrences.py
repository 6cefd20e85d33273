"""What people may be told of, and which rule speaks of it: pure.

An occurrence is one trouble from its beginning to its end. What does not last (an ONT lost for the
third time today) begins, is told of, and never ends: nobody escalates, repeats or recovers it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class What(StrEnum):
    """What may happen; the names are kept in the database and in rules."""

    OUTAGE = "outage"
    MASS = "mass"  # an outage of many ONTs: only rules speak of it, occurrences carry their size
    REPEATED = "repeated"
    ROUTER = "router"
    HEALTH = "health"
    USE = "use"
    LIMIT = "limit"
    PAYMENT = "payment"
    BACKUP = "backup"
    BLIND = "blind"
    DISK = "disk"


class Severity(StrEnum):
    """How bad it is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One trouble. `size` counts its ONTs at most; empty `sites` means the installation itself.

    `parent` names the occurrence that explains this one, "" for none.
    """

    key: str
    what: What
    opened_at: datetime
    severity: Severity = Severity.WARNING
    closed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    maintenance: bool = False
    parent: str = ""
    size: int = 1
    lasting: bool = True
    sites: frozenset[int] = frozenset()
    areas: frozenset[int] = frozenset()
    categories: frozenset[str] = frozenset()


class By(StrEnum):
    """By what a rule names those who are told."""

    PERSON = "person"
    ROLE = "role"
    ROTA = "rota"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step names: the key of a person or chat, a role, or the number of a rota."""

    by: By
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told so long after the hold, unless somebody acknowledged before."""

    after: timedelta
    to: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is told of what, where and when. Empty sets of places mean everywhere.

    `since` is when it began to speak: what was open before is not its business. `wakes` disregards
    quiet hours. `gathered` rules speak in digests only.
    """

    id: int
    whats: frozenset[What]
    steps: tuple[Step, ...]
    since: datetime
    active: bool = True
    hold: timedelta = timedelta()
    repeat: timedelta | None = None
    wakes: bool = False
    gathered: bool = False
    mass_from: int = 10
    sites: frozenset[int] = frozenset()
    areas: frozenset[int] = frozenset()
    categories: frozenset[str] = frozenset()


def matches(rule: Rule, occurrence: Occurrence) -> bool:
    """Whether the rule speaks of this: what it is, where it is, and not older than the rule."""
    return (
        occurrence.opened_at >= rule.since
        and _speaks_of(rule, occurrence)
        and _among(rule.sites, occurrence.sites)
        and _among(rule.areas, occurrence.areas)
        and _among(rule.categories, occurrence.categories)
    )


def _speaks_of(rule: Rule, occurrence: Occurrence) -> bool:
    many = occurrence.what == What.OUTAGE and occurrence.size >= rule.mass_from
    return occurrence.what in rule.whats or (many and What.MASS in rule.whats)


def _among(wanted: frozenset[int] | frozenset[str], found: frozenset[int] | frozenset[str]) -> bool:
    return not wanted or not wanted.isdisjoint(found)
