"""Words for where a hotspot user stands, and when a reading is too old to be called now."""

from datetime import datetime, timedelta
from enum import StrEnum

#: A session without traffic for so long counts as idle.
IDLE_AFTER_S = 120
#: Readings may come late by this part of the interval, and never less than by this.
LATE_PART = 2.5
LATE_LEAST = timedelta(seconds=90)


class Presence(StrEnum):
    """Where a user is. ACTIVE and IDLE have a session; OFFLINE has none; DISABLED may not sign in."""

    ACTIVE = "active"
    IDLE = "idle"
    OFFLINE = "offline"
    DISABLED = "disabled"


def presence(*, disabled: bool, idle_s: int | None) -> Presence:
    """Where a user is; `idle_s` is the shortest silence of their sessions, None without one."""
    if idle_s is not None:
        return Presence.IDLE if idle_s >= IDLE_AFTER_S else Presence.ACTIVE
    return Presence.DISABLED if disabled else Presence.OFFLINE


def is_stale(read_at: datetime | None, now: datetime, interval_s: float) -> bool:
    """Whether a reading is too old to be shown as the present; one that never was always is."""
    if read_at is None:
        return True
    return now - read_at > max(LATE_LEAST, timedelta(seconds=interval_s * LATE_PART))
