"""How often one caller may ask the JSON doors: counted a minute at a time, in the cache that processes share.

Several web processes on SQLite without Redis count each for itself: a caller may then ask as often at each.
"""

import math
import time

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from ronda.accounts.models import Person
from ronda.accounts.service import audit

MINUTE = 60


class CallerThrottle(BaseThrottle):
    """At most `RONDA_API_PER_MINUTE` requests of a person, or of an address that is nobody's, in a minute.

    A person's tokens and browsers count together. Answers 429 with Retry-After beyond it.
    """

    def allow_request(self, request: HttpRequest) -> bool:
        """Count this request; false when it is one too many."""
        person = request.user if isinstance(request.user, Person) else None
        who = f"person:{person.pk}" if person else f"address:{audit.source_of(request)}"
        key = f"api:{who}:{int(time.time()) // MINUTE}"
        cache = caches[settings.THROTTLE_CACHE]
        if cache.add(key, 1, timeout=2 * MINUTE):
            return True
        try:
            return bool(cache.incr(key) <= settings.RONDA.api_per_minute)
        except ValueError:  # it was forgotten in between
            return True

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return float(math.ceil(MINUTE - time.time() % MINUTE))
