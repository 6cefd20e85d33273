"""When use is high and when a limit of users is near, and when it is over: pure.

A limit is near from so many percent on (the setting), and over only ten percent lower, so that a
value at the edge is told once. High use counts by the day of the installation's zone, so it ends with
the day and is told once a day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

SLACK_PERCENT = 10
#: A user whose profile lets fewer devices in at once is at the limit all the time; that is no news.
FEWEST_SHARED = 3
#: Hotspot users at once by licence level (MikroTik manual, "RouterOS license keys"); None: any number.
LICENCES: dict[str, int | None] = {"1": 1, "3": 1, "4": 200, "5": 500, "6": None}


class Kind(StrEnum):
    """What is limited; the names are kept in the database and on the feed."""

    HIGH = "high"  # bytes of one user in a day
    LICENCE = "licence"  # users online, by the router's licence
    POOL = "pool"  # addresses in use
    SHARED = "shared"  # devices of one user at once


class Alarm(NamedTuple):
    """What is limited, and whose: a user, a pool, or "" for the router itself."""

    kind: Kind
    subject: str


class Gauge(NamedTuple):
    """How much of a limit is used."""

    alarm: Alarm
    value: int
    limit: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What a reading changed: limits that came near or were passed, and those that are well again."""

    begun: tuple[Gauge, ...] = ()
    ended: tuple[Alarm, ...] = ()


def turn(known: Collection[Alarm], gauges: Iterable[Gauge], *, near_percent: int) -> Turn:
    """Compare a reading with the alarms that are on.

    A gauge that is missing changes nothing, but for a user's devices: nobody there is well below.
    """
    read = {gauge.alarm: gauge for gauge in gauges if gauge.limit > 0}
    begun = [
        gauge for alarm, gauge in read.items() if alarm not in known and _near(gauge, near_percent)
    ]
    ended = [
        alarm for alarm in known if alarm.kind is not Kind.HIGH and _over(alarm, read, near_percent)
    ]
    return Turn(tuple(sorted(begun)), tuple(sorted(ended)))


def _near(gauge: Gauge, near_percent: int) -> bool:
    if gauge.alarm.kind is Kind.HIGH:
        return gauge.value >= gauge.limit
    return gauge.value * 100 >= gauge.limit * near_percent


def _over(alarm: Alarm, read: dict[Alarm, Gauge], near_percent: int) -> bool:
    gauge = read.get(alarm)
    if gauge is None:
        return alarm.kind is Kind.SHARED
    return gauge.value * 100 < gauge.limit * (near_percent - SLACK_PERCENT)


def pool_size(ranges: str) -> int | None:
    """How many addresses `10.5.50.2-10.5.50.254,10.6.0.0/24` holds; None when it cannot be read."""
    count = 0
    for part in ranges.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            if dash:
                count += int(IPv4Address(last.strip())) - int(IPv4Address(first.strip())) + 1
            else:
                count += IPv4Network(first, strict=False).num_addresses
        except ValueError:
            return None
    return count if count > 0 else None
