"""When a gateway is asked again how a charge stands, and when it is tried again to make one: pure."""

from datetime import datetime, timedelta

SHORTEST = timedelta(seconds=20)
LONGEST = timedelta(minutes=10)
#: Money may be booked after a charge ran out; so long it is looked for, once an hour.
GRACE = timedelta(hours=24)
HOURLY = timedelta(hours=1)
#: A gateway that does not answer the last question is asked on for so long.
PATIENCE = timedelta(days=30)
#: How often making one charge is tried.
MOST_TRIES = 4
#: How many charges are begun for one order and method because nobody knows of the one before.
MOST_CHARGES = 3


def next_look(made_at: datetime, expires_at: datetime, now: datetime) -> datetime | None:
    """When to ask next: often while the buyer is paying, then ever less; None: not any more."""
    if now >= expires_at + GRACE:
        return None
    if now >= expires_at:
        return now + HOURLY
    pause = min(max((now - made_at) / 4, SHORTEST), LONGEST)
    # The moment after it ran out tells most about it.
    return min(now + pause, max(expires_at + SHORTEST, now + SHORTEST))


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try to make it again after `tries` attempts, 2 s to 18 s later; None: that was enough."""
    if tries >= MOST_TRIES:
        return None
    return now + timedelta(seconds=2 * 3 ** (tries - 1))
