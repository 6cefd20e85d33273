"""How much may be sent how fast: the generic cell rate algorithm, pure.

All that is remembered of what was sent is one moment, `used_until`: when the last of it would have been due had
everything been sent evenly. Whoever is ahead of that by less than the burst may send at once.
"""

from datetime import datetime, timedelta


def free_at(
    used_until: datetime | None, count: int, every: timedelta, burst: int, now: datetime
) -> datetime:
    """When the next one may be sent; `now` where it may be at once.

    In any stretch as long as `every` no more than `burst + count` are let through.
    """
    if used_until is None:
        return now
    ahead = every / count * (burst - 1)
    return max(now, used_until - ahead)


def used(
    used_until: datetime | None, count: int, every: timedelta, now: datetime, many: int = 1
) -> datetime:
    """What to remember after `many` were sent now."""
    return max(used_until or now, now) + every / count * many
