"""Two web processes, two workers and a watch on PostgreSQL and Redis: one of each dies, and nothing is lost."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.app.several import PASSWORD, Installation, Web, killed, until
from tests.servers import migrated
from tests.servers.postgres import MissingServer
from tests.servers.redis import Redis

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as ends:
        try:
            redis = Redis()
            ends.callback(redis.stop)
            database = migrated.postgres()
            ends.callback(database.stop)
        except MissingServer as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(str(missing))
            pytest.skip(str(missing))
        made = Installation(tmp_path, database, redis)
        ends.callback(made.stop)
        yield made


def heard(stream: Any, ont: int, state: int) -> int:
    """The version of the stream in which this ONT has this state."""
    for kind, delta in stream:
        rows = [*delta.get("rows", ()), *([c["id"], c["state"]] for c in delta.get("changed", ()))]
        if kind == "delta" and [ont, state] in [row[:2] for row in rows]:
            return int(delta["version"])
    raise AssertionError("the stream ended")


def test_one_of_each_is_killed_and_redis_too_and_nothing_is_lost(
    installation: Installation,
) -> None:
    first, second = installation.web("first"), installation.web("second")
    workers = [installation.start("work", machine) for machine in ("first", "second")]
    watch = installation.start("watch", "first")
    onts = installation.facts["onts"]
    gone, paused = onts[:8], onts[8:]
    until(first.ready, "the first web process")
    until(second.ready, "the second web process")

    # One sign-in, one count of wrong tries, one order, one version of what is live.
    browser, where = first.sign_in("sari", PASSWORD)
    assert where == "/profile/"
    assert second.page(browser, "/profile/")[0] == "/profile/"
    for number in range(5):
        assert (first, second)[number % 2].sign_in("budi", "wrong-wrong")[1] == "/accounts/login/"
    order = order_at(first, installation.facts["package"])
    assert second.page(browser, order)[0] == order
    with closing(first.stream(0)) as here, closing(second.stream(0)) as there:
        assert next(here)[0] == next(there)[0] == "hello"
        until(lambda: first.api(f"/onts/{onts[0]}")[1]["state"] == "up", "the watch's first word")
        change(first, paused[0], monitored=True)
        version = heard(here, paused[0], 1)
        # Each names the newest change of its look, which may be one that came together with this.
        assert abs(heard(there, paused[0], 1) - version) <= len(gone)

    # Eight deletions are eight notices, with the death of one of each in their midst.
    for ont in gone[:4]:
        change(first, ont, delete=True)
    for process in (first.process, workers[0], watch):
        killed(process)
    for ont in gone[4:]:
        change(second, ont, delete=True)
    until(lambda: second.api("/notices?kind=delete")[1]["count"] >= 8, "a notice of each deletion")
    installation.start("watch", "second")

    # A page of the dead process goes on at the other one, from the version that it had.
    with closing(second.stream(version)) as there:
        assert next(there)[0] == "hello"
        kind, missed = next(there)
        assert (kind, missed["base"]) == ("delta", version)
        assert set(gone[:4]) <= set(missed["gone"])
        change(second, paused[1], monitored=True)
        assert heard(there, paused[1], 1) > version
    assert second.page(browser, "/profile/")[0] == "/profile/"
    assert second.page(browser, order)[0] == order
    assert second.sign_in("budi", PASSWORD)[1] == "/accounts/login/"
    assert second.api("/notices?kind=delete")[1]["count"] == 8

    # Without Redis everything goes on, wrong tries are still counted, and it is said.
    killed(installation.redis.process)
    assert second.page(browser, "/profile/")[0] == "/profile/"
    assert second.sign_in("sari", PASSWORD)[1] == "/profile/"
    for _ in range(5):
        assert second.sign_in("budi", "wrong-wrong")[1] == "/accounts/login/"
    assert second.sign_in("budi", PASSWORD)[1] == "/accounts/login/"
    tries = [second.api("/me", token="rnd_wrong")[0] for _ in range(21)]
    assert tries == [401] * 20 + [429]
    assert "Redis cannot be reached" in second.page(browser, "/settings/")[1]
    assert "redis.away" in installation.said("web", "second")
    installation.redis.start()
    until(lambda: second.ready() and "redis.back" in installation.said("web", "second"), "Redis")
    assert second.page(browser, "/profile/")[0] == "/profile/"
    assert "Traceback" not in installation.said("web", "second")


def order_at(web: Web, package: int) -> str:
    """The page of a new order of a stranger."""
    stranger = build_opener(HTTPCookieProcessor(CookieJar()))
    path = web.page(stranger, f"/buy/{package}/", {"phone": "0812 3456 7890", "method": 1})[0]
    assert path.startswith("/buy/o/")
    return str(path)


def change(web: Web, ont: int, **how: Any) -> None:
    status, answer = web.api("/onts/bulk", {"onts": [ont], **how})
    assert status == 200, answer
