"""Lists of members as CSV: what is read from one, and what is wrong in which line. Pure."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ronda.devices.rules.text import unguard
from ronda.kernel.money import read_rupiah

MOST_LINES = 5_000
COLUMNS = (
    "name",
    "phone",
    "address",
    "router",
    "user",
    "package",
    "price",
    "starts",
    "until",
    "slow profile",
    "note",
)
_ALSO = {
    "nama": "name",
    "telepon": "phone",
    "hp": "phone",
    "alamat": "address",
    "pengguna": "user",
    "paket": "package",
    "harga": "price",
    "mulai": "starts",
    "sampai": "until",
    "paid until": "until",
    "profil lambat": "slow profile",
    "catatan": "note",
}
_NEEDED = ("name", "router", "user", "package")
_LONGEST = {"name": 80, "phone": 20, "address": 200, "user": 64, "note": 200, "slow profile": 120}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `price_idr` 0 is the package's price, dates None are not given."""

    line: int
    name: str
    phone: str
    address: str
    router: str
    user: str
    package: str
    price_idr: int
    starts: date | None
    until: date | None
    slow_profile: str
    note: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line: `columns`, `many`, `empty`, `long`, `price`, `date` or `twice`; `text` says where."""

    line: int
    what: str
    text: str = ""


def read_list(text: str) -> tuple[list[Entry], list[Problem]]:
    """The members of a CSV with headings (English or Indonesian), and what is wrong with it."""
    lines = text.lstrip("\ufeff").replace("\x00", "").splitlines()
    if len(lines) > MOST_LINES:
        return [], [Problem(MOST_LINES + 1, "many")]
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    rows = list(csv.reader(lines, delimiter=delimiter))
    heads = [_head(cell) for cell in rows[0]] if rows else []
    missing = [name for name in _NEEDED if name not in heads]
    if missing:
        return [], [Problem(1, "columns", ", ".join(missing))]
    entries: list[Entry] = []
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows[1:], 2):
        cells = dict(zip(heads, (unguard(cell.strip()) for cell in row), strict=False))
        if not any(cells.values()):
            continue
        found = _entry(number, cells)
        if isinstance(found, Problem):
            problems.append(found)
        elif (found.router.lower(), found.user) in seen:
            problems.append(Problem(number, "twice", found.user))
        else:
            seen.add((found.router.lower(), found.user))
            entries.append(found)
    return entries, problems


def _head(cell: str) -> str:
    name = cell.strip().lower()
    return _ALSO.get(name, name)


def _entry(line: int, cells: dict[str, str]) -> Entry | Problem:
    told = {name: cells.get(name, "") for name in COLUMNS}
    empty = [name for name in _NEEDED if not told[name]]
    if empty:
        return Problem(line, "empty", empty[0])
    long = [name for name, most in _LONGEST.items() if len(told[name]) > most]
    if long:
        return Problem(line, "long", long[0])
    try:
        price = read_rupiah(told["price"]) if told["price"] else 0
    except ValueError:
        return Problem(line, "price", told["price"])
    if price > 1_000_000_000:
        return Problem(line, "price", told["price"])
    dates: list[date | None] = []
    for name in ("starts", "until"):
        try:
            dates.append(date.fromisoformat(told[name]) if told[name] else None)
        except ValueError:
            return Problem(line, "date", told[name])
    starts, until = dates
    if starts and until and until < starts:
        return Problem(line, "date", told["until"])
    return Entry(
        line,
        told["name"],
        told["phone"],
        told["address"],
        told["router"],
        told["user"],
        told["package"],
        price,
        starts,
        until,
        told["slow profile"],
        told["note"],
    )


def names_of(entries: Sequence[Entry], field: str) -> set[str]:
    """The different names in one column, in lower case."""
    return {str(getattr(entry, field)).lower() for entry in entries}
