"""From the rows of a router to everything that taking it over would bring, and what is odd about them.

What cannot be taken is never guessed: it stays on the router, and is told by a code with the names it is about.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ronda.hotspot.rules.mikhmon import V4_MONITOR, Held, sale_of, tag_of
from ronda.hotspot.rules.on_login import MikhmonPlan, is_shifted, mikhmon_plan
from ronda.shop.rules.moving.drafts import (
    Draft,
    Limits,
    Odd,
    Place,
    PlanDraft,
    SaleDraft,
    VoucherDraft,
)
from ronda.shop.rules.moving.texts import (
    DEAREST_IDR,
    count_of,
    key_of,
    prices_of,
    utc_of,
    validity_of,
    zone_of,
)
from ronda.shop.rules.moving.users import LONGEST_TEXT, vouchers_of
from ronda.shop.rules.terms import AtEnd, Span

#: Where a router's clock cannot be read: most of Indonesia.
USUAL_OFFSET = 420
OLD = timedelta(days=365)
#: A clock that is further off than this writes ends that are wrong by more than people forgive.
CLOCK_OFF = timedelta(minutes=10)
MOST_DEVICES = 1_000
_ISO = re.compile(r"\d{4}-\d\d-\d\d ")
_OLD_MONITOR = re.compile(r"\b(jan|nov)\b", re.IGNORECASE)


def draft(held: Held, serial: str, now: datetime) -> Draft:
    """What would be taken of these rows; `serial` names the router for good, `now` is aware UTC."""
    odd: Odd = {}
    offset = USUAL_OFFSET if held.offset is None else held.offset
    told = {
        row.get("name", ""): plan
        for row in held.profiles
        if (plan := mikhmon_plan(row.get("on-login", ""))) is not None
    }
    sales = _sales(held, told, serial, offset, odd)
    vouchers, left = vouchers_of(held, told, sales, offset, now, odd)
    plans = _plans(held, told, vouchers, odd)
    _look(held, told, vouchers, now, offset, odd)
    kept = {code: names for code, names in sorted(odd.items()) if names}
    return Draft(plans, vouchers, sales, kept, left, zone_of(offset))


def _sales(
    held: Held, told: Mapping[str, MikhmonPlan], serial: str, offset: int, odd: Odd
) -> list[SaleDraft]:
    found: dict[str, SaleDraft] = {}
    changed: set[str] = set()
    for row in held.sales:
        name = row.get("name", "")
        sale = sale_of(name)
        at = None if sale is None else utc_of(sale.at, offset)
        if sale is None or at is None or sale.price > DEAREST_IDR or "\x00" in name:
            odd.setdefault("unreadable-sale", []).append(name[:80].replace("\x00", "?"))
            continue
        plan = told.get(sale.plan)
        if plan is not None and plan.price not in (sale.price, None):
            changed.add(sale.plan)
        price, cost = prices_of(sale.price, plan)
        key = key_of(serial, name)
        found[key] = SaleDraft(key, at, sale.user, sale.plan, price, cost, sale.comment)
    odd["price-changed"] = sorted(changed)
    return list(found.values())


def _plans(
    held: Held, told: Mapping[str, MikhmonPlan], vouchers: Iterable[VoucherDraft], odd: Odd
) -> list[PlanDraft]:
    """The plans that end their vouchers, and every other profile that has vouchers."""
    limits: dict[str, Counter[Limits]] = defaultdict(Counter)
    for voucher in vouchers:
        # Those not used yet have the limits of today's package; one of them outweighs all others.
        weight = 1_000_000 if voucher.place is Place.READY else 1
        limits[voucher.profile][voucher.limits] += weight
    rows = {row.get("name", ""): row for row in held.profiles}
    sold = [name for name, plan in told.items() if plan.mode and 0 < len(name) <= LONGEST_TEXT]
    names = [name for name in dict.fromkeys([*sold, *limits]) if "\x00" not in name]
    found = []
    for name in sorted(names):
        usual = limits[name].most_common(1)
        own = usual[0][0] if usual else Limits()
        found.append(_plan(name, told.get(name), rows.get(name, {}), own, odd))
    return found


def _plan(
    name: str, plan: MikhmonPlan | None, row: Mapping[str, str], limits: Limits, odd: Odd
) -> PlanDraft:
    mode = plan.mode if plan else ""
    price = _price(plan.price if plan else None, name, odd)
    selling = _price(plan.selling_price if plan else None, name, odd)
    if not price and not selling:
        odd.setdefault("no-price", []).append(name)
    valid_for: Span | None = None
    try:
        valid_for = validity_of(plan.validity) if plan and plan.mode else None
    except ValueError:
        odd.setdefault("unreadable-validity", []).append(name)
    rate = row.get("rate-limit", "")
    return PlanDraft(
        profile=name,
        mode=mode,
        price_idr=price if selling else 0,
        selling_price_idr=selling or price,
        valid_for=valid_for,
        limits=limits,
        rate_limit=rate if len(rate) <= LONGEST_TEXT and "\x00" not in rate else "",
        devices=count_of(row.get("shared-users", ""), 1, MOST_DEVICES),
        at_end=AtEnd.REMOVE if mode.startswith("rem") else AtEnd.BLOCK,
        lock=bool(plan and plan.lock),
    )


def _price(told: int | None, name: str, odd: Odd) -> int:
    if told is not None and told > DEAREST_IDR:
        odd.setdefault("unreadable-price", []).append(name)
        return 0
    return told or 0


def _look(
    held: Held,
    told: Mapping[str, MikhmonPlan],
    vouchers: list[VoucherDraft],
    now: datetime,
    offset: int,
    odd: Odd,
) -> None:
    """What a person should know beside what `hotspot.rules.mikhmon.preview` says."""
    monitors = [row for row in held.schedulers if is_monitor(row, told)]
    deaf = any(_OLD_MONITOR.search(row.get("on-event", "")) for row in monitors)
    if deaf:
        odd["deaf-monitor"] = [
            row.get("name", "") for row in held.users if _ISO.match(row.get("comment", ""))
        ]
    odd["shifted"] = [
        row.get("name", "")
        for row in held.profiles
        if row.get("name", "") in told and is_shifted(row.get("on-login", ""))
    ]
    odd["locked"] = [name for name, plan in told.items() if plan.lock]
    odd["old"] = [one.code for one in vouchers if _is_old(one, now)]
    clock = None if held.clock is None else utc_of(held.clock, offset)
    if held.clock is not None and (clock is None or abs(clock - now) > CLOCK_OFF):
        odd["clock-off"] = [f"{held.clock:%Y-%m-%d %H:%M}"]


def _is_old(voucher: VoucherDraft, now: datetime) -> bool:
    tag = tag_of(voucher.batch)
    made = tag.made_on if tag else None
    return voucher.place is Place.READY and made is not None and now.date() - made > OLD


def is_monitor(row: Mapping[str, str], plans: Iterable[str]) -> bool:
    """Whether a scheduler is Mikhmon's, the one that ends vouchers: of one plan (v2, v3) or of all (v4).

    One that bears the name of a plan and does nothing is a login that was cut off, not a monitor.
    """
    name, comment = row.get("name", ""), row.get("comment", "")
    if name == V4_MONITOR or comment == "Mikhmon Expire Monitor":
        return True
    if comment.startswith("Monitor Profile "):
        return True
    return name in set(plans) and bool(row.get("on-event", ""))
