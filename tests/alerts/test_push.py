"""Notifications in browsers: a browser subscribes, gets what only it can open, and is forgotten when it is gone."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from ronda.accounts.models import AuditRow, Person
from ronda.alerts.channels import KINDS
from ronda.alerts.channels.port import ChannelError, Message, Settings
from ronda.alerts.channels.push_seal import new_key
from ronda.alerts.models import Address, Channel, Outgoing, OwnNotice
from ronda.alerts.service import addresses, browsers, channels, sending
from ronda.app import wiring
from ronda.work.models import Job
from ronda.work.worker import Worker
from tests.alerts.browser import Browser, claims_of
from tests.alerts.outside import Outside

pytestmark = pytest.mark.usefixtures("in_english")
database = [pytest.mark.django_db, pytest.mark.database]
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"


@pytest.fixture
def channel(data_folder: Any) -> Channel:
    values = {"contact": "mailto:noc@x.example", "key": ""}
    return channels.save(Channel(kind="push"), {"name": "Push", "local": True}, values, None)


def work() -> None:
    worker = Worker(wiring.jobs_without_router())
    while worker.step():
        pass


def send(browser: Browser, **values: Any) -> str:
    message = Message("x", "Down", "Dukuh", "k:1", **{"keys": browser.told, **values})
    settings = Settings({"key": new_key(), "contact": "mailto:noc@x.example"}, local=True)
    return KINDS["push"].send(settings, message)


def test_only_the_browser_opens_what_its_push_service_gets(server: Outside) -> None:
    server.say(201)
    browser = Browser(f"{server.url}/send/abc")
    send(browser, thread="incident:1", severity="danger", link="https://ronda.example/incidents/1/")

    asked = server.asked[0]
    told = browser.read(asked.body)
    assert told.pop("tag") == asked.headers["topic"]
    assert told == {
        "title": "Down",
        "body": "Dukuh",
        "severity": "danger",
        "url": "https://ronda.example/incidents/1/",
    }
    assert asked.headers["urgency"] == "high"
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert int(asked.headers["ttl"]) == 24 * 3600
    assert claims_of(asked.headers["authorization"])["aud"] == server.url
    assert b"Dukuh" not in asked.body


def test_a_long_text_is_shortened_until_it_fits(server: Outside) -> None:
    server.say(201)
    browser = Browser(server.url)
    KINDS["push"].send(
        Settings({"key": new_key(), "contact": "mailto:a@b.c"}, local=True),
        Message("x", "Down", "\n🛰" * 3000, "k", keys=browser.told),
    )
    assert len(server.asked[-1].body) <= 4096
    assert str(browser.read(server.asked[-1].body)["body"]).endswith("…")


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (404, (True, False, False, None, True)),
        (410, (True, False, False, None, True)),
        (413, (True, False, False, None, False)),
        (403, (True, False, False, None, True)),
        (429, (False, False, False, timedelta(seconds=9), False)),
        (500, (False, False, True, timedelta(seconds=9), False)),
    ],
)
def test_what_a_push_service_says(server: Outside, status: int, means: Any) -> None:
    server.say(status, {}, **({"Retry_After": "9"} if means[3] else {}))
    with pytest.raises(ChannelError) as found:
        send(Browser(server.url))
    error = found.value
    assert (error.permanent, error.whole, error.in_doubt, error.after, error.gone) == means


@pytest.mark.parametrize("keys", [{}, {"endpoint": "x", "p256dh": "!", "auth": "x"}])
def test_keys_that_cannot_be_read_end_that_address(keys: dict[str, str]) -> None:
    with pytest.raises(ChannelError) as found:
        send(Browser("http://127.0.0.1:1/"), keys=keys)
    assert found.value.gone


class TestSubscribing:
    """By the page, and the whole way to the browser and back."""

    pytestmark = database

    def client(self, person: Person) -> Client:
        client = Client(headers={"user-agent": SAFARI})
        client.force_login(person)
        return client

    def ask(self, client: Client, told: Any) -> Any:
        return client.post("/reached/push/", json.dumps(told), content_type="application/json")

    def test_a_browser_subscribes_once_and_is_reached(
        self, people: dict[str, Person], channel: Channel, server: Outside
    ) -> None:
        joko, browser = people["technician"], Browser(f"{server.url}/send/canary-endpoint")
        client = self.client(joko)
        page = client.get("/reached/").content.decode()
        assert f'data-push-key="{browsers.public_key(channel)}"' in page
        for _ in range(2):
            assert self.ask(client, browser.told).status_code == 200
        address = Address.objects.get(channel=channel)
        assert (address.name, address.to[:8]) == ("Safari, iPhone", "browser-")
        kept = [str(row) for m in (Address, AuditRow) for row in m.objects.values()]
        assert not [row for row in kept if "canary-endpoint" in row]

        server.say(201)
        server.say(410)
        for number in range(2):
            sending.post(channel, address.to, sending.TEST, None, f"t:{number}")
            work()
        assert browser.read(server.asked[0].body)["title"] == "Test from Ronda"
        assert [row.state for row in Outgoing.objects.order_by("id")] == ["sent", "failed"]
        assert OwnNotice.objects.get(person=joko).severity == "warning"
        assert address not in addresses.of(joko)
        kept = [str(row) for m in (Outgoing, Job) for row in m.objects.values()]
        assert not [row for row in kept if "canary-endpoint" in row]
        # Subscribing again brings it back.
        self.ask(client, browser.told)
        assert address in addresses.of(joko)

    def test_what_is_no_subscription_is_refused(
        self, people: dict[str, Person], channel: Channel
    ) -> None:
        client = self.client(people["viewer"])
        Channel.objects.update(local=False)
        well = Browser("https://push.example/x").told
        for told in (
            {},
            [],
            {**well, "endpoint": "http://127.0.0.1/"},
            {**well, "endpoint": "file:///etc/passwd"},
            {**well, "endpoint": "https://x/" + "x" * 1600},
            {**well, "p256dh": "AAAA"},
            {**well, "auth": "ä"},
        ):
            assert self.ask(client, told).status_code == 422
        bad = client.post("/reached/push/", "{", content_type="application/json")
        assert bad.status_code == 422
        Channel.objects.update(active=False)
        assert "not in use" in self.ask(client, well).json()["error"]
        assert not Address.objects.filter(channel=channel).exists()

    def test_a_private_address_is_not_called_for_a_visitor(
        self, people: dict[str, Person], channel: Channel, server: Outside
    ) -> None:
        Channel.objects.update(local=False)
        channel.refresh_from_db()
        told = Browser(f"https://127.0.0.1:{server.port}/").told
        row = browsers.subscribe(people["viewer"], told, "")
        sending.post(channel, row.to, sending.TEST, None, "t")
        work()
        assert (server.asked, Outgoing.objects.get().state) == ([], "failed")
        channel.refresh_from_db()
        # One visitor's nonsense does not switch it off for everybody.
        assert channel.active

    def test_the_key_is_made_once_and_stays(self, channel: Channel) -> None:
        first = browsers.public_key(channel)
        channels.save(channel, {}, {"contact": "mailto:b@x.example", "key": ""}, None)
        assert browsers.public_key(channel) == first
        assert len(first) == 87
        Channel.objects.update(secret="broken")
        channel.refresh_from_db()
        assert browsers.public_key(channel) == ""

    def test_the_worker_comes_from_the_top_folder(self, db: None) -> None:
        answer = Client().get("/push-worker.js")
        assert answer["Content-Type"].startswith("text/javascript")
        assert b"showNotification" in answer.content


def test_browsers_have_names() -> None:
    chrome = "Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/130.0 Mobile Safari/537.36"
    assert browsers.named(chrome) == "Chrome, Android"
    assert browsers.named("curl/8") == ""
