"""Every page that an owner reaches in the demo by its links: it opens, fits, can be read, and has a picture.

It takes some minutes, so that CI, which kills fewer processes too (RONDA_TEST_ROUNDS), leaves it to
`make test-all`. With RONDA_TEST_PICTURES=1 the pictures of the README and the documentation are made anew, too.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.journeys.place import (
    PATIENCE_S,
    STANDARDS,
    Installation,
    Visitor,
    picture,
    show,
    stumbles,
    until,
)
from tests.rounds import ROUNDS
from tests.servers import migrated

MAKES_PICTURES = os.environ.get("RONDA_TEST_PICTURES") == "1"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.journey,
    pytest.mark.story,
    pytest.mark.skipif(
        ROUNDS < 100 and not MAKES_PICTURES, reason="make test-all looks at every page"
    ),
]

WAYS = (("light", 1280), ("dark", 1280), ("dark", 360), ("light", 360))
#: Most of what is wrong is wrong in every theme and width; only this is asked again.
NARROW_AND_DARK = ["color-contrast", "target-size", "scrollable-region-focusable"]
ASKED: dict[tuple[str, int], dict[str, object]] = {
    ("light", 1280): {"runOnly": STANDARDS, "resultTypes": ["violations"]},
    ("dark", 360): {
        "runOnly": {"type": "rule", "values": NARROW_AND_DARK},
        "resultTypes": ["violations"],
    },
}
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
#: Pages whose pictures stand in the documentation, by the picture's name: where, how wide, and the
#: link that is followed from there.
SHOWN = {
    "dashboard": ("/", 1280, ""),
    "map": ("/map/", 1280, ""),
    "ont": ("/onts/?state=down", 1280, "tbody th a"),
    "outages": ("/outages/", 1280, ""),
    "hotspot": ("/hotspot/", 1280, ""),
    "router": ("/routers/", 1280, "tbody th a"),
    "sell": ("/shop/", 390, ""),
    "sales": ("/shop/reports/", 1280, ""),
    "phone": ("/", 390, ""),
}
# Files, fragments, and what ends the visit.
ELSEWHERE = re.compile(
    r"\.(csv|xlsx|pdf|json|rsc|jsonl|gz|txt|css)$|/logout/|/file/|^/api/|^/live/|/export"
)


class Demo(Installation):
    """`ronda run --demo`: a village, three routers and a shop, all simulated."""

    def start(self) -> None:
        """Start it as the README says, and wait for the first page."""
        migrated.put_sqlite(self.folder / "data" / "demo")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "ronda",
                    "run",
                    "--demo",
                    "--bind",
                    f"127.0.0.1:{self.port}",
                ],
                env=migrated.environment(self.folder / "data"),
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )
        until(lambda: "Uvicorn running" in self.log.read_text(), "the web server", 4 * PATIENCE_S)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    try:
        demo.start()
        yield demo
    finally:
        demo.stop()


def view_of(path: str) -> str:
    """The name of the view behind a path, "" where there is none that is looked at."""
    if ELSEWHERE.search(path):
        return ""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def links_of(page: Page, base: str) -> list[str]:
    """Where the links of a page lead within the installation, without what only filters."""
    found = page.eval_on_selector_all(
        "a[href]:not([download])", "all => all.map((one) => one.href)"
    )
    return [urlsplit(url).path for url in found if url.startswith(base) and "#" not in url]


def faults_of(page: Page, name: str) -> list[str]:
    """What a person would stumble over on the page that is shown, in each way of looking at it."""
    faults = []
    if page.locator("h1").count() != 1:
        faults.append(f"{page.locator('h1').count()} main headings")
    if hollow := page.locator("[hx-get][hx-trigger=load]:empty").count():
        faults.append(f"{hollow} parts that stayed empty")
    # A page is loaded once: themes and widths change where it stands, as they do for a person.
    for theme, width in WAYS:
        show(page, theme, width)
        picture(page, f"page-{name.replace(':', '-')}-{width}-{theme}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"wider than {width}")
        if wanted := ASKED.get((theme, width)):
            faults += [f"{what} ({theme}, {width})" for what in stumbles(page, wanted)]
    return faults


def test_the_link_leads_into_the_demo(visitor: Visitor) -> None:
    # Colours that fade from one theme to the other would be measured half-way.
    visitor.page.emulate_media(reduced_motion="reduce")
    visitor.page.goto(visitor.place.link())
    visitor.page.wait_for_url(lambda url: "/setup/" not in url)
    # The first sweep and the first reading of the routers.
    until(
        lambda: visitor.go("/").locator("#ongoing tbody a, [data-usage-now]").count(),
        "an outage or a reading",
    )


@pytest.mark.skipif(not MAKES_PICTURES, reason="RONDA_TEST_PICTURES=1 makes them")
def test_the_pictures_of_the_documentation_are_made(visitor: Visitor) -> None:
    PICTURES.mkdir(exist_ok=True)
    for name, (path, width, link) in SHOWN.items():
        visitor.page.set_viewport_size({"width": width, "height": 800})
        page = visitor.go(path)
        if link:
            page.locator(link).first.click()
            page.wait_for_load_state()
        show(page, "light", width)
        # Maps and charts draw themselves.
        page.wait_for_timeout(2500)
        page.screenshot(path=PICTURES / f"{name}.png", caret="initial")


@pytest.mark.timeout(3600)
def test_every_page_opens_fits_and_can_be_read(visitor: Visitor) -> None:
    waiting, seen, faults = ["/"], set[str](), list[str]()
    while waiting:
        path = waiting.pop(0)
        name = view_of(path)
        if not name or name in seen:
            continue
        seen.add(name)
        answer = visitor.page.goto(visitor.place.url + path)
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        if answer.status >= 400:
            faults.append(f"{path}: {answer.status}")
            continue
        # Fragments that a page loads after itself belong to it.
        visitor.page.locator(".htmx-request").first.wait_for(state="detached")
        faults += [f"{path}: {what}" for what in faults_of(visitor.page, name)]
        waiting += links_of(visitor.page, visitor.place.url)
    assert faults == []
    # Fewer would mean that whole sections are not linked to any more.
    assert len(seen) >= 80, sorted(seen)
