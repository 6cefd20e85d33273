"""What a rule would have sent is what it sends."""

from dataclasses import replace
from datetime import timedelta

from ronda.alerts.rules.rehearsing import rehearse
from ronda.alerts.rules.verdicts import Kind
from tests.alerts.rules.test_deciding import JOKO, NOON, OUTAGE, RULE, WAYAN, minutes, world


def told(occurrence, place, until=NOON + timedelta(days=1)):
    return [
        (one.at, one.delivery.kind, one.delivery.to) for one in rehearse(occurrence, place, until)
    ]


def test_steps_repetitions_and_the_end_come_in_their_time():
    over = replace(OUTAGE, closed_at=minutes(100))

    assert told(over, world(replace(RULE, repeat=timedelta(hours=1)))) == [
        (minutes(2), Kind.ALARM, JOKO),
        (minutes(17), Kind.ALARM, WAYAN),
        (minutes(62), Kind.REPEAT, JOKO),
        (minutes(77), Kind.REPEAT, WAYAN),
        (minutes(100), Kind.RECOVERY, JOKO),
        (minutes(100), Kind.RECOVERY, WAYAN),
    ]


def test_what_was_acknowledged_later_was_not_yet_then():
    seen = replace(OUTAGE, acknowledged_at=minutes(10))

    assert told(seen, world()) == [(minutes(2), Kind.ALARM, JOKO)]
    assert told(OUTAGE, world(), minutes(5)) == [(minutes(2), Kind.ALARM, JOKO)]


def test_it_ends_even_where_a_rule_repeats_every_minute():
    assert len(told(OUTAGE, world(replace(RULE, repeat=timedelta(minutes=1))))) == 400 - 17
