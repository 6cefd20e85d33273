"""The cache that several processes share: Redis, and the spare one for as long as Redis cannot be reached.

What is counted there bounds sign-ins, tokens and the JSON doors, so a Redis that is away must neither
let everybody in nor shut everybody out: the counting goes on in the spare cache, which the processes
share as well (a table on PostgreSQL). Counts begin anew at each change; nothing else is kept here.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

log = structlog.get_logger(__name__)

SPARE = "spare"
#: A server that did not answer is asked again after so long; until then nobody waits for it.
AGAIN_AFTER_S = 5.0
#: A server that answers slower than this is away: every request asks it at least once.
PATIENCE_S = 1.0


class Reach:
    """Whether the server could be reached lately; one for a process, so that its threads learn from each other."""

    def __init__(self) -> None:
        """Taken to be there."""
        self._lock = threading.Lock()
        self._away_until = 0.0
        self.away = False

    def worth_asking(self) -> bool:
        """Whether to ask the server now."""
        return not self.away or time.monotonic() >= self._away_until

    def failed(self, error: Exception) -> None:
        """It did not answer."""
        with self._lock:
            self._away_until = time.monotonic() + AGAIN_AFTER_S
            first, self.away = not self.away, True
        if first:
            # The text of the error may hold the server's address, and that a password.
            log.error("redis.away", error=type(error).__name__, counting_in="the spare cache")

    def answered(self) -> None:
        """It did."""
        if self.away:
            self.away = False
            log.warning("redis.back")


reach = Reach()


class SharedCache(RedisCache):
    """Django's Redis cache with bounded waits, and the cache named "spare" while the server is away."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        """As Django's; the waits are set here."""
        waits = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
        super().__init__(server, {**params, "OPTIONS": {**waits, **params.get("OPTIONS", {})}})

    def _or_spare(self, name: str, ask: Callable[..., Any], *given: Any, **named: Any) -> Any:
        from redis.exceptions import RedisError

        if reach.worth_asking():
            try:
                answer = ask(*given, **named)
            except RedisError as error:
                reach.failed(error)
            else:
                reach.answered()
                return answer
        return getattr(caches[SPARE], name)(*given, **named)

    def add(self, *given: Any, **named: Any) -> bool:
        return bool(self._or_spare("add", super().add, *given, **named))

    def get(self, *given: Any, **named: Any) -> Any:
        return self._or_spare("get", super().get, *given, **named)

    def set(self, *given: Any, **named: Any) -> None:
        self._or_spare("set", super().set, *given, **named)

    def touch(self, *given: Any, **named: Any) -> bool:
        return bool(self._or_spare("touch", super().touch, *given, **named))

    def delete(self, *given: Any, **named: Any) -> bool:
        return bool(self._or_spare("delete", super().delete, *given, **named))

    def get_many(self, *given: Any, **named: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._or_spare("get_many", super().get_many, *given, **named)
        return found

    def has_key(self, *given: Any, **named: Any) -> bool:
        return bool(self._or_spare("has_key", super().has_key, *given, **named))

    def incr(self, *given: Any, **named: Any) -> int:
        return int(self._or_spare("incr", super().incr, *given, **named))

    def set_many(self, *given: Any, **named: Any) -> list[str]:
        failed: list[str] = self._or_spare("set_many", super().set_many, *given, **named)
        return failed

    def delete_many(self, *given: Any, **named: Any) -> None:
        self._or_spare("delete_many", super().delete_many, *given, **named)

    def clear(self) -> None:
        self._or_spare("clear", super().clear)


def ping(url: str) -> str:
    """What is wrong with the Redis at `url`, in the words of its client without the address; "" when it answers."""
    import redis

    client = redis.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
    try:
        client.ping()
    except redis.RedisError as error:
        return type(error).__name__
    finally:
        client.close()
    return ""
