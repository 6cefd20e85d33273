"""A router is entered, tested, repaired and given a new password in a browser, by the real processes."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ronda.simulator.routers.control import Handle, SimulatedRouters
from tests.journeys.place import FLAGS, OWNER, PASSWORD, until
from tests.servers import migrated
from tests.servers.postgres import free_port

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.story]

LEAST = "read,write,api,test,password"
SECRET = "kenari-di-router"


class Installation:
    """`ronda web` and `ronda desk` on a folder of their own, with an owner; or other parts."""

    def __init__(self, folder: Path, *parts: str) -> None:
        self.parts = parts or ("web", "desk")
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        migrated.put_sqlite(folder / "data")
        self.environment = migrated.environment(
            folder / "data", RONDA_BIND=f"127.0.0.1:{self.port}", RONDA_LANGUAGE="id"
        )
        self.processes: list[subprocess.Popen[bytes]] = []

    def ronda(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "ronda", *arguments]

    def start(self) -> None:
        (self.folder / "password").write_text(PASSWORD + "\n")
        subprocess.run(
            self.ronda("user", "add", OWNER, "--role", "owner", "--password-file", "password"),
            env=self.environment,
            cwd=self.folder,
            check=True,
        )
        self.log = self.folder / "log"
        with self.log.open("ab") as log:
            for part in self.parts:
                self.processes.append(
                    subprocess.Popen(
                        self.ronda(part),
                        env=self.environment,
                        cwd=self.folder,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                    )
                )
        until(lambda: "Uvicorn running" in self.log.read_text(), "the web server")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:  # what a stop takes has a test of its own
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def one() -> Iterator[Handle]:
    with SimulatedRouters("v7.21") as routers:
        routers[0].ask("user", name="ronda-kecil", password=SECRET, policy=LEAST)
        yield routers[0]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    place = Installation(tmp_path_factory.mktemp("routers"))
    try:
        place.start()
        with sync_playwright() as playwright:
            browser: Browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=FLAGS
            )
            context = browser.new_context(
                base_url=place.url, viewport={"width": 360, "height": 740}
            )
            opened = context.new_page()
            opened.set_default_timeout(30_000)
            expect.set_options(timeout=60_000)
            opened.goto("/accounts/login/")
            opened.fill("input[name=login]", OWNER)
            opened.fill("input[name=password]", PASSWORD)
            opened.press("input[name=password]", "Enter")
            opened.wait_for_url(lambda url: "login" not in url)
            opened.goto("/sites/")
            opened.fill("main input[name=name]", "Sleman")
            opened.press("main input[name=name]", "Enter")
            opened.wait_for_url("**/sites/1/")
            yield opened
            browser.close()
    finally:
        place.stop()


def enter(page: Page, name: str, host: str, port: int, password: str) -> None:
    page.goto("/routers/new/")
    page.fill("input[name=name]", name)
    page.fill("input[name=host]", host)
    page.fill("input[name=user]", "ronda-kecil")
    page.fill("input[name=password]", password)
    page.click("details.more-fields summary")
    page.fill("input[name=port]", str(port))
    page.select_option("select[name=way]", "api")
    page.fill("input[name=timeout_ms]", "2000")
    page.click("button[name=then]")


def test_a_wrong_password_is_explained_with_commands(page: Page, one: Handle) -> None:
    enter(page, "Balai Desa", one.host, one.port, "salah")
    expect(page.locator("#login_wrong pre")).to_contain_text("/user set [find name=ronda-kecil]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_right_one_connects_and_the_report_says_what_is_missing(page: Page) -> None:
    page.goto("/routers/1/edit/")
    page.fill("input[name=password]", SECRET)
    page.click("button[name=then]")
    expect(page.locator("#connected")).to_be_visible()
    expect(page.locator("#plain pre")).to_contain_text("/certificate sign ronda-api")
    expect(page.locator("#policy_ok")).to_be_visible()
    assert SECRET not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_password_is_changed_and_the_router_still_answers(page: Page) -> None:
    page.goto("/routers/1/password/")
    page.click("main form button[type=submit]")
    expect(page.locator(".flash-success")).to_be_visible()
    page.goto("/routers/1/test/")
    page.click(".page-actions button[type=submit]")
    expect(page.locator("#connected")).to_be_visible()


def test_a_router_that_hangs_costs_other_pages_nothing(page: Page) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        enter(page, "Menggantung", "127.0.0.1", hanging.getsockname()[1], SECRET)
        page.goto("/routers/")
        expect(page.locator("main")).to_contain_text("Menggantung")
        page.goto("/routers/1/")
        expect(page.locator("h1")).to_have_text("Balai Desa")
        page.goto("/routers/2/test/")
        page.click(".page-actions button[type=submit]")
        expect(page.locator("#hung")).to_be_visible()


def test_the_guide_writes_commands_that_fit_a_phone(page: Page) -> None:
    page.goto("/routers/1/setup/")
    page.fill("input[name=server]", "192.168.88.250")
    page.check("input[name=hotspot]")
    page.fill("input[name=interface]", "bridge-hotspot")
    page.press("input[name=interface]", "Enter")
    expect(page.locator(".finding").first.locator("pre")).to_contain_text("/certificate add")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_health_log_and_configuration_are_read_and_fit_a_phone(page: Page) -> None:
    page.goto("/routers/1/log/")
    page.click("form[action$='/log/read/'] button")
    expect(page.locator("#list")).to_contain_text("logged in")
    page.goto("/routers/1/copies/")
    page.click("form[action$='/copies/make/'] button")
    expect(page.locator("main")).to_contain_text(".txt")
    page.goto("/routers/1/health/")
    expect(page.locator(".health-charts canvas").first).to_be_visible()
    for path in ("/routers/health/", "/routers/1/health/", "/routers/1/log/", "/routers/1/copies/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag22aa"]})
        assert [v["id"] for v in found.response["violations"]] == [], path
    assert SECRET not in page.content()
