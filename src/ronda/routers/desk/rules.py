"""When to try a router again, and what its answering times amount to: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """What kind of failure it was, as far as trying again is concerned."""

    AWAY = "away"  # unreachable, silent, restarting: may be back any moment
    SETTINGS = "settings"  # wrong password, certificate, service: stays until somebody changes it


FIRST_PAUSE_S = {Trouble.AWAY: 2.0, Trouble.SETTINGS: 30.0}
LONGEST_PAUSE_S = {Trouble.AWAY: 120.0, Trouble.SETTINGS: 900.0}
LEAST_PAUSE_S = 5.0
"""Between two attempts when somebody waits for the router."""


def pause_after(failures: int, trouble: Trouble, jitter: float) -> float:
    """Seconds to leave a router alone after this many failures in a row (1 or more).

    Doubles each time; `jitter`, 0-1, spreads routers that failed together over a quarter of it.
    """
    doubled = FIRST_PAUSE_S[trouble] * 2.0 ** min(failures - 1, 20)
    return min(doubled, LONGEST_PAUSE_S[trouble]) * (0.875 + jitter / 4)


@dataclass(frozen=True, slots=True)
class CallTimes:
    """How quickly a router answered: middle, 95th of a hundred, slowest, in ms; None without a call."""

    count: int = 0
    failed: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    worst_ms: float | None = None


def call_times(answered_ms: Iterable[float], failed: int = 0) -> CallTimes:
    """What these durations of answered calls, and so many failed ones, amount to."""
    ordered = sorted(answered_ms)
    if not ordered:
        return CallTimes(failed, failed)
    return CallTimes(
        count=len(ordered) + failed,
        failed=failed,
        p50_ms=_at(ordered, 0.5),
        p95_ms=_at(ordered, 0.95),
        worst_ms=ordered[-1],
    )


def _at(ordered: list[float], share: float) -> float:
    # Nearest rank: a duration that was really measured.
    return ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)]
