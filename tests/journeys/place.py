"""A whole installation on a real fibre, and a browser in front of it: the ground of the journeys."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from ronda.simulator.fibre import Fibre
from ronda.simulator.lists import main_row
from ronda.simulator.neighbourhood import build
from tests.servers import migrated
from tests.servers.postgres import free_port

PATIENCE_S = 90
#: Between two looks at a page that is loaded anew for each: it takes a good part of a second of a processor.
RELOADED_S = 1.5
OWNER, PASSWORD = "sari", "lentera-malam-di-pos-ronda"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: The rows of a list are alike: what is wrong with them is wrong with the first five.
LOOKED_AT = {"exclude": [["tbody > tr:nth-child(n+6)"], ["li:nth-child(n+25)"]]}
OUTPUT = Path(__file__).parent.parent / "output"


def picture(page: Page, name: str) -> None:
    """Keep what the window shows, to be looked at; nobody does in CI."""
    if os.environ.get("CI") == "true":
        return
    OUTPUT.mkdir(exist_ok=True)
    # Hiding the caret would write styles into the fields, which the page then is blamed for.
    page.screenshot(path=OUTPUT / f"{name}.png", caret="initial")


def show(page: Page, theme: str, width: int) -> None:
    """The page that is shown, in another theme and width, as when a person chooses them."""
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate(
        """theme => {
            document.documentElement.dataset.theme = theme;
            document.dispatchEvent(new CustomEvent("ronda:theme-chosen"));
        }""",
        theme,
    )


def stumbles(page: Page, options: dict[str, object]) -> list[str]:
    """What axe calls serious or critical, with the first places of each."""
    found = Axe().run(page, context=LOOKED_AT, options=options)
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found.response["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]


def until(
    question: Callable[[], object], what: str, patience: float = PATIENCE_S, every: float = 0.2
) -> object:
    """The first true answer of `question`, asked at these intervals, in seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(every)
    raise AssertionError(f"not within {patience} s: {what}")


class Installation:
    """`ronda run` with short intervals, and nothing to watch yet."""

    canaries: Sequence[str] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        migrated.put_sqlite(folder / "data")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for the first page."""
        environment = migrated.environment(
            self.folder / "data",
            RONDA_INTERVAL_S="5",
            RONDA_NOTICE_HOLD_S="3",
            RONDA_CANARIES=",".join(self.canaries),
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ronda", "run", "--bind", f"127.0.0.1:{self.port}"],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )
        until(
            lambda: self.log.read_text().count("Uvicorn running") > self._starts, "the web server"
        )
        self._starts += 1

    _starts = 0

    def link(self) -> str:
        """The one-time link that the first start printed."""
        found = until(lambda: re.search(r"http://\S+/setup/\S+/", self.log.read_text()), "the link")
        assert isinstance(found, re.Match)
        return found[0]

    def kill(self) -> None:
        """`kill -9` of everything at once, as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """An ordinary stop."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


class Place(Installation):
    """An installation with a list of ONTs that live behind `fibre`."""

    def __init__(self, folder: Path, fibre: Fibre, onts: int = 40) -> None:
        super().__init__(folder)
        self.fibre = fibre
        self.canaries = fibre.layout.canaries()
        village = build(seed=7, onts=onts, town_onts=0, prefix=fibre.layout.prefix)
        self.rows = [main_row(ont) for ont in village.onts]
        self.addressed = len({row["ip"] for row in self.rows if row["ip"]})
        self.list = folder / "daftar.json"
        self.list.write_text(json.dumps(self.rows), encoding="utf-8")


class Visitor:
    """A page whose errors and requests to strangers are remembered."""

    def __init__(self, context: BrowserContext, place: Installation) -> None:
        self.place = place
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(40_000)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", lambda request: self._strangers(request.url))
        self.page.on("console", lambda message: self._console(message.type, message.text))
        self.page.on("response", lambda answer: self._broken(answer.status, answer.url))

    def go(self, path: str) -> Page:
        """Open a path of the installation."""
        self.page.goto(self.place.url + path)
        return self.page

    def become_owner(self) -> None:
        """Use the one-time link and choose a password."""
        self.page.goto(self.place.link())
        self.page.fill("[name=name]", OWNER)
        self.page.fill("[name=password]", PASSWORD)
        self.page.fill("[name=again]", PASSWORD)
        self.page.locator("form:has([name=password]) button[type=submit]").click()
        self.page.wait_for_url(lambda url: "/setup/" not in url)

    def look(self, path: str) -> None:
        """Open a page in both themes, wide and on a phone: it fits and everybody can read it."""
        # What is wrong besides colours is wrong in both themes.
        whole: dict[str, object] = {"runOnly": STANDARDS, "resultTypes": ["violations"]}
        colours: dict[str, object] = {
            "runOnly": {"type": "rule", "values": ["color-contrast"]},
            "resultTypes": ["violations"],
        }
        # Colours that fade from one theme to the other would be measured half-way.
        self.page.emulate_media(reduced_motion="reduce")
        page = self.go(path)
        # Fragments that a page loads after itself belong to it.
        page.locator(".htmx-request").first.wait_for(state="detached")
        name = path.strip("/").replace("/", "-") or "dashboard"
        for theme, width, wanted in (("light", 1280, colours), ("dark", 360, whole)):
            show(page, theme, width)
            picture(page, f"{name}-{width}-{theme}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert stumbles(page, wanted) == []
        page.emulate_media(reduced_motion="no-preference")

    def _strangers(self, url: str) -> None:
        if not url.startswith((self.place.url, "data:", "blob:")):
            self.complaints.append(f"foreign request: {url}")

    def _console(self, kind: str, text: str) -> None:
        # A stream that is refused or cut is told by the browser itself, and is part of a journey.
        # So are requests of a page that is left before they were answered.
        if kind == "error" and not text.startswith(("Failed to load resource", "htmx:")):
            self.complaints.append(f"console: {text}")

    def _broken(self, status: int, url: str) -> None:
        if status >= 500:
            self.complaints.append(f"{status}: {url}")
