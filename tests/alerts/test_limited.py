"""What the limit of one person held back goes out as one message, and nobody waits for ever."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.alerts.models import Letter, Occurrence, Outgoing, OwnNotice, Suppressed
from ronda.alerts.rules.occurrences import Severity, What
from ronda.alerts.service import places, telling, why, wording_alerts
from ronda.alerts.service.occurrences import Beginning, begin, end
from tests.alerts.telling_world import Clock, letters, rule, send_all

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]


def trouble(number: int, severity: Severity = Severity.WARNING) -> Occurrence:
    name = f"R{number:02}"
    facts = {"name": name, "trouble": "temperature", "value": 85, "text": "", "since": None}
    row = begin(Beginning(name, What.HEALTH, timezone.now(), facts, severity))
    telling.consider([row], timezone.now())
    return row


def test_what_the_limit_held_back_is_one_message_when_it_ends(
    clock: Clock, people: dict[str, Any]
) -> None:
    rule([["role", "technician"]], whats=["health"], hold_s=0)
    for number in range(14):
        trouble(number, Severity.CRITICAL if number == 13 else Severity.WARNING)
        clock.forward(seconds=1, step=timedelta(seconds=1))
    assert letters() == [("alarm", "joko")] * 10
    assert set(Suppressed.objects.values_list("reason", flat=True)) == {"rate"}
    over = end("R12", timezone.now())
    assert over is not None
    telling.consider([over], timezone.now())

    clock.forward(minutes=10, step=timedelta(minutes=1))
    assert letters() == [("alarm", "joko")] * 11
    last = Letter.objects.first()
    assert last is not None
    # What ended meanwhile is not told any more.
    assert [one.occurrence.key for one in last.told.all()] == ["R10", "R11", "R13"]
    subject, text = wording_alerts.words(last.pk) or ("", "")
    assert subject == "3 troubles, held back because many came at once"
    assert [line.split("  ")[1] for line in text.splitlines()] == [
        f"Router unwell: {name} (still open)" for name in ("R10", "R11", "R13")
    ]
    assert {row.severity for row in Outgoing.objects.filter(about=last.pk)} == {"danger"}
    assert places.page(last.pk) == "/for-me/"
    assert (
        not Suppressed.objects.filter(kind="alarm", lifted_at=None)
        .exclude(occurrence=over)
        .exists()
    )
    lines = [one for one in why.of_person(people["technician"]) if one.ways]
    assert [one.ways[0].within for one in lines] == [True] * 3 + [False] * 10
    send_all()
    assert OwnNotice.objects.count() == 11

    # It counts once: the next is told at once. Each end is told as ever.
    trouble(20)
    assert letters() == [("alarm", "joko")] * 12
    closed = end("R13", timezone.now())
    assert closed is not None
    telling.consider([closed], timezone.now())
    assert letters()[-1] == ("recovery", "joko")


def test_what_comes_later_does_not_overtake_what_waits(
    clock: Clock, people: dict[str, Any]
) -> None:
    rule([["role", "technician"]], whats=["health"], hold_s=0)
    for number in range(11):
        trouble(number)
        clock.forward(seconds=50, step=timedelta(seconds=50))
    # The first letter counts no more, and the eleventh is to be looked at in a moment: a new trouble comes first.
    clock.traveller.shift(timedelta(seconds=51))
    trouble(30)
    newest = Letter.objects.first()
    assert newest is not None
    assert [one.occurrence.key for one in newest.told.all()] == ["R10", "R30"]
    assert len(letters()) == 11
