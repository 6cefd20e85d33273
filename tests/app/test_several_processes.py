"""Two of each process on PostgreSQL and Redis: one of each dies, and nothing is lost or done twice."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg
import pytest

from ronda.shop.service import asking
from ronda.simulator.routers.control import SimulatedRouters
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


MAKE_BATCH = """
import json, sys
from ronda.app import boot
boot.django()
from ronda.shop.service import making
from tests.shop.orders_made import make_router
from tests.shop.vouchers_made import make_package
router = make_router("Balai", prefer="pinned", transport="api", **json.loads(sys.argv[1]))
batch = making.make_batch(make_package("Sehari"), router, int(sys.argv[2]), separate_password=True)
print(json.dumps([batch.pk, list(batch.vouchers.values_list("code", flat=True))]))
"""
USERS, COUNT = "/ip/hotspot/user", 120


def test_a_batch_is_made_once_though_a_desk_and_a_worker_die_over_it(
    installation: Installation,
) -> None:
    with (
        SimulatedRouters("v7.16") as (simulated,),
        closing(psycopg.connect(installation.database.url, autocommit=True)) as database,
    ):
        others = [row["name"] for row in simulated.rows(USERS)]
        # Slow enough that a kill falls into the middle.
        simulated.fault("latency", ms=60)
        where = {"host": simulated.host, "port": simulated.port, "user": simulated.user}
        told = json.dumps({**where, "password": simulated.password})
        number, codes = installation.told(MAKE_BATCH, told, str(COUNT))

        def made() -> list[str]:
            return [row["name"] for row in simulated.rows(USERS) if row["name"] not in others]

        def states() -> dict[str, int]:
            counted = "SELECT state, count(*) FROM shop_voucher WHERE batch_id = %s GROUP BY state"
            return dict(database.execute(counted, [number]).fetchall())

        # Whoever is first holds the desk; the other one waits.
        desk, worker = installation.start("desk", "first"), installation.start("work", "first")
        until(made, "the first user on the router")
        installation.start("desk", "second")
        installation.start("work", "second")
        until(lambda: len(made()) > COUNT * 0.3, "a third of the batch")
        killed(desk)
        killed(worker)
        assert len(made()) < COUNT

        until(lambda: states() == {"ready": COUNT}, "the whole batch")
        assert sorted(made()) == sorted(codes)
        # The one job was begun anew by whoever was left.
        tried = "SELECT state, attempts FROM work_job WHERE kind = %s ORDER BY id"
        assert database.execute(tried, [asking.MAKE]).fetchall()[0] == ("done", 2)
        for part in ("desk", "work"):
            assert "Traceback" not in installation.said(part, "second")


def order_at(web: Web, package: int) -> str:
    """The page of a new order of a stranger."""
    stranger = build_opener(HTTPCookieProcessor(CookieJar()))
    path = web.page(stranger, f"/buy/{package}/", {"phone": "0812 3456 7890", "method": 1})[0]
    assert path.startswith("/buy/o/")
    return str(path)


def change(web: Web, ont: int, **how: Any) -> None:
    status, answer = web.api("/onts/bulk", {"onts": [ont], **how})
    assert status == 200, answer
