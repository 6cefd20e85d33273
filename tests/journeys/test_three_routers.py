"""Routers and their hotspots as people run them: real processes, simulated MikroTiks, a real browser.

The tests of this file are one story and run in its order, on one installation.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.control import Handle, SimulatedRouters
from ronda.simulator.routers.hotspots import live, opened
from ronda.simulator.routers.life import Life
from tests.journeys.place import RELOADED_S, Installation, Visitor, picture, until

pytestmark = [
    pytest.mark.journey,
    pytest.mark.story,
    pytest.mark.slow,
    pytest.mark.timeout(240),
]

LIVED_S = 3 * 3600.0
ACTIVE, COOKIES = "/ip/hotspot/active", "/ip/hotspot/cookie"

PAGES = [
    "/routers/",
    "/routers/new/",
    "/routers/import/",
    "/routers/setup/",
    "/routers/1/",
    "/routers/1/test/",
    "/routers/1/setup/",
    "/routers/1/health/",
    "/routers/1/log/",
    "/routers/1/copies/",
    "/routers/health/",
    "/hotspot/",
    "/hotspot/users/",
    "/hotspot/profiles/",
    "/hotspot/profiles/new/",
    "/hotspot/lists/hosts/",
    "/hotspot/instructions/",
    "/hotspot/differences/",
    "/hotspot/hours/",
    "/hotspot/usage/",
]


@pytest.fixture(scope="module")
def routers() -> Iterator[SimulatedRouters]:
    """The three of the demo, with three hours of guests behind them: 6.49, 7.16 and 7.24."""
    # Whenever the story is told, its guests have their evening: at three in the morning nobody is online.
    evening = pytest.MonkeyPatch()
    evening.setattr(Life, "hour", lambda _self, _moment: 19.5)
    now = datetime.now(UTC)  # noqa: TID251 -- the world of the routers has our time
    clock = Clock(start=now - timedelta(seconds=LIVED_S))
    three = opened(7, clock)
    live(three.fleet, LIVED_S)
    clock.rate = 1.0
    with three:
        yield three
    evening.undo()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("place"))
    made.start()
    yield made
    made.stop()


def enter(visitor: Visitor, router: Handle, name: str, password: str, way: str, port: int) -> None:
    """Fill in the form of a new router and ask for its test."""
    page = visitor.go("/routers/new/")
    page.fill("[name=name]", name)
    page.fill("[name=host]", router.host)
    page.fill("[name=user]", router.user)
    page.fill("[name=password]", password)
    page.locator("details.more-fields summary").click()
    page.select_option("[name=way]", way)
    page.fill("[name=port]", str(port))
    page.fill("[name=poll_s]", "30")
    page.locator("button[name=then][value=test]").click()
    expect(page.locator(".headline")).to_be_visible(timeout=60_000)


def ordered(page: Page) -> None:
    """Wait until an instruction has ended: told at once, or on its own page when the router takes long."""
    expect(page.locator(".flash-success, #instruction").first).to_be_visible(timeout=40_000)
    expect(page.locator("#instruction progress")).to_have_count(0, timeout=40_000)


def names(router: Handle, menu: str, key: str = "user") -> set[str]:
    return {row[key] for row in router.rows(menu) if key in row}


def test_1_the_owner_comes_in_and_makes_a_site(visitor: Visitor):
    visitor.become_owner()
    page = visitor.go("/sites/")
    page.fill("main form [name=name]", "Wringinjalu")
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("Wringinjalu")


def test_2_a_tested_router_says_what_it_is(visitor: Visitor, routers: SimulatedRouters):
    pasar = routers[0]
    enter(visitor, pasar, "Pasar", pasar.password, "api", pasar.port)
    page = visitor.page
    expect(page.locator(".findings")).to_contain_text("6.49.10")
    picture(page, "router-test-good")


def test_3_who_is_online_comes_by_itself(visitor: Visitor, routers: SimulatedRouters):
    balai = routers[1]
    enter(visitor, balai, "Balai", balai.password, "api-ssl", balai.ports["api-ssl"])
    page = visitor.go("/hotspot/")
    somebody = min(names(balai, ACTIVE))
    until(lambda: page.locator("tbody th a", has_text=somebody).count(), "the first guests", 60)
    picture(page, "hotspot")


def test_4_whose_session_is_ended_is_gone_from_the_router_too(
    visitor: Visitor, routers: SimulatedRouters
):
    balai = routers[1]
    page = visitor.go("/hotspot/")
    member = min(names(balai, ACTIVE))
    row = page.locator("tbody tr", has=page.get_by_role("link", name=member, exact=True)).first
    row.locator("[data-choose-row]").check()
    page.locator("button[name=verb][value=kick]").click()
    ordered(page)
    picture(page, "hotspot-instruction")
    # Without the cookie the phone would be back at once.
    assert member not in names(balai, COOKIES)


def test_5_a_router_that_hangs_is_told_once_and_costs_nobody_else(
    visitor: Visitor, routers: SimulatedRouters
):
    pasar, balai = routers[0], routers[1]
    pasar.set_port("drop")
    pasar.ask("disconnect", reset=True)
    page = visitor.go("/notices/")
    until(
        lambda: page.reload() and page.locator("main .notice", has_text="Pasar").count(),
        "the notice about the router",
        120,
        RELOADED_S,
    )
    slowest = 0.0
    for path in ("/routers/", "/routers/1/", "/hotspot/", "/hotspot/users/", "/"):
        began = time.monotonic()
        visitor.go(path)
        slowest = max(slowest, time.monotonic() - began)
    # A page that waited for the router would wait the ten seconds of its time limit.
    assert slowest < 9
    visitor.go("/routers/")
    expect(page.locator("tbody tr", has_text="Balai")).to_contain_text("Nyala")
    picture(page, "routers-one-lost")

    pasar.set_port("open")
    visitor.go("/routers/")
    until(
        lambda: (
            page.reload()
            and "Nyala" in page.locator("tbody tr", has_text="Pasar").first.inner_text()
        ),
        "the router is back",
        90,
        RELOADED_S,
    )
    assert names(balai, ACTIVE)


@pytest.mark.parametrize("path", PAGES)
def test_6_every_page_fits_a_phone_and_has_no_serious_fault_for_assistive_technology(
    visitor: Visitor, path: str
):
    visitor.look(path)


def test_7_the_older_doors_know_the_hotspot(visitor: Visitor, routers: SimulatedRouters):
    page = visitor.go("/")
    ask = "path => fetch(path).then(answer => answer.json())"
    users = page.evaluate(ask, "/api/mikrotik/users?active=true")
    assert users["count"] == len(users["users"]) > 0
    assert "1jam" in str(page.evaluate(ask, "/api/mikrotik/profiles"))
    assert page.evaluate(ask, "/api/hotspot/active-users")[0].keys() >= {"ip", "mac"}
    assert page.evaluate(ask, "/api/history")[-1]["users"] > 0
    settings = str(page.evaluate(ask, "/api/mikrotik/settings"))
    assert "Balai" in settings
    assert routers[1].password not in settings
