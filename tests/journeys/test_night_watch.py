"""The night watch as people walk it: a fresh installation, a real fibre, a real browser.

The tests of this file are one story and run in its order, on one installation.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.fibre import open_fibre
from tests.journeys.place import RELOADED_S, Place, Visitor, picture, until

pytestmark = [
    pytest.mark.journey,
    pytest.mark.story,
    pytest.mark.slow,
    pytest.mark.timeout(240),
]

PAGES = [
    "/",
    "/map/",
    "/onts/",
    "/outages/",
    "/notices/",
    "/onts/import/",
    "/watch/",
    "/wallboard/",
    "/reports/",
    "/settings/",
    "/changes/",
    "/backups/",
    "/people/",
    "/audit/",
    "/sites/",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with open_fibre(addresses=4000) as fibre:
        made = Place(tmp_path_factory.mktemp("place"), fibre)
        made.start()
        yield made
        made.stop()


def count(page: Page, state: str) -> int:
    text = page.locator(f".counts [data-count={state}]").first.inner_text()
    return int(text.replace(".", "") or 0)


def test_1_the_first_link_makes_the_owner(visitor: Visitor, place: Place):
    page = visitor.page
    visitor.become_owner()

    visitor.go("/")
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "id"


def test_2_a_list_is_looked_at_then_imported(visitor: Visitor, place: Place):
    page = visitor.go("/onts/import/")
    page.set_input_files("[name=file]", place.list)
    page.fill("[name=site]", "Wringinjalu")
    page.locator(".import-form button[type=submit]").click()

    expect(page.locator(".counts li").first).to_contain_text(str(len(place.rows)))
    picture(page, "import")
    page.locator("button[value=commit]").click()
    page.wait_for_load_state()

    visitor.go("/")
    assert count(page, "total") >= place.addressed


def test_3_within_a_minute_every_address_has_answered(visitor: Visitor, place: Place):
    page = visitor.go("/")

    until(lambda: count(page, "up") >= place.addressed, "all up, without a reload", 60)

    assert count(page, "down") == 0


def test_4_a_cut_is_seen_on_the_open_map_and_told_once(visitor: Visitor, place: Place):
    page = visitor.go("/map/")
    expect(page.locator("#map")).to_have_attribute("aria-busy", "false")
    victim = place.rows[3]
    place.fibre.cut([victim["ip"]])

    entry = page.locator("[data-map-list]").get_by_text(victim["name"]).first
    until(
        lambda: page.locator("[data-map-count=down]").first.inner_text() == "1",
        "one down on the map",
    )
    expect(entry).to_be_visible()
    picture(page, "map")

    visitor.go("/notices/")
    until(
        lambda: page.reload() and page.locator(".notice-danger").count() == 1,
        "one notice",
        every=RELOADED_S,
    )
    expect(page.locator(".notice-danger")).to_contain_text(victim["name"])


def test_5_the_outage_survives_kill_9_and_is_not_told_again(visitor: Visitor, place: Place):
    page = visitor.go("/outages/?ongoing=yes")
    expect(page.locator("main tbody tr")).to_have_count(1)
    began = page.locator("main tbody tr time").first.get_attribute("datetime")

    place.kill()
    place.start()

    visitor.go("/outages/?ongoing=yes")
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert page.locator("main tbody tr time").first.get_attribute("datetime") == began
    # Two whole rounds of the new watch: it confirms, and tells nobody a second time.
    ask = "fetch('/api/v1/watch').then(answer => answer.json())"
    until(lambda: page.evaluate(ask)[0]["sweep"] >= 2, "two rounds of the new watch")
    visitor.go("/notices/?kind=down")
    expect(page.locator(".notice-danger")).to_have_count(1)


def test_6_mended_it_comes_back_and_the_outage_has_an_end(visitor: Visitor, place: Place):
    page = visitor.go("/outages/")
    place.fibre.mend()

    until(
        lambda: page.reload() and page.locator("main tbody tr time").count() >= 2,
        "an end",
        every=RELOADED_S,
    )

    visitor.go("/")
    until(lambda: count(page, "up") >= place.addressed, "all up again")


def test_7_when_our_own_line_is_cut_nobody_is_called_down(visitor: Visitor, place: Place):
    page = visitor.go("/")
    place.fibre.blind(True)
    expect(page.locator("#blind")).to_be_visible(timeout=60_000)
    picture(page, "blind")
    assert count(page, "down") == 0

    place.fibre.blind(False)
    expect(page.locator("#blind")).to_be_hidden(timeout=60_000)

    visitor.go("/outages/?ongoing=yes")
    expect(page.locator("main tbody tr td time")).to_have_count(0)


def test_8_a_deleted_ont_comes_back_from_a_backup(visitor: Visitor, place: Place):
    name = place.rows[5]["id_ccbs"]
    page = visitor.go(f"/onts/?q={name}")
    page.locator("main tbody a").first.click()
    page.wait_for_load_state()
    page.locator("a.btn-danger").click()
    page.locator("main form button[type=submit].btn-danger, main form .btn-danger").last.click()
    page.wait_for_load_state()
    visitor.go(f"/onts/?q={name}")
    expect(page.locator("main tbody tr")).to_have_count(0)

    visitor.go("/backups/")
    # The newest holds the state after the deletion; the one before it still has the ONT.
    page.locator("main tbody a.btn").nth(1).click()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()

    visitor.go(f"/onts/?q={name}")
    expect(page.locator("main tbody tr")).to_have_count(1)


@pytest.mark.parametrize("path", PAGES)
def test_9_every_page_fits_a_phone_and_has_no_serious_fault_for_assistive_technology(
    visitor: Visitor, path: str
):
    visitor.look(path)


def test_a_both_languages_are_complete_choices(visitor: Visitor):
    for language in ("en", "id"):
        page = visitor.go("/")
        choice = page.locator(f"button[name=language][value={language}]").first
        choice.evaluate("button => button.form.requestSubmit(button)")
        expect(page.locator("html")).to_have_attribute("lang", language)


def test_b_the_keyboard_alone_reaches_an_ont(visitor: Visitor):
    page = visitor.go("/onts/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("RW")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=RW**")
    # A search field keeps the letters that are typed in it; the page itself takes them as moves.
    visitor.go("/onts/?q=RW")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/onts/*/")

    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/map/**")


def test_c_signing_out_closes_every_page(visitor: Visitor):
    page = visitor.go("/")
    page.locator("form[action*=logout]").first.evaluate("form => form.requestSubmit()")
    page.wait_for_url("**/accounts/login/**")
    for path in PAGES:
        visitor.go(path)
        assert "/accounts/login/" in page.url
