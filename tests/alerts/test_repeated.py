"""One ONT that is lost again and again is told by e-mail and by Telegram, to servers that answer as theirs do."""

from datetime import timedelta
from email import message_from_string
from email.policy import default
from typing import Any

import pytest
from django.utils import timezone

from ronda.alerts.models import Channel, Outgoing
from ronda.alerts.service import channels
from ronda.incidents.events import REPEATED
from ronda.work import feed
from tests.alerts import telling_world as place
from tests.alerts.outside import outside, post_office
from tests.alerts.telling_world import Clock, letters, rule
from tests.incidents import fleet

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]


def lost_again(count: int = 3) -> None:
    """What is told of an ONT that was lost for the third time."""
    (ont,) = fleet.make_onts(1)
    since = (timezone.now() - timedelta(hours=2)).isoformat()
    payload = {"ont": ont.pk, "count": count, "since": since, "incident": None}
    feed.append(REPEATED, payload)
    place.settle()
    place.settle()


TEXT = "Dukuh RT 0 was lost 3 times since 10:00."


def test_by_e_mail(clock: Clock, people: dict[str, Any]) -> None:
    with post_office() as post:
        values = {"host": "127.0.0.1", "port": str(post.port), "security": "none", "user": ""}
        mail = channels.save(
            Channel(kind="mail"),
            {"name": "Mail", "local": True},
            {**values, "sender": "Ronda <ronda@example.net>"},
            None,
        )
        place.addresses.add(people["technician"], mail, "joko@example.net", None, proved=True)
        rule([["role", "technician"]], hold_s=0)
        lost_again()
        place.send_all()

        (raw,) = post.mails
    found = message_from_string(raw, policy=default)
    assert (found["To"], found["Subject"]) == (
        "joko@example.net",
        "Repeated outage of one ONT: Dukuh RT 0",
    )
    assert TEXT in found.get_content()
    assert {row.state for row in Outgoing.objects.all()} == {"sent"}


def test_by_telegram_which_asks_for_patience_first(clock: Clock, people: dict[str, Any]) -> None:
    with outside() as server:
        server.say(429, {"ok": False, "parameters": {"retry_after": 3}})
        server.say(200, {"ok": True, "result": {"message_id": 7}})
        bot = channels.save(
            Channel(kind="telegram"),
            {"name": "Bot", "local": True},
            {"token": "canary", "url": server.url},
            None,
        )
        place.addresses.add(people["technician"], bot, "4711", None, proved=True)
        rule([["role", "technician"]], hold_s=0)
        lost_again()
        place.send_all(3)
        clock.forward(minutes=1, step=timedelta(seconds=30))
        place.send_all()

        told = [(one.json["chat_id"], TEXT in one.json["text"]) for one in server.asked]
    assert told == [("4711", True), ("4711", True)]
    assert letters() == [("alarm", "joko")]
    assert place.outside().get().state == "sent"


def test_it_does_not_last_so_nobody_hears_of_its_end(clock: Clock) -> None:
    rule([["role", "technician"]], [["role", "noc"]], hold_s=0, repeat_s=600)
    lost_again()
    clock.forward(hours=30, step=timedelta(hours=2))

    assert letters() == [("alarm", "joko")]
