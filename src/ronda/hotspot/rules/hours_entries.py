"""Hours of access as scheduler entries of a router: the same text for RouterOS 6 and 7.

An entry runs on one weekday every week (interval 1w from a start date of that weekday), or daily
where all seven days are alike. It holds only names and properties that both versions have; the date
is written as the router writes dates. Scripts: MikroTik manual, "Scripting"; a string escapes
`"`, `\\`, `$` and `?`, and bytes outside ASCII as `\\XX`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ronda.hotspot.rules.clock import date_for, read_date
from ronda.hotspot.rules.values import Unreadable, is_true, read_duration
from ronda.hotspot.rules.windows import DAY, DAYS, Edge, write_time

PREFIX = "ronda-hours-"
#: More names in one script no router should carry; Ronda keeps the hours itself then.
MOST_EXCEPTIONS = 200


@dataclass(frozen=True, slots=True)
class Whom:
    """Whose hours: everybody of a profile, or one user; `kept_off` are left disabled when it opens.

    `apart` are users with hours of their own, whom the hours of a profile never touch.
    """

    kind: str
    name: str
    kept_off: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


def quoted(text: str) -> str:
    """A text as a string of a RouterOS script."""
    escaped = []
    for byte in text.encode():
        character = chr(byte)
        if character in '"\\$?':
            escaped.append("\\" + character)
        elif 32 <= byte < 127:
            escaped.append(character)
        else:
            escaped.append(f"\\{byte:02X}")
    return '"' + "".join(escaped) + '"'


def script(whom: Whom, *, opens: bool) -> str:
    """What the router does when it opens or closes."""
    what = "profile" if whom.kind == "profile" else "name"
    those = f"{what}={quoted(whom.name)}" + _but(whom.apart)
    if opens:
        spared = _but(set(whom.kept_off) - set(whom.apart))
        return f"/ip hotspot user enable [find where {those} and disabled=yes{spared}]"
    each = "[/ip hotspot user get $i name]"
    return (
        f"/ip hotspot user disable [find where {those} and disabled=no]\n"
        f":foreach i in=[/ip hotspot user find where {those}] do={{"
        f" /ip hotspot cookie remove [find where user={each}];"
        f" /ip hotspot active remove [find where user={each}] }}"
    )


def _but(names: Iterable[str]) -> str:
    return "".join(f" and name!={quoted(name)}" for name in sorted(names))


def entries(
    number: int, whom: Whom, edges: Sequence[Edge], now: datetime, minutes_ahead: int, *, iso: bool
) -> dict[str, dict[str, str]]:
    """Every scheduler entry by its name, as it is added.

    Args:
        number: of the hours, so that several do not mix.
        whom: whose hours they are.
        edges: in minutes of the router's own week.
        now: our time; start dates lie in the week that begins then.
        minutes_ahead: the router's zone.
        iso: whether this RouterOS writes dates as 2026-11-21 (7.10 and later).
    """
    found = {}
    for edge in edges:
        day, minute = divmod(edge.minute, DAY)
        word = "open" if edge.opens else "close"
        name = f"{PREFIX}{number}-{word}-{DAYS[day]}-{write_time(minute).replace(':', '')}"
        found[name] = {
            "name": name,
            "start-date": date_for(_next(now, minutes_ahead, day), iso=iso),
            "start-time": f"{write_time(minute)}:00",
            "interval": "1w",
            "on-event": script(whom, opens=edge.opens),
            "policy": "read,write",
            "comment": "Ronda: hours of access",
        }
    return found


def _next(now: datetime, minutes_ahead: int, weekday: int) -> datetime:
    local = now + timedelta(minutes=minutes_ahead)
    return local + timedelta(days=(weekday - local.weekday()) % 7)


@dataclass(frozen=True, slots=True)
class Repair:
    """What makes a router's entries as they should be."""

    add: tuple[Mapping[str, str], ...]
    change: tuple[tuple[str, Mapping[str, str]], ...]  # id, texts
    remove: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.add or self.change or self.remove)


def repair(wanted: Mapping[str, Mapping[str, str]], held: Iterable[Mapping[str, str]]) -> Repair:
    """What differs between the wanted entries and those of ours that a router holds.

    Entries of others, that is without our prefix, are never touched. A start date counts by its
    weekday only: routers move it along.
    """
    change, remove, seen = [], [], set()
    for row in held:
        name = row.get("name", "")
        if not name.startswith(PREFIX):
            continue
        entry = wanted.get(name)
        if entry is None or name in seen:
            remove.append(row[".id"])
            continue
        seen.add(name)
        if not _same(entry, row):
            change.append((row[".id"], {**entry, "disabled": "no"}))
    add = tuple(entry for name, entry in wanted.items() if name not in seen)
    return Repair(add, tuple(change), tuple(remove))


def _same(entry: Mapping[str, str], row: Mapping[str, str]) -> bool:
    return (
        not is_true(row.get("disabled"))
        and row.get("on-event", "").replace("\r\n", "\n") == entry["on-event"]
        and row.get("start-time") == entry["start-time"]
        and _length(row.get("interval", "")) == _length(entry["interval"])
        and _weekday(row.get("start-date", "")) == _weekday(entry["start-date"])
    )


def _length(text: str) -> int | None:
    try:
        return read_duration(text)
    except Unreadable:
        return None


def _weekday(text: str) -> int | None:
    day = read_date(text)
    return None if day is None else day.weekday()
