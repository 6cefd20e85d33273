"""Refusals on record: who was turned away where. Bounded, so that nobody floods the trail.

One row a quarter of an hour for each person or address, and so many an hour of everybody together;
the next row says how many there were beside. Counted in the cache that processes share.
"""

import logging
import time

from django.core.cache import cache

from ronda.accounts.models import Person
from ronda.accounts.service import audit

#: Seconds between two rows of one person or address.
EVERY_S = 900
#: Rows an hour of all together: 2,400 a day at the very most.
MOST = 100
HOUR = 3600
log = logging.getLogger(__name__)


def note(person: Person | None, source: str, method: str, path: str, status: int) -> None:
    """Keep that somebody was refused; the address of the page without its query, which may hold anything."""
    who = f"person:{person.pk}" if person else f"address:{source}"
    if not cache.add(f"refused:{who}", 1, timeout=EVERY_S):
        _count(f"refused-more:{who}", 2 * EVERY_S)
        return
    if _count(f"refused-hour:{int(time.time()) // HOUR}", 2 * HOUR) > MOST:
        return
    more = cache.get(f"refused-more:{who}", 0)
    cache.delete(f"refused-more:{who}")
    path = path[:150]
    log.warning("refused %s %s: %d, %s", method, path, status, person or source or "?")
    after = {"status": status, "more_before": more}
    audit.record(person, "access.refused", f"{method} {path}", after=after, source=source)


def _count(key: str, timeout: int) -> int:
    if cache.add(key, 1, timeout=timeout):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # it was forgotten in between
        return 1
