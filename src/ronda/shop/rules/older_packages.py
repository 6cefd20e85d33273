"""The older voucher system's package object, read into the words of ours.

There `timeLimit` was what the router enforced (time online, `limit-uptime`), and `duration` a text for
people. Here those are two clocks, so an object in which they contradict each other is refused, and one
in which they say the same keeps what the router enforced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ronda.shop.rules import entries
from ronda.shop.rules.contradictions import longest_s
from ronda.shop.rules.terms import Span, SpanUnit

#: What marks an object as one of the older system.
MARKS = frozenset({"mikrotikProfile", "timeLimit", "dataLimit", "autoCreate", "syncWithMikrotik"})


class Problem(StrEnum):
    """Why an object is refused."""

    NO_NAME = "no_name"
    NO_PRICE = "no_price"
    NO_FLAG = "no_flag"
    NO_TEXT = "no_text"
    ENDS_BEFORE_ITS_TIME = "ends_before_its_time"
    NO_PROFILE = "no_profile"


class Note(StrEnum):
    """What was decided that the object left open."""

    ONLINE_ONLY = "online_only"
    DURATION_IS_TEXT = "duration_is_text"
    ROUTERS_OWN = "routers_own"


@dataclass(slots=True)
class Older:
    """What an object says: `values` in the words of `/api/v1/packages`, and by its own key what is wrong.

    A problem is one of `Problem`, or an `entries.Why` of the text that could not be read.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Problem | entries.Why] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def is_older(given: Mapping[str, Any]) -> bool:
    """Whether an object speaks the older system's words."""
    return bool(MARKS & given.keys())


def read(given: Mapping[str, Any]) -> Older:
    """One object; keys that mean nothing here (`id`, dates) are passed over."""
    found = Older()
    name = given.get("name")
    if isinstance(name, str) and name.strip():
        found.values["name"] = name.strip()
    else:
        found.problems["name"] = Problem.NO_NAME
    _read_price(found, given)
    for key, word, default in (
        ("autoCreate", "auto_create", True),
        ("syncWithMikrotik", "sync", False),
        ("isActive", "active", True),
        ("isPopular", "popular", False),
    ):
        value = given.get(key, default)
        if isinstance(value, bool):
            found.values[word] = value
        else:
            found.problems[key] = Problem.NO_FLAG
    found.values["description"] = _text(found, given, "description")
    _read_profile(found, given)
    _read_times(found, given)
    found.values["data"] = _text(found, given, "dataLimit")
    _try(found, "dataLimit", entries.read_size)
    return found


def _read_price(found: Older, given: Mapping[str, Any]) -> None:
    price: Any = given.get("price")
    whole = isinstance(price, int) or (isinstance(price, float) and price.is_integer())
    if not whole or isinstance(price, bool) or price < 0:
        found.problems["price"] = Problem.NO_PRICE
        return
    found.values["selling_price"] = found.values["reseller_price"] = int(price)


def _read_profile(found: Older, given: Mapping[str, Any]) -> None:
    profile = _text(found, given, "mikrotikProfile")
    if not profile and found.values.get("sync"):
        found.problems.setdefault("mikrotikProfile", Problem.NO_PROFILE)
    if not profile:
        found.notes.append(Note.ROUTERS_OWN)
    found.values["profile"] = profile or "default"


def _read_times(found: Older, given: Mapping[str, Any]) -> None:
    limit, said = _text(found, given, "timeLimit"), _text(found, given, "duration")
    found.values["online_time"] = limit
    online_s = _try(found, "timeLimit", entries.read_online, limit)
    found.values["valid_for"] = ""
    try:
        duration = entries.read_span(said)
    except entries.Refused:
        found.notes.append(Note.DURATION_IS_TEXT)
        found.values["description"] = found.values["description"] or said
        return
    if duration is None:
        return
    if online_s is not None and online_s > longest_s(duration):
        found.problems["duration"] = Problem.ENDS_BEFORE_ITS_TIME
    elif online_s is not None and online_s == _fixed_s(duration):
        found.notes.append(Note.ONLINE_ONLY)
    else:
        found.values["valid_for"] = str(duration)


def _fixed_s(span: Span) -> int | None:
    return None if span.unit is SpanUnit.MONTH else longest_s(span)


def _text(found: Older, given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        found.problems[key] = Problem.NO_TEXT
        return ""
    return value.strip()


def _try(found: Older, key: str, read_text: Any, text: str | None = None) -> int | None:
    try:
        value: int | None = read_text(found.values["data"] if text is None else text)
    except entries.Refused as refused:
        found.problems[key] = refused.why
        return None
    return value


def write(values: Mapping[str, Any]) -> dict[str, Any]:
    """A package's values (the words of `/api/v1/packages`, `id` and `duration` too) as the older object."""
    return {
        "id": str(values["id"]),
        "name": values["name"],
        "description": values["description"],
        "price": values["selling_price"],
        "duration": values["duration"],
        "mikrotikProfile": values["profile"],
        "timeLimit": values["online_time"] or None,
        "dataLimit": values["data"] or None,
        "autoCreate": values["auto_create"],
        "syncWithMikrotik": values["sync"],
        "isActive": values["active"],
        "isPopular": values["popular"],
    }
