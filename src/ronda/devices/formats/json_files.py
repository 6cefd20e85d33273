"""The JSON lists of the older systems, and which of them a file is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ronda.devices.formats.errors import (
    FileDangerous,
    FileEmpty,
    FileTooLarge,
    FileTruncated,
    FileUnreadable,
)
from ronda.devices.formats.listing import Kind, Limits, Listing
from ronda.devices.rules.columns import fold, recognised
from ronda.devices.rules.rows import RawRow

#: Keys under which other programs wrap their list.
_WRAPPERS = ("onts", "ont", "data", "items", "records", "results", "wifi", "rows")
_LONGEST_NUMBER = 300


def _number(text: str) -> float:
    return int(text) if len(text) <= _LONGEST_NUMBER else float("inf")


def parse_json(text: str, limits: Limits) -> Any:
    """The document; NaN and Infinity come back as None.

    Raises:
        FileTruncated: it ends in the middle; says where, and how many records were whole.
        FileUnreadable: a mistake at a line and column.
        FileDangerous: nested deeper than any list is.
        FileTooLarge: more records than we take, told before they are built.
    """
    most = 4 * limits.rows + 1000
    if text.count("{") > most or text.count("[") > most:
        raise FileTooLarge("too_many_rows", limit=limits.rows)
    try:
        return json.loads(text, parse_int=_number, parse_constant=lambda _: None)
    except json.JSONDecodeError as wrong:
        if _is_cut(text, wrong):
            raise FileTruncated(
                "json_cut_off", row=wrong.lineno, column=wrong.colno, records=_whole_records(text)
            ) from None
        near = text[wrong.pos : wrong.pos + 20]
        raise FileUnreadable("json_mistake", row=wrong.lineno, column=wrong.colno, near=near) from (
            None
        )
    except RecursionError:
        raise FileDangerous("nested_too_deep") from None


def _is_cut(text: str, wrong: json.JSONDecodeError) -> bool:
    rest = text[wrong.pos :].strip()
    return "Unterminated" in wrong.msg or (len(rest) <= 6 and not rest.endswith(("]", "}")))


def _whole_records(text: str) -> int:
    """How many records of a cut list can still be read; told to people, never imported."""
    decoder = json.JSONDecoder(parse_int=_number)
    at = text.find("[") + 1
    count = 0
    while at > 0:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            _, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        count += 1
    return count


def read_records(document: Any, limits: Limits) -> Listing:
    """Read a parsed document as one of the older systems' files.

    Raises:
        FormatError: the document is no list of records, or none that we know.
    """
    records = _records_of(document)
    if len(records) > limits.rows:
        raise FileTooLarge("too_many_rows", limit=limits.rows)
    if not records:
        return Listing(Kind.EMPTY, "json", [])
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise FileUnreadable("record_expected", row=number, found=type(record).__name__)
        if len(record) > limits.columns:
            raise FileTooLarge("too_many_columns", row=number, limit=limits.columns)
    kind = _kind_of(records)
    if kind is None:
        raise FileUnreadable("json_unknown", row=1, found=", ".join(map(str, records[0]))[:200])
    return Listing(kind, "json", [RawRow(n, r) for n, r in enumerate(records, 1)])


def _records_of(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise FileUnreadable("json_no_list", found=type(document).__name__)
    if not document:
        raise FileEmpty("empty_file")
    for key, value in document.items():
        if isinstance(value, list) and fold(key) in _WRAPPERS:
            return value
    values = list(document.values())
    if all(isinstance(v, str) for v in values) and not recognised(document):
        return [{"id": key, "status": value} for key, value in document.items()]
    if all(isinstance(v, dict) for v in values):
        return [{"id": key, **value} for key, value in document.items()]
    return [document]


def _kind_of(records: Iterable[Mapping[str, Any]]) -> Kind | None:
    """By the keys of the first record that has a telling set of them."""
    for record in records:
        keys = {fold(k) for k in record if isinstance(k, str)}
        if {"message", "timestamp"} <= keys:
            return Kind.NOTIFICATIONS
        if {"ontid", "starttime"} <= keys:
            return Kind.OUTAGES
        if {"timestamp", "users"} <= keys:
            users = next(v for k, v in record.items() if fold(k) == "users")
            return Kind.USER_LOG if isinstance(users, list) else Kind.HISTORY
        if "status" in keys and keys <= {"id", "ip", "status", "rtocount", "laston"}:
            return Kind.STATUS_CACHE
        if recognised(record) >= 2:
            return Kind.ONTS
    return None
