"""When one more try at a password must wait: pure. docs/decisions/lockout.md says why these limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong tries in such a time, and the next one waits."""

    tries: int
    within: timedelta


#: At one person, from one device that they have signed in with before, or from one place.
OWN = Limit(5, timedelta(minutes=5))
#: At one person, from all devices together that they never signed in with.
EVERYWHERE = Limit(50, timedelta(hours=1))
#: From one place, whoever is tried, by devices that the person never signed in with.
PLACE = Limit(10, timedelta(minutes=1))


def wait(wrong: Iterable[datetime], limit: Limit, now: datetime) -> timedelta:
    """How long until one more try is allowed after these wrong ones; nothing while tries are left."""
    recent = sorted((at for at in wrong if at > now - limit.within), reverse=True)
    if len(recent) < limit.tries:
        return timedelta()
    return recent[limit.tries - 1] + limit.within - now
