"""Who was on the hotspots in the past days, in the file that the older system kept: `user_log.json`.

One record every five minutes: `{"timestamp": ISO, "users": [{ip, mac, user, uptime, bytes_in,
bytes_out}]}`, with uptimes in seconds and the bytes of the session so far.
"""

import json
import random  # noqa: TID251 -- seeded simulation
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ronda.simulator.routers.hotspot.rhythm import HOUR_S, Habits, next_visit, stay

EVERY_S = 300.0
GUESTS = 110
FLOWING = 0.3
"""Share of a visit in which something flows."""


class Visit(NamedTuple):
    """One stay of one guest; times in seconds after the beginning, rates in bytes per second."""

    guest: int
    start: float
    end: float
    rate_in: float
    rate_out: float


def user_log(begin: datetime, end: datetime, seed: int = 1) -> str:
    """The file with every record from `begin` (aware, in the place's own time) to before `end`."""
    midnight = begin.hour * HOUR_S + begin.minute * 60 + begin.second
    lasts = (end - begin).total_seconds()
    visits = [visit for guest in range(GUESTS) for visit in _visits(guest, lasts, midnight, seed)]
    records, at = [], 0.0
    while at < lasts:
        here = [_row(visit, at) for visit in visits if visit.start <= at < visit.end]
        records.append({"timestamp": (begin + timedelta(seconds=at)).isoformat(), "users": here})
        at += EVERY_S
    return json.dumps(records)


def _visits(guest: int, lasts: float, midnight: float, seed: int) -> Iterator[Visit]:
    generator = random.Random(f"{seed} guest {guest}")  # noqa: S311 -- the same every time
    habits = Habits(visits=generator.uniform(0.4, 4.0))
    at = 0.0
    while True:
        at = next_visit(generator, habits, at, lambda moment: (midnight + moment) / HOUR_S % 24)
        if at >= lasts:
            return
        end = at + stay(generator, habits)
        down = FLOWING * habits.appetite * generator.lognormvariate(0.0, 0.9)
        yield Visit(guest, at, end, down * generator.uniform(0.05, 0.2), down)
        at = end


def _row(visit: Visit, at: float) -> dict[str, Any]:
    uptime = at - visit.start
    return {
        "ip": f"10.5.{70 + visit.guest // 200}.{visit.guest % 200 + 10}",
        "mac": f"52:0D:00:00:{visit.guest >> 8:02X}:{visit.guest & 255:02X}",
        "user": f"tamu{visit.guest + 1:03}",
        "uptime": int(uptime),
        "bytes_in": int(uptime * visit.rate_in),
        "bytes_out": int(uptime * visit.rate_out),
    }
