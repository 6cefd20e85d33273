"""What a router does by itself about vouchers that end while Ronda is away: scheduler entries, the same for 6 and 7.

An entry begins at a moment that was worked out here, is written in the router's own time and spelling, and
comes again every hour, so that a power cut at that moment only delays it. Its script names users and calculates
nothing: strings of dates changed with RouterOS 7.10, and what cuts pieces out of them broke there. Disabling who
is disabled changes nothing, so an entry may run as often as it likes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ronda.hotspot.rules.clock import date_for, read_date
from ronda.hotspot.rules.hours_entries import Repair
from ronda.hotspot.rules.values import Unreadable, is_true, read_duration

PREFIX = "ronda-end-"
COMMENT = "Ronda: ends vouchers while Ronda is away"
INTERVAL = "1h"
#: Ronda comes first where it is here; and whoever extends a voucher late has the entry changed in time.
GRACE = timedelta(minutes=30)
#: Ends this near have an entry of their hour, later ones one of six hours, so that a router holds few.
NEAR = timedelta(hours=48)
FAR = timedelta(days=30)
MOST_USERS = 50
MOST_ENTRIES = 200
_HOUR, _SIX_HOURS = timedelta(hours=1), timedelta(hours=6)
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
#: Names that need no quoting in a script: codes of our own making are all of this kind.
_PLAIN = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_NAMED = re.compile(r' name="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Living:
    """A voucher in use that ends by the calendar, as its hotspot user."""

    name: str
    server: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """The users of one entry, and when it begins."""

    name: str
    at: datetime
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All entries of a router; `left_out` vouchers end there only by their time online."""

    groups: tuple[Group, ...]
    left_out: int

    @property
    def users(self) -> int:
        """How many vouchers end."""
        return sum(len(group.users) for group in self.groups)


def plan(living: Sequence[Living], now: datetime) -> Plan:
    """The entries for what ends within a month, the nearest ends first.

    Left out are names that would need quoting, users of one server only, whose names may be there twice,
    and what lies beyond the last entry a router is given.
    """
    by_moment: dict[datetime, list[str]] = {}
    for one in sorted(living, key=lambda one: one.ends):
        if one.server == "all" and _PLAIN.fullmatch(one.name) and now < one.ends <= now + FAR:
            by_moment.setdefault(moment_of(one.ends, now), []).append(one.name)
    groups = [
        Group(
            f"{PREFIX}{at:%Y%m%dT%H}-{first // MOST_USERS}", at, tuple(names[first:][:MOST_USERS])
        )
        for at, names in sorted(by_moment.items())
        for first in range(0, len(names), MOST_USERS)
    ]
    kept = Plan(tuple(groups[:MOST_ENTRIES]), 0)
    return Plan(kept.groups, len(living) - kept.users)


def moment_of(ends: datetime, now: datetime) -> datetime:
    """When the entry of an end begins: at the next full hour, or of six for what is far."""
    late = ends + GRACE
    step = _HOUR if ends - now <= NEAR else _SIX_HOURS
    return late + (_BEGIN - late) % step


def script(users: Iterable[str]) -> str:
    """What the router does: nobody of these comes in, and who is in is put out."""
    names = sorted(users)
    by_name, by_user = (
        " or ".join(f'{word}="{name}"' for name in names) for word in ("name", "user")
    )
    return (
        f"/ip hotspot user disable [find where {by_name}]\n"
        f"/ip hotspot cookie remove [find where {by_user}]\n"
        f"/ip hotspot active remove [find where {by_user}]"
    )


def entries(found: Plan, minutes_ahead: int, *, iso: bool) -> dict[str, dict[str, str]]:
    """Every scheduler entry by its name, as it is added.

    Args:
        found: the plan.
        minutes_ahead: the router's zone.
        iso: whether this RouterOS writes dates as 2026-11-21 (7.10 and later).
    """
    wanted = {}
    for group in found.groups:
        local = group.at + timedelta(minutes=minutes_ahead)
        wanted[group.name] = {
            "name": group.name,
            "start-date": date_for(local, iso=iso),
            "start-time": f"{local:%H:%M:%S}",
            "interval": INTERVAL,
            "on-event": script(group.users),
            "policy": "read,write",
            "comment": COMMENT,
        }
    return wanted


def repair(wanted: Mapping[str, Mapping[str, str]], held: Iterable[Mapping[str, str]]) -> Repair:
    """What differs between the wanted entries and those of ours that a router holds; others are never touched."""
    change, remove, seen = [], [], set()
    for row in ours(held):
        entry = wanted.get(row["name"])
        if entry is None or row["name"] in seen:
            remove.append(row[".id"])
            continue
        seen.add(row["name"])
        if not _same(entry, row):
            change.append((row[".id"], {**entry, "disabled": "no"}))
    add = tuple(entry for name, entry in wanted.items() if name not in seen)
    return Repair(add, tuple(change), tuple(remove))


def ours(held: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The rows of our entries."""
    return [row for row in held if row.get("name", "").startswith(PREFIX)]


def fired(held: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """The users whom entries have ended already, on this router."""
    return frozenset(
        name
        for row in ours(held)
        if row.get("run-count", "0") != "0"
        for name in _NAMED.findall(row.get("on-event", "").partition("\n")[0])
    )


def _same(entry: Mapping[str, str], row: Mapping[str, str]) -> bool:
    return (
        not is_true(row.get("disabled"))
        and row.get("on-event", "").replace("\r\n", "\n") == entry["on-event"]
        and row.get("start-time") == entry["start-time"]
        and read_date(row.get("start-date", "")) == read_date(entry["start-date"])
        and _length(row.get("interval", "")) == _length(INTERVAL)
    )


def _length(text: str) -> int | None:
    try:
        return read_duration(text)
    except Unreadable:
        return None
