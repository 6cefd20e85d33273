"""A whole installation on a real fibre, and a browser in front of it: the ground of the journeys."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from ronda.simulator.fibre import Fibre
from ronda.simulator.lists import main_row
from ronda.simulator.neighbourhood import build
from tests.servers.postgres import free_port

PATIENCE_S = 90
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


def until(question: Callable[[], object], what: str, patience: float = PATIENCE_S) -> object:
    """The first true answer of `question`, asked five times a second."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not within {patience} s: {what}")


class Place:
    """`ronda run` with a short interval, watching addresses of `fibre`."""

    def __init__(self, folder: Path, fibre: Fibre, onts: int = 40) -> None:
        self.folder = folder
        self.fibre = fibre
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        village = build(seed=7, onts=onts, town_onts=0, prefix=fibre.layout.prefix)
        self.rows = [main_row(ont) for ont in village.onts]
        self.addressed = len({row["ip"] for row in self.rows if row["ip"]})
        self.list = folder / "daftar.json"
        self.list.write_text(json.dumps(self.rows), encoding="utf-8")
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for the first page."""
        environment = {
            name: text for name, text in os.environ.items() if not name.startswith("RONDA_")
        }
        environment |= {
            "RONDA_DATA": str(self.folder / "data"),
            "RONDA_INTERVAL_S": "5",
            "RONDA_NOTICE_HOLD_S": "3",
            "RONDA_CANARIES": ",".join(self.fibre.layout.canaries()),
        }
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


class Visitor:
    """A page whose errors and requests to strangers are remembered."""

    def __init__(self, context: BrowserContext, place: Place) -> None:
        self.place = place
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", lambda request: self._strangers(request.url))
        self.page.on("console", lambda message: self._console(message.type, message.text))
        self.page.on("response", lambda answer: self._broken(answer.status, answer.url))

    def go(self, path: str) -> Page:
        """Open a path of the installation."""
        self.page.goto(self.place.url + path)
        return self.page

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
