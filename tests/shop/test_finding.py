"""A buyer finds own orders by a code sent to the number; nobody learns anything about others'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from ronda.shop import events
from ronda.shop.models import Finding
from ronda.shop.service import finding
from ronda.work import feed
from tests.shop.orders_made import make_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
MINE, THEIRS, NOBODYS = "+628123456789", "+628555555555", "+628999999999"


@pytest.fixture(autouse=True)
def reached(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    monkeypatch.setattr(finding, "_reach", [lambda: True])
    with translation.override("en"):
        yield


def sent() -> list[tuple[str, str]]:
    """Number and code of every message that would go out."""
    rows = feed.read(0, topics={events.FINDING})
    return [told for event in rows if (told := finding.to_send(event.payload["finding"]))]


def ask(client: Client, phone: str) -> Any:
    return client.post("/buy/find/", {"phone": phone}, follow=True)


def test_a_number_and_its_code_show_its_orders_and_no_others() -> None:
    own, other = make_order(phone=MINE), make_order(phone=THEIRS)
    client = Client()
    assert "number you ordered with" in client.get("/buy/find/").content.decode()
    assert "with a code now" in ask(client, "0812 345 6789").content.decode()
    ((phone, code),) = sent()
    assert (phone, bool(re.fullmatch(r"\d{6}", code))) == (MINE, True)
    page = client.post("/buy/find/", {"code": f" {code[:3]} {code[3:]}"}, follow=True)
    assert own.number in page.content.decode()
    assert other.number not in page.content.decode()
    assert other.number not in client.get("/buy/find/").content.decode()
    assert "number you ordered with" in client.get("/buy/find/?again=1").content.decode()
    assert own.number not in Client().get("/buy/find/").content.decode()
    assert sent() == []


def test_a_number_without_orders_gets_the_same_answer_and_no_message() -> None:
    make_order(phone=MINE)
    known, unknown = ask(Client(), MINE), ask(Client(), NOBODYS)
    token = r'name="csrfmiddlewaretoken" value="\w+"'
    pages = [re.sub(token, "", page.content.decode()) for page in (known, unknown)]
    assert pages[0] == pages[1]
    assert [phone for phone, _code in sent()] == [MINE]
    row = Finding.objects.get(phone=NOBODYS)
    assert finding.prove(row, finding.code_of(row))
    assert finding.orders_of(row) == []


def test_guessing_ends_after_five_tries_and_a_code_after_a_quarter_of_an_hour() -> None:
    make_order(phone=MINE)
    now = timezone.now()
    client = Client()
    ask(client, MINE)
    ((_phone, code),) = sent()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        refused = client.post("/buy/find/", {"code": wrong})
        assert (refused.status_code, "not the code" in refused.content.decode()) == (422, True)
    assert client.post("/buy/find/", {"code": code}).status_code == 422
    row = Finding.objects.get()
    assert finding.orders_of(row) == []
    secret = finding.begin(MINE, "192.0.2.1", now)
    assert finding.by_secret(secret, now + timedelta(minutes=14)) is not None
    assert finding.by_secret(secret, now + timedelta(minutes=15)) is None
    newest = Finding.objects.latest("pk")
    assert finding.to_send(newest.pk, now + timedelta(minutes=15)) is None
    assert finding.prove(newest, finding.code_of(newest), now)
    assert len(finding.orders_of(newest, now + timedelta(minutes=59))) == 1
    assert finding.orders_of(newest, now + timedelta(minutes=61)) == []
    assert finding.by_secret("", now) is None
    assert finding.forget(now + timedelta(days=2)) == 2


def test_a_number_is_written_to_three_times_an_hour_at_most() -> None:
    make_order(phone=MINE)
    for number in range(3):
        finding.begin(MINE, f"192.0.2.{number}")
    page = Client().post("/buy/find/", {"phone": MINE})
    assert (page.status_code, "too often" in page.content.decode()) == (429, True)
    assert Finding.objects.count() == 3


def test_without_a_channel_nobody_is_promised_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_reach", [])
    page = Client().get("/buy/find/").content.decode()
    assert "cannot send codes" in page
    assert Client().post("/buy/find/", {"phone": MINE}).status_code == 422
    assert "/buy/find/" not in Client().get("/buy/mine/").content.decode()
    assert Client().post("/buy/find/", {"phone": "abc"}).status_code == 422
