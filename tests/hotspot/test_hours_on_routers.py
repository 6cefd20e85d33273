"""Hours of access on simulated routers of both generations: a week of theirs opens and closes as asked."""

from datetime import timedelta

import pytest

from ronda.hotspot.rules.hours_entries import Whom, entries, repair
from ronda.hotspot.rules.windows import Window, Zone, edges, is_open
from ronda.simulator.routers.life import Life
from ronda.simulator.routers.router import VirtualRouter

USERS = "/ip/hotspot/user"
AHEAD = 7 * 60
WINDOWS = (
    Window(frozenset({0, 1, 2, 3, 4}), 7 * 60, 16 * 60),
    Window(frozenset({5}), 8 * 60, 12 * 60),
)


def add(router: VirtualRouter, menu: str, **values: str) -> None:
    words = [f"={name.replace('_', '-')}={value}" for name, value in values.items()]
    router.execute(f"{menu}/add", words)


def rows(router: VirtualRouter, menu: str) -> list[dict[str, str]]:
    return router.execute(f"{menu}/print").dicts()


@pytest.mark.parametrize("version", [pytest.param("v6.49.10", marks=pytest.mark.slow), "v7.24"])
def test_every_hour_of_a_week_the_router_lets_in_whom_the_hours_let_in(version: str) -> None:
    router = VirtualRouter(version, name="Balai")
    life = Life(router)
    add(router, "/ip/pool", name="hs", ranges="10.5.50.2-10.5.50.9")
    add(router, "/ip/hotspot", name="hs1", interface="bridge1", address_pool="hs", disabled="no")
    add(router, "/ip/hotspot/user/profile", name='kan"tor $5', keepalive_timeout="none")
    for name in ("siti", "dewi é", "owing"):
        add(router, USERS, name=name, profile='kan"tor $5')
    add(router, USERS, name="warga")
    router.execute(f"{USERS}/disable", ["=numbers=owing"])
    whom = Whom("profile", 'kan"tor $5', ("owing",))
    now = router.clock.now()
    wanted = entries(1, whom, edges(WINDOWS), now, AHEAD, iso=router.profile.since(7, 10))
    for entry in wanted.values():
        router.execute("/system/scheduler/add", [f"={k}={v}" for k, v in entry.items()])
    assert not repair(wanted, rows(router, "/system/scheduler"))
    router.clock.advance(7 * 86_400)
    router.tick()
    life.world.arrive("02:00:00:00:00:01", "hs1")
    for _ in range(7 * 24):
        router.clock.advance(3_600)
        router.tick()
        life.world.log_in("02:00:00:00:00:01", "siti", "")
        disabled = {row["name"]: row["disabled"] for row in rows(router, USERS)}
        # The clock stands on the hour, where an edge has just been done.
        opened = is_open(WINDOWS, Zone.WIB, router.clock.now() + timedelta(seconds=1))
        assert disabled["siti"] == disabled["dewi é"] == ("false" if opened else "true")
        assert (disabled["owing"], disabled["warga"]) == ("true", "false")
        online = [row["user"] for row in rows(router, "/ip/hotspot/active")]
        assert online == (["siti"] if opened else [])
    assert not [row for row in rows(router, "/log") if row["message"].startswith("executing")]
