"""Debian's Chromium subscribes on the page, and shows what came sealed from Ronda.

Chromium's own push service is on the internet; a stand-in takes its place when the page subscribes, and what it
got is opened and handed to the service worker as the push service would.
"""

import json
import os
import shutil
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import Client
from django.utils import translation
from playwright.sync_api import expect, sync_playwright

from ronda.accounts.models import Person
from ronda.alerts.models import Channel
from ronda.alerts.service import channels
from ronda.app import wiring
from ronda.work import jobs
from ronda.work.worker import Worker
from tests.alerts.browser import Browser
from tests.alerts.outside import Outside
from tests.journeys.place import FLAGS

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STAND_IN = """
PushManager.prototype.subscribe = async function (options) {
  if (options.applicationServerKey.byteLength !== 65 || !options.userVisibleOnly) throw new Error("key");
  const raw = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const told = %s;
  return { endpoint: told.endpoint, getKey: (name) => raw(told[name]).buffer };
};
"""

LOOK_OUT = """
navigator.serviceWorker.ready.then((ready) => void setInterval(async () => {
  const all = await ready.getNotifications();
  if (all.length) window.shown = all.map((one) => [one.title, one.data.url]);
}, 20));
"""


def work() -> None:
    worker = Worker(wiring.jobs_without_router())
    while worker.step():
        pass


def test_a_browser_subscribes_and_shows_what_is_sent(
    live_server: Any,
    people: dict[str, Person],
    server: Outside,
    data_folder: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = os.environ.get("RONDA_TEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("Chromium is missing: apt-get install chromium")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    monkeypatch.setattr(jobs, "wait", lambda *_: work())
    with translation.override("en"):
        values = {"contact": "mailto:noc@x.example", "key": ""}
        channels.save(Channel(kind="push"), {"name": "Push", "local": True}, values, None)
    server.say(201)
    told = Browser(f"{server.url}/send/1")
    client = Client()
    client.force_login(people["technician"])
    cookie = {
        "name": conf.SESSION_COOKIE_NAME,
        "value": client.cookies[conf.SESSION_COOKIE_NAME].value,
    }
    expect.set_options(timeout=60_000)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=FLAGS)
        context = chromium.new_context()
        context.grant_permissions(["notifications"], origin=live_server.url)
        context.add_cookies([{**cookie, "url": live_server.url}])
        context.add_init_script(STAND_IN % json.dumps(told.told))
        page = context.new_page()
        page.goto(f"{live_server.url}/reached/")
        page.get_by_role("button", name="Show notifications here").click()
        row = page.locator(".reached > li", has_text="Push")
        expect(row).to_contain_text("Linux")
        row.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("The test was sent")).to_be_visible()

        data = json.dumps(told.read(server.asked[0].body))
        tool = context.new_cdp_session(page)
        found: list[str] = []

        def note(event: dict[str, Any]) -> None:
            found.extend(one["registrationId"] for one in event["registrations"])

        tool.on("ServiceWorker.workerRegistrationUpdated", note)
        tool.send("ServiceWorker.enable")
        # A browser without a window takes a notification away again soon: looked for from now on.
        page.evaluate(LOOK_OUT)
        while not found:
            page.wait_for_timeout(50)
        tool.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": live_server.url,
                "registrationId": found[-1],
                "data": data,
            },
        )
        shown = page.wait_for_function("window.shown").json_value()
        chromium.close()
    assert shown == [["Test from Ronda", "/for-me/"]]
