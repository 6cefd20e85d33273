"""A hotspot user is made, changed behind our back, and put right, in a browser by the real processes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ronda.simulator.routers.control import Handle
from tests.journeys.test_routers import SECRET, enter, one, page

__all__ = ["one", "page"]

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.story]


def test_a_user_is_made_and_the_router_has_it(page: Page, one: Handle) -> None:
    enter(page, "Balai Desa", one.host, one.port, SECRET)
    expect(page.locator("#connected")).to_be_visible()
    page.goto("/hotspot/users/new/")
    page.fill("input[name=name]", "007")
    page.fill("input[name=password]", "rahasia")
    page.fill("input[name=profile]", "default")
    page.fill("input[name=limit_uptime]", "2h")
    page.click("main form.card button[type=submit]")
    expect(page.locator("tbody")).to_contain_text("007")
    held = next(row for row in one.rows("/ip/hotspot/user") if row["name"] == "007")
    assert held["limit-uptime"] == "2h"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_somebody_adds_at_the_router_appears_without_a_reload(page: Page, one: Handle) -> None:
    page.evaluate("window.kept = true")
    one.insert("/ip/hotspot/user", name="tamu", profile="default")
    page.evaluate(
        """() => { const form = document.querySelector('form[action="/hotspot/refresh/"]');
        return fetch(form.action, {method: "POST", body: new FormData(form)}).then(() => null); }"""
    )
    expect(page.locator("tbody")).to_contain_text("tamu")
    assert page.evaluate("window.kept")


def test_what_differs_is_put_right(page: Page, one: Handle) -> None:
    page.goto("/hotspot/users/")
    page.check("tr:has-text('tamu') input[type=checkbox]")
    page.click("button[formaction='/hotspot/users/adopt/']")
    page.click("tr:has-text('tamu') a")
    page.click("a[href$='/edit/']")
    expect(page.locator("input[name=profile]")).to_have_value("default")
    page.fill("input[name=comment]", "warung Bu Tini")
    page.click("main form.card button[type=submit]")
    expect(page.locator("main")).to_contain_text("warung Bu Tini")
    page.goto("/hotspot/differences/")
    expect(page.locator("main")).to_contain_text("Tidak ada perbedaan")


@pytest.mark.parametrize(
    "path",
    [
        "/hotspot/",
        "/hotspot/users/",
        "/hotspot/profiles/new/",
        "/hotspot/hours/",
        "/hotspot/instructions/",
    ],
)
def test_the_pages_fit_a_phone_and_everybody(page: Page, path: str) -> None:
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert found.response["violations"] == [], found.generate_report()
