"""The pages in a real browser, with the feed on a stage: what people see while things change."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.web.pmtiles_file import MVT, PNG, mvt, pmtiles, png
from tests.web.stage import Ont, Stage, played

pytestmark = [pytest.mark.journey, pytest.mark.slow]

expect.set_options(timeout=60_000)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("RONDA_TEST_CHROMIUM") or shutil.which("chromium")
    if not path or not Path(path).exists():
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    # The stage has no database behind it; the menu asks for this number.
    monkeypatch.setattr("ronda.alerts.context.count", lambda person: 2)
    onts = [
        Ont(i, f"ONT {i:02d}", -7.7 + i * 0.004, 110.36 + (i % 5) * 0.004) for i in range(1, 21)
    ]
    onts += [Ont(50, "Tanpa posisi", None, None), Ont(51, "Kembar A", -7.65, 110.4)]
    onts += [Ont(52, "Kembar B", -7.65, 110.4, state=3)]
    with played(onts) as found:
        yield found


class Watched:
    """A page whose errors and foreign requests are remembered."""

    def __init__(self, page: Page, stage: Stage) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: self.complain(m.type, m.text))
        page.on("request", lambda r: self.request(r.url, stage.address))

    def complain(self, kind: str, text: str) -> None:
        # A refused stream is told on the console by the browser itself.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)

    def request(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:")):
            self.complaints.append(f"foreign request: {url}")


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID")
    found = context.new_page()
    found.set_default_timeout(60_000)
    watched = Watched(found, stage)
    yield found
    context.close()
    assert watched.complaints == []
    assert stage.problems == []


def open_map(page: Page, stage: Stage, hash_: str = "") -> None:
    page.goto(f"{stage.address}/map/{hash_}")
    expect(page.locator("#map")).to_have_attribute("aria-busy", "false")
    expect(page.locator("[data-map-list]")).to_contain_text("ONT 01")


def place(page: Page) -> str:
    """Where the map stands, by the address."""
    page.wait_for_timeout(350)
    found = re.search(r"map=([^&]+)", page.url)
    return found.group(1) if found else ""


def test_a_change_reaches_the_list_the_counts_and_the_title(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/list/")
    row = page.locator("[data-ont='3']")
    expect(row.locator(".state")).to_have_attribute("data-status", "up")
    stage.change(o3=3)
    expect(row.locator(".state")).to_have_attribute("data-status", "down")
    expect(page.locator("main [data-count=down]")).to_have_text("2")
    expect(page).to_have_title(re.compile(r"^\(2\) List"))
    expect(page.locator("#favicon")).to_have_attribute("href", re.compile("^data:image/png"))


def test_a_change_between_the_page_and_its_stream_is_not_missed(page: Page, stage: Stage) -> None:
    page.route("**/live/stream*", lambda route: (stage.change(told=False, o4=3), route.continue_()))
    page.goto(f"{stage.address}/list/")
    expect(page.locator("[data-ont='4'] .state")).to_have_attribute("data-status", "down")


def test_a_lost_stream_is_said_and_what_was_missed_comes_after(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/list/")
    expect(page.locator("[data-link-state]")).to_have_attribute("data-link-state", "live")
    stage.cut()
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile("stale"))
    stage.change(told=False, o5=3)
    stage.open = True
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("[data-ont='5'] .state")).to_have_attribute("data-status", "down")


def test_somebody_who_was_signed_out_is_told_so(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/list/")
    expect(page.locator("[data-link-state]")).to_have_attribute("data-link-state", "live")
    stage.signed_in = False
    stage.cut()
    expect(page.locator("[data-link-state]")).to_have_attribute("data-link-state", "signed-out")
    expect(page.locator("#stale")).to_be_visible()


def test_a_blind_watch_is_said_in_words(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/list/")
    expect(page.locator("#blind")).to_be_hidden()
    stage.watch_state = "blind"
    stage.publish({})
    expect(page.locator("#blind")).to_be_visible()
    stage.watch_state = "ok"
    stage.publish({})
    expect(page.locator("#blind")).to_be_hidden()


def test_a_gap_in_the_stream_is_filled_before_anything_after_it(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/list/")
    expect(page.locator("[data-link-state]")).to_have_attribute("data-link-state", "live")
    stage.change(told=False, o6=3)
    stage.change(o7=4)
    expect(page.locator("[data-ont='6'] .state")).to_have_attribute("data-status", "down")
    expect(page.locator("[data-ont='7'] .state")).to_have_attribute("data-status", "unreachable")


def test_what_somebody_asked_for_and_did_not_get_is_said(browser: Browser, stage: Stage) -> None:
    # htmx itself writes failures to the console, so this page is not watched.
    page = browser.new_page(locale="id-ID")
    page.goto(f"{stage.address}/list/")
    page.evaluate("""() => {
        document.querySelector("main").insertAdjacentHTML("beforeend",
            "<button id='ask' hx-get='/asked/' hx-target='#got'>?</button><p id='got'></p>");
        htmx.process(document.querySelector("main"));
    }""")
    said = page.locator("main [role=alert]")
    answers = [
        lambda route: route.fulfill(status=503),
        lambda route: route.fulfill(status=404),
        lambda route: route.abort(),
        lambda route: route.fulfill(status=200, body="here"),
    ]
    words = [re.compile("few seconds"), re.compile("Reload"), re.compile("connection")]
    page.route("**/asked/", lambda route: answers.pop(0)(route))
    for word in words:
        page.click("#ask")
        expect(said).to_have_text(word)
    page.click("#ask")
    expect(page.locator("#got")).to_have_text("here")
    expect(said).to_have_count(0)
    page.close()


def test_the_map_shows_the_fleet_and_counts_those_without_a_position(
    page: Page, stage: Stage
) -> None:
    open_map(page, stage)
    expect(page.locator("[data-map-count=total], [data-map-shown]").first).to_contain_text("23")
    expect(page.locator("[data-map-unlocated]")).to_contain_text("1")
    first = page.locator(".map-row").first
    expect(first).to_contain_text("Kembar B")
    drawn = page.evaluate(
        """() => { const c = document.querySelector('.fleet-canvas');
        return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v > 0); }"""
    )
    assert drawn


def test_search_popup_and_place_survive_a_change(page: Page, stage: Stage) -> None:
    open_map(page, stage)
    page.locator("[data-map-search]").fill("XM00000 ont")
    expect(page.locator("[data-map-shown]")).to_contain_text("9")
    page.locator(".map-row", has_text="ONT 02").click()
    popup = page.locator(".ont-popup")
    expect(popup).to_contain_text(re.compile(r"8[.,]2 ms"))
    stood = place(page)
    stage.change(o2=3, o3=4)
    expect(popup.locator(".state")).to_have_attribute("data-status", "down")
    expect(page.locator("[data-map-search]")).to_have_value("XM00000 ont")
    expect(page.locator(".map-row").first).to_contain_text("ONT 02")
    assert place(page) == stood
    expect(popup.locator("a").first).to_have_attribute("href", "/onts/2/")


def test_the_map_never_moves_by_itself_after_it_was_moved(page: Page, stage: Stage) -> None:
    open_map(page, stage)
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(600)
    stood = place(page)
    assert stood
    far = Ont(90, "Jauh sekali", -6.2, 106.8, state=3)
    stage.onts[90] = far
    stage.publish({"changed": [far.full()]})
    expect(page.locator("[data-map-list]")).to_contain_text("Jauh sekali")
    page.set_viewport_size({"width": 1100, "height": 700})
    page.wait_for_timeout(300)
    assert place(page).split("/")[0] == stood.split("/")[0]
    page.locator("[data-fit]").click()
    assert place(page) != stood


def test_what_is_seen_survives_a_reload(page: Page, stage: Stage) -> None:
    open_map(page, stage, "#map=15/-7.68000/110.37000&state=13&q=ont")
    page.reload()
    expect(page.locator("[data-map-search]")).to_have_value("ont")
    expect(page.locator("[data-map-state='3']")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-map-shown]")).to_contain_text("20")
    assert place(page) in {"", "15/-7.68000/110.37000"}


def test_the_map_is_used_by_keyboard_alone(page: Page, stage: Stage) -> None:
    open_map(page, stage)
    page.keyboard.press("/")
    expect(page.locator("[data-map-search]")).to_be_focused()
    page.keyboard.type("kembar b")
    page.keyboard.press("Enter")
    popup = page.locator(".ont-popup")
    expect(popup).to_contain_text("Kembar B")
    expect(popup.locator("a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(popup).to_be_hidden()
    expect(page.locator("[data-map-search]")).to_be_focused()


def test_twins_on_one_place_can_each_be_touched(page: Page, stage: Stage) -> None:
    open_map(page, stage, "#map=18/-7.65/110.4")
    box = page.locator("#map").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(middle[0], middle[1] - 22)
    expect(page.locator(".ont-popup")).to_contain_text("Kembar A")
    page.keyboard.press("Escape")
    page.mouse.click(middle[0], middle[1] + 22)
    expect(page.locator(".ont-popup")).to_contain_text("Kembar B")


def test_a_wallboard_has_the_map_and_nothing_to_press(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/wallboard/")
    expect(page.locator("#map")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".map-panel, .map-buttons, .leaflet-control-zoom")).to_have_count(0)


@pytest.mark.parametrize("kind", [PNG, MVT])
def test_the_operators_own_map_file_lies_under_the_onts(
    page: Page, stage: Stage, kind: int
) -> None:
    stage.base_map = pmtiles(png() if kind == PNG else mvt(), kind)
    open_map(page, stage)
    expect(page.locator("#map")).to_have_class(re.compile("with-tiles"))
    tile = page.locator(".leaflet-tile-pane .leaflet-tile-loaded").first
    expect(tile).to_be_attached()
    expect(page.locator("[data-map-note]")).to_be_hidden()
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("OpenStreetMap")


def test_a_map_file_that_cannot_be_read_is_said_and_the_onts_are_there(
    page: Page, stage: Stage
) -> None:
    stage.base_map = b"this is no map" * 2000
    held: list[Route] = []
    page.route("**/live/columns*", lambda route: held.append(route))
    with page.expect_request("**/live/columns*"):
        page.goto(f"{stage.address}/map/")
    expect(page.locator("[data-map-note]")).to_be_visible()
    held[0].continue_()
    expect(page.locator("[data-map-list]")).to_contain_text("ONT 01")
    expect(page.locator("[data-map-note]")).to_be_visible()
    expect(page.locator(".map-row").first).to_contain_text("Kembar B")


@pytest.mark.parametrize("path", ["/list/", "/map/"])
def test_a_phone_needs_no_sideways_scrolling(page: Page, stage: Stage, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(stage.address + path)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.evaluate(
        """() => [...document.querySelectorAll('.bottomnav a, .bottomnav summary, .topbar .iconbtn')]
        .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44).length"""
    )
    assert small == 0


def test_colours_are_right_in_the_first_paint_and_change_without_a_reload(
    page: Page, stage: Stage
) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{stage.address}/list/")
    assert theme(page) == "dark"
    page.locator(".topbar details.person summary").click()
    form = page.locator(".topbar [data-theme-form]")
    if form.count():
        form.locator("button[value=light]").click()
        assert theme(page) == "light"
        page.reload()
        assert theme(page) == "light"
        assert 'data-bs-theme="light"' in page.content()


def test_paper_is_white_in_the_dark_theme_too(page: Page, stage: Stage) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{stage.address}/list/")
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_single_key_shortcuts_can_be_turned_off(page: Page, stage: Stage) -> None:
    open_map(page, stage)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("[data-map-search]")).not_to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/list/", "/map/"])
def test_nothing_stands_in_the_way_of_those_who_see_or_move_otherwise(
    page: Page, stage: Stage, path: str, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(stage.address + path)
    expect(page.locator("[data-link-state]")).to_have_attribute("data-link-state", "live")
    if path == "/map/":
        page.locator(".map-row").first.click()
        expect(page.locator(".ont-popup")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def theme(page: Page) -> Any:
    return page.evaluate("document.documentElement.dataset.bsTheme")
