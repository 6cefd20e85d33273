"""Limits are counted whether Redis is there or not, and its going and coming is told once."""

import os
from typing import Any

import pytest
from django.core.cache import caches
from django.test import override_settings

from ronda.storage import shared_cache
from tests.servers.postgres import MissingServer, free_port
from tests.servers.redis import Redis

pytestmark = [pytest.mark.slow]


@pytest.fixture
def server() -> Any:
    try:
        made = Redis()
    except MissingServer as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    yield made
    made.stop()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    for level in ("error", "warning"):
        monkeypatch.setattr(
            shared_cache.log, level, lambda event, **_more: lines.append(event), raising=False
        )
    monkeypatch.setattr(shared_cache, "reach", shared_cache.Reach())
    monkeypatch.setattr(shared_cache, "AGAIN_AFTER_S", 0.0)
    return lines


def test_counting_goes_on_without_redis_and_returns_to_it(server: Redis, told: list[str]) -> None:
    both = {
        "default": {"BACKEND": "ronda.storage.shared_cache.SharedCache", "LOCATION": server.url},
        "spare": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    }
    with override_settings(CACHES=both):
        cache = caches["default"]
        assert cache.add("tries", 1, 60)
        assert cache.incr("tries") == 2

        server.process.kill()
        server.process.wait()
        # Away: from the beginning, in the spare cache, and no longer than the client's patience.
        assert [cache.get("tries"), cache.add("tries", 1, 60), cache.add("tries", 1, 60)] == [
            None,
            True,
            False,
        ]
        assert [cache.incr("tries"), cache.get_many(["tries"]), cache.has_key("tries")] == [
            2,
            {"tries": 2},
            True,
        ]
        assert shared_cache.ping(server.url) == "ConnectionError"
        assert told == ["redis.away"]

        server.start()
        cache.set("tries", 7, 60)
        assert (cache.get("tries"), caches["spare"].get("tries")) == (7, 2)
        assert told == ["redis.away", "redis.back"]
        assert shared_cache.ping(server.url) == ""
        caches["spare"].clear()


def test_nobody_waits_for_a_server_that_was_away_a_moment_ago(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_cache, "AGAIN_AFTER_S", 1000.0)
    away = {
        "default": {
            "BACKEND": "ronda.storage.shared_cache.SharedCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        },
        "spare": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    }
    with override_settings(CACHES=away):
        cache = caches["default"]
        cache.set("a", 1)
        monkeypatch.setattr(
            "django.core.cache.backends.redis.RedisCache.get", lambda *_: pytest.fail("asked")
        )
        assert cache.get("a") == 1
        caches["spare"].clear()
    assert told == ["redis.away"]
