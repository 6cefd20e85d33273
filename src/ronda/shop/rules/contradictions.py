"""What in a package cannot be true together, and what is probably not meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ronda.hotspot.rules import rate_limit
from ronda.hotspot.rules.values import Unreadable
from ronda.shop.rules.clocks import windows_of
from ronda.shop.rules.entries import MINUTES
from ronda.shop.rules.terms import AtEnd, Span, SpanUnit, Terms

#: The profile that every router is born with; users without a package have it too.
ROUTERS_OWN = "default"


class Clash(StrEnum):
    """What cannot be true together."""

    SPEED = "speed"
    DEVICES = "devices"
    HOURS = "hours"
    SLOW_MISSING = "slow_missing"
    SLOW_SAME = "slow_same"
    PART_ABOVE_ALL = "part_above_all"
    ROUTERS_OWN = "routers_own"


class Doubt(StrEnum):
    """What can be sold, but is probably not meant."""

    NEVER_USED_UP = "never_used_up"
    NEVER_ENDS = "never_ends"
    BELOW_COST = "below_cost"
    RESELLER_BELOW_COST = "reseller_below_cost"
    RESELLER_ABOVE_PRICE = "reseller_above_price"


@dataclass(frozen=True, slots=True)
class Found:
    """A clash, and the other package it is with ("" where the package clashes with itself)."""

    clash: Clash
    other: str = ""


@dataclass(frozen=True, slots=True)
class Prices:
    """Whole rupiah: what it costs the owner, what a buyer and what a reseller pays."""

    cost: int
    selling: int
    reseller: int


def clashes(terms: Terms, *, sync: bool, others: Iterable[tuple[str, Terms]]) -> list[Found]:
    """What is wrong with a package in itself and beside the others sold at the same routers.

    A profile has one speed, one number of devices and one week of hours: two packages that share it
    must agree. A package without a speed takes the profile's and agrees with any.
    """
    found = [Found(clash) for clash in _within(terms, sync=sync)]
    for name, other in others:
        if other.profile == terms.profile:
            found += [Found(clash, name) for clash in _between(terms, other)]
    return found


def _within(terms: Terms, *, sync: bool) -> Iterable[Clash]:
    if terms.at_end is AtEnd.SLOW and not terms.slow_profile:
        yield Clash.SLOW_MISSING
    if terms.at_end is AtEnd.SLOW and terms.slow_profile == terms.profile:
        yield Clash.SLOW_SAME
    parts = (terms.quota_upload_bytes, terms.quota_download_bytes)
    if terms.quota_bytes is not None and any((part or 0) > terms.quota_bytes for part in parts):
        yield Clash.PART_ABOVE_ALL
    if sync and terms.profile == ROUTERS_OWN:
        yield Clash.ROUTERS_OWN


def _between(one: Terms, other: Terms) -> Iterable[Clash]:
    if one.rate_limit and other.rate_limit and not same_speed(one.rate_limit, other.rate_limit):
        yield Clash.SPEED
    if one.devices != other.devices:
        yield Clash.DEVICES
    if (windows_of(one), bool(one.windows) and one.zone) != (
        windows_of(other),
        bool(other.windows) and other.zone,
    ):
        yield Clash.HOURS


def same_speed(one: str, other: str) -> bool:
    """Whether two texts of RouterOS limit the speed alike, however they are spelt."""
    try:
        return rate_limit.parse(one) == rate_limit.parse(other)
    except Unreadable:
        return one == other


def doubts(terms: Terms, prices: Prices) -> list[Doubt]:
    """What is probably not meant, worst first."""
    found = []
    if prices.selling < prices.cost:
        found.append(Doubt.BELOW_COST)
    if prices.reseller and prices.reseller < prices.cost:
        found.append(Doubt.RESELLER_BELOW_COST)
    if prices.reseller > prices.selling:
        found.append(Doubt.RESELLER_ABOVE_PRICE)
    if terms.valid_for and terms.online_s and terms.online_s > longest_s(terms.valid_for):
        found.append(Doubt.NEVER_USED_UP)
    limits = (
        terms.valid_for,
        terms.online_s,
        terms.quota_bytes,
        terms.quota_upload_bytes,
        terms.quota_download_bytes,
    )
    if all(limit is None for limit in limits):
        found.append(Doubt.NEVER_ENDS)
    return found


def longest_s(span: Span) -> int:
    """Seconds of a span at its longest: a month is 31 days."""
    minutes = 31 * 1_440 if span.unit is SpanUnit.MONTH else MINUTES[span.unit]
    return span.count * minutes * 60
