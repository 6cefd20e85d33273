"""Whatever statement of a pass is the last one that a process lives to send: nothing is lost or doubled.

A killed process leaves its transaction to be rolled back, so being cut off at any moment is being cut
off before one of its statements. Each is tried.
"""

import pytest
from django.db import connection
from django.utils import timezone

from ronda.app import wiring
from ronda.incidents.models import Incident, IncidentOnt
from ronda.work import consumers
from ronda.work.models import Cursor, Event
from tests.incidents.fleet import give_back, lose, make_onts

pytestmark = [pytest.mark.database]

MOST_STATEMENTS = 200


class Killed(Exception):
    """The process ends here."""


def consume_until(last: int) -> int:
    """Let the consumer read, and cut it off before the statement of this number; how many it sent."""
    sent = 0

    def cut(execute, sql, params, many, context):  # type: ignore[no-untyped-def] # as Django calls it
        nonlocal sent
        if sent == last:
            raise Killed
        sent += 1
        return execute(sql, params, many, context)

    consumer = next(one for one in wiring.consumers() if one.name == "incidents.transitions")
    with connection.execute_wrapper(cut):
        consumers.consume(consumer, timezone.now())
    return sent


def told() -> list[tuple[int, str]]:
    rows = Event.objects.filter(topic="incidents.changed").order_by("pk")
    return [(row.payload["incident"], row.payload["change"]) for row in rows]


def killed_everywhere() -> int:
    """Cut the consumer off before each of its statements in turn, until it gets through; how often."""
    before = (told(), IncidentOnt.objects.count())
    for number in range(MOST_STATEMENTS):
        try:
            consume_until(number)
        except Killed:
            assert (told(), IncidentOnt.objects.count()) == before
        else:
            return number
    raise AssertionError("it never got through")


@pytest.mark.django_db(transaction=True)
def test_a_pass_that_is_killed_anywhere_is_done_once_all_the_same():
    onts = make_onts(4, "Utara") + make_onts(4, "Selatan")
    consumers.begin(["incidents.transitions"])
    lose(onts, 0)

    assert killed_everywhere() > 10
    lost = told()
    give_back(onts, 300)
    assert killed_everywhere() > 10

    number = Incident.objects.get().pk
    assert lost == [(number, "opened")]
    # It is long ago by the clock of the pass, so it is over at once.
    assert told() == [(number, "opened"), (number, "shrank"), (number, "closed")]
    assert IncidentOnt.objects.filter(back_at__isnull=False).count() == 8
    read = Cursor.objects.get(pk="incidents.transitions").last_id
    assert read >= Event.objects.filter(topic="monitoring.transitions").latest("pk").pk
