"""A buyer on a cheap phone buys a code that works; fifty at once lose nothing: by the real processes."""

import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ronda.simulator.payments.server import FakeGateways
from ronda.simulator.routers.control import Handle, SimulatedRouters
from tests.journeys.place import PASSWORD, PATIENCE_S, STANDARDS, picture
from tests.journeys.test_routers import LEAST, SECRET, Installation

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.story]

BUYERS = 50
PHONE = {"width": 360, "height": 740}


@dataclass
class Shop:
    """A running shop, its router and its gateway."""

    place: Installation
    router: Handle
    fakes: FakeGateways

    def paid(self) -> None:
        """Whoever holds a charge pays it now."""
        for gateway, reference in list(self.fakes.book.held):
            self.fakes.pay(gateway, reference)

    def users(self) -> set[str]:
        return {row["name"] for row in self.router.rows("/ip/hotspot/user")} - {"default-trial"}

    def count(self, question: str) -> int:
        with sqlite3.connect(self.place.folder / "data" / "ronda.sqlite3") as database:
            found: int = database.execute(question).fetchone()[0]
        database.close()
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    place = Installation(tmp_path_factory.mktemp("shop"))
    with SimulatedRouters("v7.21") as routers, FakeGateways() as fakes:
        router = routers[0]
        router.ask("user", name="ronda-kecil", password=SECRET, policy=LEAST)
        given = {
            "host": router.host,
            "port": router.port,
            "user": "ronda-kecil",
            "password": SECRET,
            "gateway": fakes.url("tripay"),
        }
        program = Path(__file__).with_name("shop_opened.py")
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


def buyer(browser: Browser, shop: Shop, *, script: bool, dark: bool = False) -> BrowserContext:
    context = browser.new_context(
        base_url=shop.place.url,
        viewport=PHONE,
        locale="id-ID",
        java_script_enabled=script,
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(40_000)
    return context


def order(page: Page) -> None:
    page.goto("/buy/")
    page.click("text=24 jam")
    page.fill("input[name=phone]", "0812 3456 7890")
    page.click("form button[type=submit]")
    page.wait_for_url("**/buy/o/**")


def look(page: Page, name: str) -> None:
    """It fits a small phone, everybody can read it, and it is kept as a picture."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    found = Axe().run(page, options={"runOnly": STANDARDS})
    assert [fault["id"] for fault in found.response["violations"]] == []
    picture(page, name)


def test_a_buyer_pays_by_qr_and_reads_a_code_that_the_router_knows(
    browser: Browser, shop: Shop
) -> None:
    shop.fakes.book.mood = replace(shop.fakes.book.mood, copies=3)
    context = buyer(browser, shop, script=True, dark=True)
    page = context.new_page()
    weight: list[int] = []
    page.on("response", lambda answer: weight.append(len(answer.body())))
    page.goto("/buy/")
    look(page, "buy-packages")
    # Before compression; the whole first visit of a cheap phone.
    assert sum(weight) < 30_000
    order(page)
    expect(page.locator("svg.qr")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-left]")).to_have_text(re.compile(r"^23:59:\d\d$"))
    look(page, "buy-payment")
    shop.paid()
    expect(page.locator(".code")).to_be_visible(timeout=60_000)
    code = page.locator(".code").inner_text().strip()
    assert code in shop.users()
    look(page, "buy-code")
    page.goto("/buy/mine/")
    expect(page.locator("main li")).to_have_count(1)
    context.close()
    assert shop.count("select count(*) from shop_sale") == 1


def test_it_works_without_javascript(browser: Browser, shop: Shop) -> None:
    context = buyer(browser, shop, script=False)
    page = context.new_page()
    order(page)
    # The page reloads itself by a header of the page alone.
    expect(page.locator("svg.qr")).to_be_visible(timeout=60_000)
    shop.paid()
    expect(page.locator(".code")).to_be_visible(timeout=60_000)
    assert page.locator(".code").inner_text().strip() in shop.users()
    context.close()


class Patient(httpx.Client):
    """A buyer who comes again when told that too many ask at once, as the page does by itself."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """The answer, at the latest when the patience is over."""
        deadline = time.monotonic() + PATIENCE_S
        while (answer := super().send(request, **options)).status_code == 503:
            assert time.monotonic() < deadline, request.url
            time.sleep(int(answer.headers["retry-after"]))
        return answer


def follow(http: httpx.Client, url: str, state: str) -> None:
    """Ask as the page does, until the order is so."""
    deadline = time.monotonic() + PATIENCE_S
    while http.get(f"{url}state").json()["state"] != state:
        assert time.monotonic() < deadline, state
        time.sleep(1.5)


def test_fifty_buyers_at_once_lose_nothing(shop: Shop) -> None:
    before = shop.count("select count(*) from shop_sale")
    codes: list[str] = []
    faults: list[BaseException] = []

    def buy(number: int) -> None:
        try:
            with Patient(base_url=shop.place.url, timeout=60, trust_env=False) as http:
                form = http.get("/buy/1/")
                token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', form.text)
                method = re.search(r'name="method" value="(\d+)"', form.text)
                assert token
                assert method
                fields = {"phone": f"0812000000{number:02d}", "method": method[1]}
                sent = http.post("/buy/1/", data={"csrfmiddlewaretoken": token[1], **fields})
                assert sent.status_code == 302
                url = sent.headers["Location"]
                follow(http, url, "pending")
                page = http.get(url).text
                reference = re.search(r"Pesanan (\w{8})", page)
                assert reference
                shop.fakes.pay("tripay", f"{reference[1]}-1")
                follow(http, url, "delivered")
                found = re.search(r'class="code">([^<]+)<', http.get(url).text)
                assert found
                codes.append(found[1])
        except BaseException as fault:  # noqa: BLE001 -- told by the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=buy, args=(number,)) for number in range(BUYERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(set(codes)) == BUYERS
    assert set(codes) <= shop.users()
    assert shop.count("select count(*) from shop_sale") == before + BUYERS
    assert shop.count("select count(*) from shop_order where state <> 'delivered'") == 0
    assert len(shop.users()) == before + BUYERS


def test_a_cashier_sells_in_two_taps_and_takes_a_slip_back(browser: Browser, shop: Shop) -> None:
    told = ("user", "add", "dewi", "--role", "cashier", "--password-file", "password")
    place = shop.place
    subprocess.run(place.ronda(*told), env=place.environment, cwd=place.folder, check=True)
    context = buyer(browser, shop, script=True)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "dewi")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/shop/")
    picture(page, "sell-packages")
    page.click(".offers a")
    look(page, "sell-package")
    page.click(".till-sell")
    expect(page.locator(".till-code")).to_be_visible(timeout=60_000)
    code = page.locator(".till-code").inner_text().strip()
    assert code in shop.users()
    look(page, "sell-code")
    sold = shop.count("select count(*) from shop_sale where via = 'counter'")
    assert sold == 1
    page.click("text=Tarik kembali")
    page.click("form.confirm button[type=submit]")
    expect(page.locator("#sale")).to_contain_text("tidak berlaku lagi")
    deadline = time.monotonic() + PATIENCE_S
    while code in shop.users():
        assert time.monotonic() < deadline, "the router still has the user"
        time.sleep(0.5)
    context.close()
