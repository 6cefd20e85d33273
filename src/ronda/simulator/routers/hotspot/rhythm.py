"""When people come, how long they stay and how much they use: pure, from a seeded generator.

The day is that of a village hotspot: quiet before dawn, a bump after subuh, school and work by day,
and most people between magrib and eleven at night. Moments are seconds; `hour` is local time.
"""

import math
import random  # noqa: TID251 -- seeded simulation
from collections.abc import Callable
from dataclasses import dataclass

HOUR_S = 3_600.0

# Share of a person's visits that begins in each hour of the day, 0 to 23; sums to about 1.
VISITS = (
    0.010, 0.006, 0.004, 0.004, 0.008, 0.025, 0.035, 0.030, 0.030, 0.035, 0.040, 0.040,
    0.050, 0.045, 0.040, 0.050, 0.060, 0.060, 0.080, 0.100, 0.100, 0.080, 0.045, 0.023,
)  # fmt: skip

LONGEST_STAY_S = 9 * HOUR_S
KILOBYTE = 1_000.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What kind of guest somebody is.

    `visits` per day, `stay_s` the median visit, `appetite` the median download while something
    flows, in bytes per second.
    """

    visits: float = 2.5
    stay_s: float = 50 * 60.0
    appetite: float = 90 * KILOBYTE


def next_visit(
    generator: random.Random, habits: Habits, now: float, hour: Callable[[float], float]
) -> float:
    """When somebody who is away comes next; `hour` tells the local hour of a moment, 0 to 24."""
    left = generator.expovariate(1.0)
    moment = now
    for _ in range(24 * 60):
        local = hour(moment)
        span = (math.floor(local) + 1 - local) * HOUR_S
        expected = habits.visits * VISITS[int(local) % 24] * span / HOUR_S
        if expected >= left:
            return moment + span * left / expected
        left -= expected
        moment += span
    return moment


def stay(generator: random.Random, habits: Habits) -> float:
    """How long this visit lasts, in seconds."""
    return min(LONGEST_STAY_S, max(120.0, generator.lognormvariate(math.log(habits.stay_s), 0.7)))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time at one pace: bytes per second from and to the customer."""

    seconds: float
    rate_in: float
    rate_out: float


def stretch(
    generator: random.Random,
    habits: Habits,
    ceiling: tuple[float | None, float | None] = (None, None),
) -> Stretch:
    """What somebody does next: nothing, chatting, or watching; never faster than the ceiling.

    The ceiling is bytes per second up and down.
    """
    mood = generator.random()
    if mood < 0.25:
        return Stretch(generator.uniform(20, 150), 0.0, 0.0)
    seconds = generator.uniform(15, 120)
    if mood < 0.70:
        down = habits.appetite * generator.lognormvariate(-2.0, 0.8)
    else:
        down = habits.appetite * generator.lognormvariate(1.2, 0.6)
    up = down * generator.uniform(0.05, 0.22) + 150.0
    return Stretch(seconds, _under(up, ceiling[0]), _under(down, ceiling[1]))


def _under(rate: float, ceiling: float | None) -> float:
    return rate if ceiling is None else min(rate, ceiling)
