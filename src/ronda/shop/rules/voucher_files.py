"""Vouchers as files: what an export holds, a script a router runs, and a list of codes that is read.

No spreadsheet runs a cell of the CSV, and no name can leave the quotes of the script.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ronda.devices.rules.text import guard, unguard
from ronda.hotspot.rules.hours_entries import quoted
from ronda.shop.rules import codes
from ronda.shop.rules.codes import BadCode

#: More lines in one file is another list than one of vouchers.
MOST_LINES = 20_000
_CODE = frozenset({"code", "kode", "voucher", "username", "user", "name", "nama pengguna"})
_PASSWORD = frozenset({"password", "sandi", "kata sandi", "pass"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A code of a list, with its password where it has another."""

    code: str
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line: `code`, `twice`, `password`, `empty` or `many`."""

    line: int
    what: str
    text: str = ""


def read_list(text: str) -> tuple[list[Entry], list[Problem]]:
    """The codes of a CSV or of lines with one code each, and what is wrong with them.

    The first line may hold headings; without, the first column is the code and the second its password.
    """
    lines = text.lstrip("\ufeff").splitlines()
    if len(lines) > MOST_LINES:
        return [], [Problem(MOST_LINES + 1, "many")]
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
    at_code, at_password, first = _columns(rows[0] if rows else [])
    entries: list[Entry] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, row in enumerate(rows[first:], first + 1):
        if not any(row):
            continue
        cells = [unguard(cell) for cell in row]
        code = cells[at_code] if at_code < len(cells) else ""
        password = cells[at_password] if at_password < len(cells) else ""
        problem = _problem(code, password, seen)
        if problem:
            problems.append(Problem(number, problem, code[:64]))
            continue
        seen.add(code)
        entries.append(Entry(code, "" if password == code else password))
    if not entries and not problems:
        problems.append(Problem(1, "empty"))
    return entries, problems


def _columns(head: Sequence[str]) -> tuple[int, int, int]:
    """Where code and password stand, and where the first entry is."""
    names = [cell.lower() for cell in head]
    code = next((place for place, name in enumerate(names) if name in _CODE), None)
    if code is None:
        return 0, 1, 0
    password = next(
        (place for place, name in enumerate(names) if name in _PASSWORD), len(names) + 99
    )
    return code, password, 1


def _problem(code: str, password: str, seen: set[str]) -> str:
    try:
        codes.check_chosen(code)
    except BadCode:
        return "code"
    if code in seen:
        return "twice"
    if len(password) > 64 or not password.isprintable():
        return "password"
    return ""


def write_csv(head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """CSV by RFC 4180, with the mark by which Excel knows UTF-8, and formula-safe cells."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    for row in rows:
        writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def write_script(users: Iterable[Mapping[str, str]]) -> bytes:
    """A script for `/import` of RouterOS 6 and 7 that adds these users; one that exists is left alone."""
    lines = ["# Hotspot users; /import file-name=...", "/ip hotspot user"]
    for texts in users:
        values = " ".join(f"{name}={quoted(text)}" for name, text in texts.items() if text)
        lines.append(f":do {{ add {values} }} on-error={{ }}")
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
