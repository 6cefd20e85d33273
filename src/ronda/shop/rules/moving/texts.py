"""Mikhmon's texts as values of the shop: validity, moments, prices, limits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ronda.hotspot.rules.on_login import MikhmonPlan
from ronda.hotspot.rules.values import Unreadable, read_duration
from ronda.hotspot.rules.windows import Zone
from ronda.shop.rules.moving.drafts import Limits
from ronda.shop.rules.terms import Span, SpanUnit

DEAREST_IDR = 2**31 - 1
MOST_SECONDS = 2**31 - 1
MOST_BYTES = 2**63 - 1
LONGEST_VALIDITY_S = 3_650 * 86_400
#: An end before these years was written by a router that had lost its clock, one after them is damage.
BELIEVED = range(2012, 2100)
_SIZES = {SpanUnit.DAY: 86_400, SpanUnit.HOUR: 3_600, SpanUnit.MINUTE: 60}


def zone_of(offset: int) -> str:
    """The Indonesian zone of so many minutes ahead of UTC; WIB where it is none of them."""
    return next((zone.value for zone in Zone if zone.minutes == offset), Zone.WIB.value)


def utc_of(local: datetime, offset: int) -> datetime | None:
    """A router's local time in UTC; None where no router that knew the time can have meant it."""
    if local.year not in BELIEVED:
        return None
    return (local - timedelta(minutes=offset)).replace(tzinfo=UTC)


def validity_of(text: str) -> Span | None:
    """Mikhmon's validity, an interval of RouterOS, as a span of days, hours or minutes; None for none.

    Raises:
        ValueError: it is no interval, or longer than ten years.
    """
    seconds = read_duration(text)
    if not seconds:
        return None
    if seconds > LONGEST_VALIDITY_S:
        raise ValueError(text)
    for unit, size in _SIZES.items():
        if seconds % size == 0:
            return Span(seconds // size, unit)
    return Span(seconds // 60 + 1, SpanUnit.MINUTE)


def length_of(span: Span) -> timedelta:
    """How long a span of `validity_of` is."""
    return timedelta(seconds=span.count * _SIZES[span.unit])


def length_told(plan: MikhmonPlan | None) -> timedelta | None:
    """How long a plan's vouchers are valid; None where it says nothing that can be read."""
    try:
        span = None if plan is None else validity_of(plan.validity)
    except ValueError:
        return None
    return None if span is None else length_of(span)


def key_of(serial: str, script: str) -> str:
    """What tells a recorded sale from every other one: the router and the script's name."""
    return hashlib.sha256(f"{serial}\0{script}".encode(errors="replace")).hexdigest()[:40]


def prices_of(recorded: int, plan: MikhmonPlan | None) -> tuple[int, int]:
    """What the buyer paid and what it cost, of a record that holds Mikhmon's price alone.

    That is the owner's cost where the plan has a selling price of its own; else it is what was paid, and
    no cost is known. A plan whose price was changed since cannot tell the selling price of then.
    """
    if plan is None or plan.selling_price is None or plan.selling_price > DEAREST_IDR:
        return recorded, 0
    if plan.price in (recorded, None):
        return plan.selling_price, recorded
    return recorded, recorded


def limits_of(row: Mapping[str, str], *, blocked: bool) -> Limits:
    """The limits of one user; of a blocked one that of the time online was overwritten."""
    return Limits(
        None if blocked else _within(_seconds(row.get("limit-uptime", "")), MOST_SECONDS),
        *(
            _within(_whole(row.get(name, "")), MOST_BYTES)
            for name in ("limit-bytes-total", "limit-bytes-in", "limit-bytes-out")
        ),
    )


def count_of(text: str, usual: int, most: int) -> int:
    """A whole number from 1 to `most`; the usual one for anything else."""
    return _within(_whole(text), most) or usual


def _seconds(text: str) -> int | None:
    try:
        return read_duration(text)
    except Unreadable:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _within(found: int | None, most: int) -> int | None:
    return found if found and found <= most else None
