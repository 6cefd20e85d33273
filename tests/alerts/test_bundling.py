"""What had to wait for one address goes out as one message, and each of them keeps that it waited."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from ronda.alerts.models import Channel, Outgoing, OwnNotice
from ronda.alerts.rules.occurrences import What
from ronda.alerts.service import addresses, channels, sending, telling, why
from ronda.alerts.service.occurrences import Beginning, begin
from tests.alerts.outside import Outside
from tests.alerts.telling_world import rule
from tests.alerts.test_pacing import OK, work_until_idle

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

NAMES = ["Induk", "Utara", "Selatan", "Timur", "Barat"]


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def bot(server: Outside, people: dict[str, Any]) -> Channel:
    switches = {"name": "Bot", "local": True}
    made = channels.save(
        Channel(kind="telegram"), switches, {"token": "geheim", "url": server.url}, None
    )
    addresses.add(people["technician"], made, "7", None, proved=True)
    rule([["role", "technician"]], whats=["health"], hold_s=0)
    return made


def trouble(name: str) -> None:
    facts = {"name": name, "trouble": "temperature", "value": 85, "text": "", "since": None}
    telling.consider([begin(Beginning(name, What.HEALTH, timezone.now(), facts))], timezone.now())


def texts(server: Outside) -> list[str]:
    return [asked.json["text"] for asked in server.asked]


def test_what_waits_behind_a_message_that_was_held_back_is_told_by_a_line_each(
    bot: Channel, server: Outside, clock: Any, people: dict[str, Any]
) -> None:
    server.say(200, OK)
    for name in NAMES:
        trouble(name)
    work_until_idle(clock, timezone.now() + timedelta(minutes=5))

    first, rest = texts(server)
    assert "Induk" in first
    assert "more" not in first
    assert "Utara" in rest
    assert rest.endswith(
        "\n\n3 more:\n- Router unwell: Selatan\n- Router unwell: Timur\n- Router unwell: Barat"
    )
    by_bot = Outgoing.objects.filter(channel=bot).order_by("pk")
    assert [row.state for row in by_bot] == ["sent"] * 5
    # Each says why it was late: it waited itself, or behind another.
    assert [row.held_at is not None for row in by_bot] == [False, True, False, False, False]
    assert [row.carrier_id for row in by_bot] == [None, None, *[by_bot[1].pk] * 3]
    ways = [way for line in why.of_person(people["technician"]) for way in line.ways]
    assert sum(way.within for way in ways) == 3
    # Inside Ronda nothing has to wait.
    assert OwnNotice.objects.count() == 5


def test_a_chat_that_wanted_rest_gets_one_message_afterwards(
    bot: Channel, server: Outside, clock: Any
) -> None:
    server.say(429, {"ok": False, "parameters": {"retry_after": 1800}})
    server.say(200, OK)
    for name in NAMES:
        trouble(name)
    start = timezone.now()
    work_until_idle(clock, start + timedelta(seconds=1799))
    assert len(server.asked) == 1
    work_until_idle(clock, start + timedelta(hours=1))

    assert len(server.asked) == 2
    assert "\n\n4 more:\n" in texts(server)[1]
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"sent"}


def test_what_another_message_carries_ends_as_that_one_and_can_be_sent_again_alone(
    bot: Channel, server: Outside, clock: Any
) -> None:
    server.say(429, {"ok": False, "parameters": {"retry_after": 5}})
    server.say(400, {"ok": False, "description": "Bad Request: something is wrong"})
    server.say(200, OK)
    for name in NAMES[:3]:
        trouble(name)
    work_until_idle(clock, timezone.now() + timedelta(minutes=5))

    rows = Outgoing.objects.filter(channel=bot).order_by("pk")
    assert [row.state for row in rows] == ["failed"] * 3
    assert "something is wrong" in rows[2].error

    assert sending.again(rows[2], None)
    work_until_idle(clock, timezone.now() + timedelta(minutes=5))
    assert "Selatan" in texts(server)[-1]
    assert "more" not in texts(server)[-1]
    assert [row.state for row in rows.all()] == ["failed", "failed", "sent"]


def test_a_long_row_names_the_first_and_counts_the_others(
    bot: Channel, server: Outside, clock: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("ronda.alerts.service.bundling.LINES", 2)
    server.say(200, OK)
    for name in NAMES:
        trouble(name)
    work_until_idle(clock, timezone.now() + timedelta(minutes=5))
    assert texts(server)[1].endswith("- Router unwell: Selatan\n- Router unwell: Timur\nand 1 more")
