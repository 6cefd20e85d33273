"""What Mikhmon keeps on a router, read without changing anything: pure.

Mikhmon has no database: plans hide in profiles' on-login scripts (`rules.on_login`), the state of a
voucher is its user's comment, a sale is the name of a script. Source: the field notes of this project
about Mikhmon v2, v3, v4 and their forks, section 2. Times are the router's local ones, without zone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NamedTuple

from ronda.hotspot.rules.on_login import mikhmon_plan
from ronda.hotspot.rules.values import Unreadable, read_duration

SALES_COMMENT = "mikhmon"
QUICK_COMMENT = "QuickPrintMikhmon"
V4_MONITOR = "Mikhmon-Expire-Monitor"
SKIPPED = frozenset({"default-trial"})
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        1,
    )
}
_TAG = re.compile(r"(vc|up)-(\d+)-(\d\d)\.(\d\d)\.(\d\d)-(.*)", re.DOTALL)
_EXPIRY = re.compile(
    r"(?:([A-Za-z]{3})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2})) (\d{1,2}):(\d{2}):(\d{2})(?:\s(.*))?",
    re.DOTALL,
)


class State(StrEnum):
    """What has become of a voucher."""

    UNUSED = "unused"
    ACTIVE = "active"  # used once, and not past its time
    EXPIRED = "expired"
    UNLIMITED = "unlimited"  # used, and its end was never written: a power cut in the first seconds
    OTHER = "other"  # a user that somebody made, or whose comment was changed


class Tag(NamedTuple):
    """What the comment of an unused voucher says: when it was made, and the note of its batch.

    The code is three digits and not unique: only the whole comment and the profile name a batch.
    """

    same_password: bool
    code: str
    made_on: date | None
    note: str


class Voucher(NamedTuple):
    """One user as Mikhmon sees it; `blocked` when Mikhmon ended it in its notice mode."""

    name: str
    profile: str
    state: State
    batch: str
    expires_at: datetime | None
    blocked: bool = False


class Sale(NamedTuple):
    """One sale: the time is the first login, the price what the owner is owed (Mikhmon's cost)."""

    at: datetime
    user: str
    price: int
    mac: str
    validity: str
    plan: str
    comment: str


class Quick(NamedTuple):
    """One package of Mikhmon's quick print."""

    name: str
    profile: str
    time_limit: str
    data_limit: str
    validity: str
    price: int | None
    selling_price: int | None


def tag_of(comment: str) -> Tag | None:
    """The tag of a voucher that was never used; the date is month.day.year. None for other comments."""
    found = _TAG.fullmatch(comment)
    if found is None:
        return None
    kind, code, month, day, year, note = found.groups()
    return Tag(kind == "vc", code, _date(2000 + int(year), int(month), int(day)), note)


def expiry_of(comment: str) -> datetime | None:
    """When a used voucher ends, in both spellings of RouterOS; what stands behind it is ignored."""
    found = _EXPIRY.fullmatch(comment)
    if found is None:
        return None
    month, day, year, iso_year, iso_month, iso_day, hour, minute, second, _rest = found.groups()
    if month:
        on = _date(int(year), _MONTHS.get(month.lower(), 0), int(day))
    else:
        on = _date(int(iso_year), int(iso_month), int(iso_day))
    return _at(on, int(hour), int(minute), int(second))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _at(on: date | None, hour: int, minute: int, second: int) -> datetime | None:
    if on is None:
        return None
    try:
        return datetime.combine(on, time(hour, minute, second))
    except ValueError:
        return None


def voucher_of(row: Mapping[str, str], clock: datetime | None) -> Voucher | None:
    """A row of /ip/hotspot/user as a voucher; None for users that are none.

    `clock` is the router's local time; without it nothing is called expired by its date.
    """
    name = row.get("name", "")
    if not name or name in SKIPPED:
        return None
    comment, profile = row.get("comment", ""), row.get("profile", "") or "default"
    unused = not _seconds(row, "uptime")
    if _seconds(row, "limit-uptime") == 1:
        return Voucher(name, profile, State.EXPIRED, "", expiry_of(comment), blocked=True)
    ends = expiry_of(comment)
    if ends is not None:
        over = clock is not None and ends <= clock
        return Voucher(name, profile, State.EXPIRED if over else State.ACTIVE, "", ends)
    if tag_of(comment) is not None or not comment:
        state = State.UNUSED if unused else State.UNLIMITED
        return Voucher(name, profile, state, comment, None)
    return Voucher(name, profile, State.OTHER, "", None)


def _seconds(row: Mapping[str, str], name: str) -> int | None:
    try:
        return read_duration(row.get(name, ""))
    except Unreadable:
        return None


def sale_of(name: str) -> Sale | None:
    """The sale in a script's name, `date-|-time-|-user-|-price-|-address-|-mac-|-validity-|-plan-|-comment`.

    v2 had neither plan nor comment. Owner and source are not asked: forks write garbage there.
    """
    parts = name.split("-|-", 8)
    if len(parts) < 7:
        return None
    day, time, user, price, _address, mac, validity = parts[:7]
    at = expiry_of(f"{day} {time}")
    if at is None or not user or not _is_number(price):
        return None
    plan, comment = (*parts[7:], "", "")[:2]
    return Sale(at, user, int(price), mac, validity, plan, comment)


def quick_of(source: str) -> Quick | None:
    """The package in a quick print's source: fourteen fields behind a leading `#`."""
    fields = source.strip().split("#")
    if len(fields) < 14 or fields[0]:
        return None
    price, _mark, selling = fields[12].partition("_")
    return Quick(
        fields[1], fields[7], fields[8], fields[9], fields[11], _money(price), _money(selling)
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


def _money(text: str) -> int | None:
    return int(text) if _is_number(text) and text != "0" else None


@dataclass(frozen=True, slots=True)
class Held:
    """The rows that Mikhmon's things are in, as the router sent them.

    `clock` is its local time, `offset` how many minutes that is ahead of UTC; None where unreadable.
    """

    profiles: list[Mapping[str, str]] = field(default_factory=list)
    users: list[Mapping[str, str]] = field(default_factory=list)
    sales: list[Mapping[str, str]] = field(default_factory=list)
    quick: list[Mapping[str, str]] = field(default_factory=list)
    schedulers: list[Mapping[str, str]] = field(default_factory=list)
    clock: datetime | None = None
    offset: int | None = None


def preview(held: Held) -> dict[str, Any]:
    """What would be taken over, as plain values: plans, packages, vouchers, batches, sales, oddities."""
    vouchers = [v for row in held.users if (v := voucher_of(row, held.clock)) is not None]
    sales = [s for row in held.sales if (s := sale_of(row.get("name", ""))) is not None]
    plans = _plans(held.profiles, vouchers)
    return {
        "plans": plans,
        "packages": [
            quick._asdict()
            for row in held.quick
            if (quick := quick_of(row.get("source", ""))) is not None
        ],
        "vouchers": {state.value: sum(v.state is state for v in vouchers) for state in State},
        "batches": _batches(vouchers),
        "sales": _months(sales),
        "oddities": _oddities(held, vouchers, len(sales), plans),
    }


def _plans(profiles: Iterable[Mapping[str, str]], vouchers: list[Voucher]) -> list[dict[str, Any]]:
    used = Counter((voucher.profile, voucher.state) for voucher in vouchers)
    found = []
    for row in profiles:
        plan = mikhmon_plan(row.get("on-login", ""))
        if plan is None:
            continue
        name = row.get("name", "")
        found.append(
            {
                "name": name,
                "mode": plan.mode,
                "price": plan.price,
                "selling_price": plan.selling_price,
                "validity": plan.validity,
                "lock": plan.lock,
                "vouchers": {state.value: used[name, state] for state in State},
            }
        )
    return sorted(found, key=lambda item: str(item["name"]))


def _batches(vouchers: list[Voucher]) -> list[dict[str, Any]]:
    """Unused vouchers by comment and profile: there is no other key."""
    counted = Counter((v.batch, v.profile) for v in vouchers if v.state is State.UNUSED and v.batch)
    found = []
    for (comment, profile), count in sorted(counted.items()):
        tag = tag_of(comment)
        on = tag.made_on.isoformat() if tag and tag.made_on else None
        note = tag.note if tag else ""
        found.append(
            {"comment": comment, "profile": profile, "made_on": on, "note": note, "count": count}
        )
    return found


def _months(sales: list[Sale]) -> list[dict[str, Any]]:
    months: dict[str, list[Sale]] = {}
    for sale in sales:
        months.setdefault(f"{sale.at:%Y-%m}", []).append(sale)
    return [
        {"month": month, "count": len(found), "price": sum(sale.price for sale in found)}
        for month, found in sorted(months.items())
    ]


def _oddities(
    held: Held, vouchers: list[Voucher], sales: int, plans: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What a person should know before the move: a code, how many, and a few names."""
    users = {voucher.name for voucher in vouchers}
    jobs = {row.get("name", "") for row in held.schedulers}
    unmonitored = [
        str(plan["name"])
        for plan in plans
        if plan["mode"] and plan["name"] not in jobs and V4_MONITOR not in jobs
    ]
    odd = {
        "unlimited": [v.name for v in vouchers if v.state is State.UNLIMITED],
        "orphan-scheduler": sorted(users & jobs - {str(plan["name"]) for plan in plans}),
        "no-monitor": unmonitored,
        "unreadable-sale": [
            row.get("name", "")[:80] for row in held.sales if sale_of(row.get("name", "")) is None
        ],
        "unreadable-package": [
            row.get("name", "") for row in held.quick if quick_of(row.get("source", "")) is None
        ],
        "no-clock": [] if held.clock else ["clock"],
        "records-nothing": [str(p["name"]) for p in plans if p["mode"] in {"rem", "ntf", ""}]
        if sales
        else [],
    }
    return [
        {"code": code, "count": len(names), "names": names[:10]}
        for code, names in odd.items()
        if names
    ]
