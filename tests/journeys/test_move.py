"""A router is moved from Mikhmon and back, and somebody who did not pay his month is let in by paying it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from ronda.simulator.payments.server import FakeGateways
from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.control import SimulatedRouters
from ronda.simulator.routers.mikhmon import furnish, specs
from tests.journeys.place import OWNER, PASSWORD, STANDARDS, picture, until
from tests.journeys.test_routers import Installation
from tests.journeys.test_shop import Shop, buyer

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.story]

USERS, SCHEDULERS = "/ip/hotspot/user", "/system/scheduler"
KEPT = {
    USERS: ("name", "comment", "profile", "limit-uptime"),
    SCHEDULERS: ("name", "comment", "on-event", "disabled"),
    "/ip/hotspot/user/profile": ("name", "on-login"),
    "/system/script": ("name", "source"),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    place = Installation(tmp_path_factory.mktemp("move"), "web", "desk", "work")
    clock = Clock(start=timezone.now())
    opened = SimulatedRouters(*specs(("v3",)), clock=clock, furnish=[furnish(1)])
    with opened as routers, FakeGateways() as fakes:
        router = routers[0]
        member = next(row for row in router.rows(USERS) if row.get("comment") == "bu lurah")
        given = {
            "host": router.host,
            "port": router.port,
            "user": router.user,
            "password": router.password,
            "gateway": fakes.url("tripay"),
            "member": member["name"],
        }
        program = Path(__file__).with_name("move_opened.py")
        subprocess.run(
            [sys.executable, str(program), json.dumps(given)],
            env=place.environment | {"DJANGO_SETTINGS_MODULE": "ronda.app.settings"},
            check=True,
        )
        try:
            place.start()
            yield Shop(place, router, fakes)
        finally:
            place.stop()


@pytest.fixture(scope="module")
def owner(browser: Browser, shop: Shop) -> Iterator[Page]:
    context = browser.new_context(
        base_url=shop.place.url, viewport={"width": 1280, "height": 860}, locale="id-ID"
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", OWNER)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "login" not in url)
    yield page
    context.close()


def kept(shop: Shop) -> dict[str, Any]:
    """What Mikhmon keeps on the router, without what counts up by itself."""
    return {
        menu: [{name: row.get(name, "") for name in names} for row in shop.router.rows(menu)]
        for menu, names in KEPT.items()
    }


def monitored(shop: Shop) -> list[str]:
    """The plans whose vouchers Mikhmon ends."""
    rows = kept(shop)[SCHEDULERS]
    monitors = [row for row in rows if row["comment"].startswith("Monitor Profile")]
    assert monitors
    return [row["name"] for row in monitors if row["disabled"] != "true"]


def look(page: Page, name: str) -> None:
    """It fits, wide and on a phone, everybody can read it, and it is kept as a picture."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 860})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture(page, f"{name}-{width}")
    found = Axe().run(page, options={"runOnly": STANDARDS})
    assert [fault["id"] for fault in found.response["violations"]] == []
    page.set_viewport_size({"width": 1280, "height": 860})


def test_a_router_is_looked_at_taken_over_cut_over_and_put_back(owner: Page, shop: Shop) -> None:
    page, before = owner, kept(shop)
    page.goto("/shop/mikhmon/")
    page.click(".filters-buttons button")
    expect(page.locator(".moving-odd li").first).to_be_visible(timeout=60_000)
    look(page, "mikhmon-looked")
    promised = int(page.locator("input[name=vouchers] + span").inner_text().split()[0])
    assert shop.count("select count(*) from shop_voucher") == 0, "looking takes nothing"
    page.click("form[action$='/take/'] button")
    expect(page.locator("a[href$='/cut-over/']")).to_be_visible(timeout=60_000)
    assert shop.count("select count(*) from shop_voucher") == promised > 20
    assert shop.count("select count(*) from shop_sale") > 20
    assert kept(shop) == before, "taking over changes nothing on the router"
    page.click("a[href$='/cut-over/']")
    page.click("form.confirm button[type=submit]")
    expect(page.locator("a[href$='/put-back/']")).to_be_visible(timeout=60_000)
    until(lambda: not monitored(shop), "Mikhmon ends vouchers no more")
    profiles = kept(shop)["/ip/hotspot/user/profile"]
    assert not [row for row in profiles if ":put" in row["on-login"]]
    look(page, "mikhmon-cut-over")
    page.click("a[href$='/put-back/']")
    page.click("form.confirm button[type=submit]")
    rest = before | {USERS: None}
    until(lambda: kept(shop) | {USERS: None} == rest, "put back exactly what was")
    gone = len(before[USERS]) - len(kept(shop)[USERS])
    ended = shop.count("select count(*) from shop_voucher where state = 'ended'")
    assert gone <= ended, "only whose time was over is not there any more"


def test_who_did_not_pay_is_out_pays_by_his_link_and_is_in_again(
    browser: Browser, owner: Page, shop: Shop
) -> None:
    page = owner

    def shut() -> bool:
        rows = shop.router.rows(USERS)
        (user,) = [row for row in rows if row.get("comment") == "bu lurah"]
        return user.get("disabled") == "true"

    until(shut, "the router shuts out who did not pay")
    page.goto("/shop/members/")
    page.click("text=Bu Lurah")
    form = page.locator("form[action$='/invoice/'] [name=csrfmiddlewaretoken]")
    address = page.url
    sent = page.request.post(
        f"{address}invoice/",
        form={"csrfmiddlewaretoken": form.input_value()},
        headers={"Referer": address},
    )
    assert sent.body().startswith(b"%PDF-")
    page.reload()
    expect(page.locator("main tbody tr")).to_have_count(1)
    look(page, "member-out")
    link = page.locator(".member-link a").get_attribute("href")
    assert link
    context = buyer(browser, shop, script=True)
    phone = context.new_page()
    phone.goto(link)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    picture(phone, "member-pays")
    phone.click("form button[type=submit]")
    expect(phone.locator("svg.qr")).to_be_visible(timeout=60_000)
    shop.paid()
    expect(phone.locator("h1")).to_contain_text("pembayaran Anda sudah masuk", timeout=60_000)
    picture(phone, "member-paid")
    context.close()
    until(lambda: not shut(), "the router lets in who paid")
    assert shop.count("select count(*) from shop_invoice where paid_at is not null") == 1
    assert shop.count("select count(*) from shop_sale where via = 'member'") == 1
    reminded = "select count(*) from shop_reminder where told"
    until(lambda: shop.count(reminded) == 1, "a reminder two days before the end")
    page.reload()
    expect(page.locator(".member-state")).to_have_class(re.compile("is-active"))
