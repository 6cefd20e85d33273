"""While an incident goes on its first message is changed; its beginning and its end are messages of their own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.alerts.models import Channel, Outgoing, OwnNotice
from ronda.alerts.service import addresses, channels, why
from ronda.incidents.models import Incident
from ronda.incidents.service import acting
from tests.alerts import telling_world as place
from tests.alerts.outside import Outside
from tests.alerts.telling_world import Clock, letters, rule
from tests.incidents import fleet

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

CREW = [["role", "technician"]]
Bot = Callable[..., Channel]


@pytest.fixture
def bot(server: Outside, people: dict[str, Person]) -> Bot:
    def make(**values: str) -> Channel:
        made = channels.save(
            Channel(kind="telegram"),
            {"name": "Bot", "local": True},
            {"token": "t", "url": server.url, **values},
            None,
        )
        addresses.add(people["technician"], made, "7", None, proved=True)
        return made

    return make


def now() -> float:
    return (timezone.now() - fleet.NOON).total_seconds()


def said(server: Outside) -> list[tuple[str, int | None, str]]:
    """What the bot did, to which earlier message, and in which words."""
    told = []
    for asked in server.asked:
        answered = asked.json.get("reply_parameters", {}).get("message_id")
        number = asked.json.get("message_id") or answered
        told.append((asked.path.rpartition("/")[2], number, asked.json["text"]))
    return told


def pass_by(clock: Clock, seconds: int = 50) -> None:
    for _step in range(seconds // 10):
        clock.forward(seconds=10)
        place.send_all()


def test_an_incident_rings_at_its_beginning_and_its_end_and_changes_its_first_message_between(
    clock: Clock, people: dict[str, Person], server: Outside, bot: Bot
) -> None:
    bot()
    server.say(200, {"ok": True, "result": {"message_id": 41}})
    onts = fleet.make_onts(60, "Utara")
    rule(CREW, whats=["outage"], hold_s=0)

    fleet.lose(onts[:4], now() - 26)
    pass_by(clock)
    fleet.lose(onts[4:20], now() - 26)
    fleet.lose(onts[20:40], now() - 26)
    pass_by(clock)
    incident = Incident.objects.get(merged_into=None)
    acting.acknowledge(incident, people["noc"])
    pass_by(clock)
    fleet.give_back(onts[:40], now())
    clock.forward(minutes=3, step=timedelta(seconds=30))
    pass_by(clock)

    told = said(server)
    assert [(method, number) for method, number, _text in told if method == "sendMessage"] == [
        ("sendMessage", None),
        ("sendMessage", 41),
    ]
    changes = [text for method, number, text in told if (method, number) == ("editMessageText", 41)]
    assert len(changes) == len(told) - 2
    assert any("40 ONTs" in text for text in changes)
    assert any(text.endswith(" has taken it on.") for text in changes)
    assert "are up again" in changes[-1]
    assert letters() == [("alarm", "joko"), ("recovery", "joko")]
    # A change is no way of having been told, and inside Ronda it is made likewise.
    assert [len(line.ways) for line in why.of_incident(incident.pk) if line.ways] == [2, 2]
    first, last = OwnNotice.objects.order_by("pk")
    assert ("are up again" in first.text, first.severity) == (True, "success")
    assert last.subject.startswith("Over: ")
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"sent"}


def test_what_cannot_be_changed_any_more_is_left_alone_and_holds_nothing_up(
    clock: Clock, people: dict[str, Person], server: Outside, bot: Bot
) -> None:
    channel = bot()
    server.say(200, {"ok": True, "result": {"message_id": 41}})
    server.say(500, {"ok": False, "description": "Internal"})
    server.say(400, {"ok": False, "description": "Bad Request: message to edit not found"})
    server.say(200, {"ok": True, "result": {"message_id": 42}})
    rule(CREW, whats=["outage"], hold_s=0)
    fleet.lose(fleet.make_onts(40, "Utara")[:4], now() - 26)
    pass_by(clock)
    incident = Incident.objects.get()
    for change in (acting.acknowledge, acting.unacknowledge):
        change(incident, people["noc"])
        pass_by(clock)

    by_bot = Outgoing.objects.filter(channel=channel).order_by("pk")
    assert [(row.edits, row.state, row.begun) for row in by_bot] == [
        (False, "sent", 1),
        (True, "failed", 1),
        (True, "failed", 0),
    ]
    assert len(server.asked) == 3
    page = why.of_person(people["technician"])
    assert [[way.state for way in line.ways] for line in page] == [["sent", "sent"]]


def test_a_channel_that_is_set_to_changes_nothing(
    clock: Clock, people: dict[str, Person], server: Outside, bot: Bot
) -> None:
    channel = bot(progress="off")
    server.say(200, {"ok": True, "result": {"message_id": 41}})
    rule(CREW, whats=["outage"], hold_s=0)
    fleet.lose(fleet.make_onts(40, "Utara")[:4], now() - 26)
    pass_by(clock)
    acting.acknowledge(Incident.objects.get(), people["noc"])
    pass_by(clock)
    assert not Outgoing.objects.filter(channel=channel, edits=True).exists()
    assert Outgoing.objects.filter(channel__kind="inside", edits=True).count() == 1


def test_changes_that_follow_each_other_are_one(
    clock: Clock, people: dict[str, Person], server: Outside, bot: Bot
) -> None:
    channel = bot()
    server.say(200, {"ok": True, "result": {"message_id": 41}})
    rule(CREW, whats=["outage"], hold_s=0)
    fleet.lose(fleet.make_onts(40, "Utara")[:4], now() - 26)
    pass_by(clock)
    incident = Incident.objects.get()
    for _time in range(3):
        acting.acknowledge(incident, people["noc"])
        acting.unacknowledge(incident, people["noc"])
        clock.forward(seconds=1, step=timedelta(seconds=1))
    assert Outgoing.objects.filter(channel=channel, edits=True).count() == 1


def test_the_pages_say_what_was_only_a_change(
    clock: Clock, people: dict[str, Person], server: Outside, bot: Bot, as_: Any
) -> None:
    bot()
    server.say(200, {"ok": True, "result": {"message_id": 41}})
    rule(CREW, whats=["outage"], hold_s=0)
    fleet.lose(fleet.make_onts(40, "Utara")[:4], now() - 26)
    pass_by(clock)
    acting.acknowledge(Incident.objects.get(), people["noc"])
    pass_by(clock)
    page = as_("admin").get("/messages/people/").content.decode()
    assert page.count("changed the first message about it") == 2
