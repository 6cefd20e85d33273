"""What people do about incidents: a table of states, one audit row and one piece of news an act."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow, Person
from ronda.devices.models import Ont
from ronda.incidents.models import Incident, Step
from ronda.incidents.rules.standing import (
    Answer,
    Doing,
    Standing,
    may,
    may_assign,
    may_snooze,
)
from ronda.incidents.service import acting
from ronda.incidents.service.acting import ActRefused
from ronda.incidents.service.explaining import explain
from ronda.work.models import Event
from tests.incidents.fleet import NOON, after, give_back, lose, make_onts, passing

DO, IDLE, OVER = Answer.DO, Answer.NOTHING_NEW, Answer.OVER
OPEN, SEEN = Standing(), Standing(acknowledged=True)
ASLEEP = Standing(snoozed_until=after(60))
GONE = Standing(over=True)

TABLE = {
    Doing.ACKNOWLEDGE: (DO, IDLE, DO, OVER),
    Doing.UNACKNOWLEDGE: (IDLE, DO, IDLE, OVER),
    Doing.ASSIGN: (DO, DO, DO, OVER),
    Doing.NOTE: (DO, DO, DO, DO),
    Doing.SNOOZE: (DO, DO, DO, OVER),
    Doing.UNSNOOZE: (IDLE, IDLE, DO, OVER),
}


@pytest.mark.parametrize("doing", list(Doing))
def test_what_may_be_done_in_each_state(doing):
    assert tuple(may(doing, standing) for standing in (OPEN, SEEN, ASLEEP, GONE)) == TABLE[doing]


def test_a_snooze_ends_later_than_now_and_within_thirty_days():
    assert may_snooze(OPEN, after(60), NOON) is DO
    assert may_snooze(ASLEEP, after(60), NOON) is IDLE
    assert may_snooze(OPEN, after(0), NOON) is Answer.PAST
    assert may_snooze(OPEN, after(31 * 86_400), NOON) is Answer.TOO_LONG
    assert may_snooze(GONE, after(60), NOON) is OVER


def test_giving_it_to_whoever_has_it_is_nothing_new():
    assert may_assign(Standing(assigned_to=1), 1) is IDLE
    assert may_assign(Standing(assigned_to=1), None) is DO
    assert may_assign(GONE, 1) is OVER


@pytest.fixture
def incident(db) -> Incident:
    lose(make_onts(10), 0)
    passing(60)
    Event.objects.all().delete()
    return Incident.objects.get()


def told() -> list[str]:
    rows = Event.objects.filter(topic="incidents.changed").order_by("pk")
    return [event.payload["change"] for event in rows]


def story() -> list[tuple[str, str, str]]:
    steps = Step.objects.exclude(change="opened").order_by("pk")
    return [(step.change, step.actor, step.text) for step in steps]


@pytest.mark.database
def test_acknowledging_twice_is_one_act_and_can_be_taken_back(incident, people):
    noc: Person = people["noc"]

    acting.acknowledge(incident, noc, "Tim jalan\n", source="10.0.0.9")
    acting.acknowledge(incident, noc)
    found = acting.unacknowledge(incident, noc)

    assert (found.acknowledged_at, found.acknowledged_by) == (None, None)
    assert told() == ["acknowledged", "unacknowledged"]
    name = noc.username
    assert story() == [("acknowledged", name, "Tim jalan"), ("unacknowledged", name, "")]
    first, second = AuditRow.objects.filter(action__startswith="incident.").order_by("pk")
    assert (first.action, first.after, first.source) == (
        "incident.acknowledge",
        {"note": "Tim jalan"},
        "10.0.0.9",
    )
    assert (second.action, first.subject) == (
        "incident.unacknowledge",
        f"#{incident.pk} Area Dukuh",
    )


@pytest.mark.database
def test_it_is_given_to_people_who_can_see_to_it(incident, people):
    acting.assign(incident, people["noc"], people["technician"])
    with pytest.raises(ActRefused, match="Technician"):
        acting.assign(incident, people["noc"], people["cashier"])
    acting.assign(incident, people["noc"], None)

    assert told() == ["assigned", "assigned"]
    rows = AuditRow.objects.filter(action="incident.assign").order_by("pk")
    technician = people["technician"].username
    assert [(row.before["person"], row.after["person"]) for row in rows] == [
        (None, technician),
        (technician, None),
    ]


@pytest.mark.database
def test_a_snooze_ends_by_itself(incident, people):
    until = timezone.now() + timedelta(hours=1)
    acting.snooze(incident, people["noc"], until)
    explain(until - timedelta(seconds=1))
    assert told() == ["snoozed"]

    explain(until)
    explain(until + timedelta(hours=1))

    incident.refresh_from_db()
    assert (incident.snoozed_until, told()) == (None, ["snoozed", "woken"])


@pytest.mark.database
def test_a_snooze_is_ended_early_and_notes_are_written_down(incident, people):
    acting.snooze(incident, people["noc"], timezone.now() + timedelta(hours=1), "nanti")
    acting.unsnooze(incident, people["noc"])
    acting.note(incident, people["technician"], "Kabel putus di tiang 4")
    with pytest.raises(ActRefused):
        acting.note(incident, people["technician"], " \n")
    with pytest.raises(ActRefused):
        acting.note(incident, people["technician"], "x" * 2001)

    assert told() == ["snoozed", "woken", "noted"]


@pytest.mark.database
def test_recovery_closes_it_whoever_has_it_and_then_only_notes_are_taken(incident, people):
    noc = people["noc"]
    acting.acknowledge(incident, noc)
    give_back(Ont.objects.all(), 300)
    passing(310, 400)

    for act in (acting.acknowledge, acting.unacknowledge, acting.unsnooze):
        with pytest.raises(ActRefused, match="over"):
            act(incident, noc)
    with pytest.raises(ActRefused, match="over"):
        acting.snooze(incident, noc, timezone.now() + timedelta(hours=1))
    with pytest.raises(ActRefused, match="over"):
        acting.assign(incident, noc, noc)
    acting.note(incident, noc, "Selesai")
    assert told() == ["acknowledged", "shrank", "closed", "noted"]
