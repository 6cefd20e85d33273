"""Active users as the older system's script sends and keeps them, read with care: pure.

`{"ip", "mac", "uptime", "bytes_in", "bytes_out"}`; numbers may be texts, the uptime seconds or
RouterOS's own spelling. A `user` is taken where a script knows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ronda.hotspot.rules.amounts import Amount
from ronda.hotspot.rules.readings import Active
from ronda.hotspot.rules.values import Unreadable, read_duration

MOST_ROWS = 20_000
MOST = 1 << 62
_LONGEST_TEXT = 64
_LONGEST_NUMBER = 18
#: What RouterOS and the script's library call the same things.
_SPELLINGS = {
    "ip": ("ip", "address"),
    "mac": ("mac", "mac-address", "mac_address"),
    "uptime": ("uptime",),
    "bytes_in": ("bytes_in", "bytes-in"),
    "bytes_out": ("bytes_out", "bytes-out"),
    "user": ("user", "name"),
}


class WrongRow(ValueError):
    """A row is not what it should be: its number from 1 (0 for the whole) and the field concerned."""

    def __init__(self, number: int, field: str) -> None:
        super().__init__(f"row {number}: {field}")
        self.number = number
        self.field = field


def rows_of(records: Iterable[Any]) -> tuple[Active, ...]:
    """The rows of one batch; a device that comes twice counts once, with its last row.

    Raises:
        WrongRow: one is not an object, or a field is missing or of the wrong kind.
    """
    found: dict[str, Active] = {}
    for number, record in enumerate(records, 1):
        if number > MOST_ROWS:
            raise WrongRow(0, "rows")
        if not isinstance(record, Mapping):
            raise WrongRow(number, "row")
        row = _row(number, record)
        found[row.id] = row
    return tuple(found.values())


def _row(number: int, record: Mapping[str, Any]) -> Active:
    address = _text(number, record, "ip")
    mac = _text(number, record, "mac").upper()
    if not address and not mac:
        raise WrongRow(number, "ip")
    amount = Amount(
        _count(number, record, "bytes_in"),
        _count(number, record, "bytes_out"),
        _seconds(number, record),
    )
    user = _text(number, record, "user")
    return Active(mac or address, user, "", mac, address, amount)


def _found(record: Mapping[str, Any], field: str) -> Any:
    return next((record[name] for name in _SPELLINGS[field] if record.get(name) is not None), None)


def _text(number: int, record: Mapping[str, Any], field: str) -> str:
    value = _found(record, field)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise WrongRow(number, field)
    return value.strip()


def _count(number: int, record: Mapping[str, Any], field: str) -> int:
    value = _found(record, field)
    if isinstance(value, str):
        tidy = value.strip()
        if tidy and not (tidy.isascii() and tidy.isdigit() and len(tidy) <= _LONGEST_NUMBER):
            raise WrongRow(number, field)
        value = int(tidy) if tidy else None
    return _whole(number, field, value)


def _seconds(number: int, record: Mapping[str, Any]) -> int:
    value = _found(record, "uptime")
    if isinstance(value, str):
        try:
            value = read_duration(value[:_LONGEST_TEXT])
        except Unreadable:
            raise WrongRow(number, "uptime") from None
    return _whole(number, "uptime", value)


def _whole(number: int, field: str, value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST:
        raise WrongRow(number, field)
    return value
