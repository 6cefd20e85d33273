"""The demo's routers: entered as an administrator would, alive, and in trouble as the story says."""

import socket

import pytest
from django.utils import timezone

from ronda.app import demo_mikhmon, demo_packages
from ronda.app.demo_routers import DemoRouters, enter
from ronda.routers.models import Router
from ronda.routers.service import routers as service
from ronda.shop.models import Package
from ronda.shop.service import packages
from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.evening import EVENING, LAP_S, Evening, going_on
from ronda.simulator.routers.hotspots import PLACES, fleet, live, opened
from tests.routers.factories import make_router

KEYS = tuple(place.key for place in PLACES)


@pytest.fixture(scope="module")
def handles():
    with opened(1, Clock()) as routers:
        yield list(routers)


def test_the_first_time_three_routers_are_entered_with_everything_that_leads_to_them(db, handles):
    enter(handles)
    found = {router.name: router for router in Router.objects.all()}
    assert list(found) == sorted(place.name for place in PLACES)
    for place, handle in zip(PLACES, handles, strict=True):
        router = found[place.name]
        assert (router.port, router.transport) == (handle.ports[place.transport], place.transport)
        assert (router.hotspot_name, router.site.name) == (place.server, place.site)


def test_later_only_their_doors_are_told_and_what_was_deleted_stays_deleted(db, handles):
    enter(handles)
    first, second, _ = service.routers()
    Router.objects.filter(pk=first.pk).update(port=1, poll_s=600)
    service.delete(second.pk, None)
    enter(handles)
    assert [router.name for router in service.routers()].count(second.name) == 0
    again = service.router_of(first.pk)
    assert (again.port > 1, again.poll_s) == (True, 600)


def test_each_router_is_configured_by_its_own_commands(handles):
    for place, handle in zip(PLACES, handles, strict=True):
        users = handle.rows("/ip/hotspot/user")
        assert len(users) == 1 + place.members + sum(plan.count for plan in place.plans)
        (group,) = [row for row in handle.rows("/user/group") if row["name"] == "ronda"]
        assert ",policy" not in group["policy"].replace("!policy", "")
        bindings = [row["type"] for row in handle.rows("/ip/hotspot/ip-binding")]
        assert bindings == ["bypassed", "blocked"]
        never, *_ = [row for row in handle.rows("/ip/dhcp-server/lease") if row.get("comment")]
        assert not [name for name in never if name.startswith("active-")]


def test_the_same_seed_opens_the_same_routers():
    def seen():
        lived = fleet(7, Clock())
        live(lived, 3_600)
        return [
            [dict(row) for row in serving.router.menus[menu].rows.values()]
            for serving in lived.servings
            for menu in ("/ip/hotspot/user", "/ip/hotspot/active", "/log")
        ]

    assert seen() == seen()


def test_before_vouchers_run_out_the_shop_prints_new_ones():
    router = fleet(1, Clock()).servings[0].router
    users = router.menus["/ip/hotspot/user"]
    for row in users.where(profile="1jam"):
        row["uptime"] = "1h"
    router.clock.advance(3_600)
    router.tick()
    assert sum(row["uptime"] == "0s" for row in users.where(profile="1jam")) > 20


def test_each_lap_of_the_evening_has_its_troubles_and_ends_without_any():
    kinds = [sorted(one.kind for one in going_on(second)) for second in range(int(LAP_S))]
    assert {kind for now in kinds for kind in now} == {"unreachable", "reboot"}
    assert kinds[0] == kinds[-1] == []
    assert all(going_on(LAP_S + one.start) == going_on(one.start) for one in EVENING)


def test_the_evening_takes_a_router_away_and_brings_it_back():
    class Watched:
        def __init__(self):
            self.deeds = []

        def set_port(self, state):
            self.deeds.append(state)

        def ask(self, op, **values):
            self.deeds.append(op)

        def reboot(self, **how):
            self.deeds.append(("reboot", how["seconds"]))

    watched = [Watched() for _ in KEYS]
    evening = Evening(watched, KEYS)
    for second in range(int(LAP_S) + 1):
        evening.play(float(second))
    deeds = dict(zip(KEYS, (one.deeds for one in watched), strict=True))
    assert deeds["masjid"] == ["refuse", "disconnect", "open"] * 2
    assert deeds["pasar"] == [("reboot", 45)]
    assert deeds["balai"] == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_demo_opens_its_routers_beside_the_product_and_takes_them_away_again():
    with DemoRouters(1, lived_s=0) as demo:
        assert demo.entered.wait(60)
        ports = [router.port for router in Router.objects.all()]
        for port in ports:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_router_of_mikhmon_stands_beside_and_sells_none_of_the_demos_packages(db):
    demo_packages.enter()
    make_router("Balai")
    with demo_mikhmon.opened(1, timezone.now()) as routers:
        for _start in range(2):
            demo_mikhmon.enter(routers[0])
    router = Router.objects.get(name=demo_mikhmon.NAME)
    assert router.port == routers[0].port
    for package in Package.objects.all():
        assert [one.name for one in packages.routers_of(package)] == ["Balai"]
    service.delete(router.pk, None)
    demo_mikhmon.enter(routers[0])
    assert not service.routers().filter(name=demo_mikhmon.NAME).exists()
