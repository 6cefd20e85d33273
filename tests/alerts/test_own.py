"""What one person was told alone, and the record of what was sent to people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.alerts import context
from ronda.alerts.models import Channel, Notice, Outgoing, OwnNotice
from ronda.alerts.service import addresses, notices, own, sending
from ronda.app import wiring
from ronda.work.models import Job
from ronda.work.worker import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]


def put(person: Person, number: int, **values: Any) -> OwnNotice:
    usual = {"subject": f"Down {number}", "text": "Dukuh\n<b>x</b>", "severity": "danger"}
    return OwnNotice.objects.create(
        person=person, key=f"k{person.pk}:{number}", at=timezone.now(), **{**usual, **values}
    )


def test_each_reads_what_is_for_them_and_marks_what_they_saw(
    people: dict[str, Person], as_: Callable[[str], Client]
) -> None:
    seen = put(people["cashier"], 1)
    put(people["noc"], 2)
    client = as_("cashier")
    page = client.get("/for-me/").content.decode()
    assert "Down 1" in page
    assert "Down 2" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page

    put(people["cashier"], 3)
    client.post("/for-me/read/", {"until": str(seen.pk)})
    client.post("/for-me/read/", {"until": "9" * 30})
    assert own.unread_count(people["cashier"]) == 1
    assert own.unread_count(people["noc"]) == 1


def test_the_bell_counts_ones_own_and_everybodys_in_one_query(
    people: dict[str, Person], as_: Callable[[str], Client]
) -> None:
    for number in range(2):
        put(people["noc"], number)
        put(people["cashier"], number)
    notices.create("info", "For everybody")
    with CaptureQueriesContext(connection) as asked:
        assert context.count(people["noc"]) == 3
    assert len(asked) == 1
    # Who may not see the network's notices is not told that there are some.
    assert context.count(people["cashier"]) == 2
    assert context.count(people["owner"]) == 1
    Notice.objects.all().delete()
    assert context.count(people["owner"]) == 0

    answer = as_("noc").get("/api/v1/notices?limit=1").json()
    assert (answer["unread"], answer["mine"]) == (0, 2)
    assert '/for-me/"' in as_("cashier").get("/for-me/").content.decode()
    assert "For me (2)" in as_("noc").get("/notices/").content.decode()


def test_staff_see_what_was_sent_to_whom_and_send_it_again(
    people: dict[str, Person], as_: Callable[[str], Client]
) -> None:
    (inside,) = addresses.of(people["noc"])
    (other,) = addresses.of(people["viewer"])
    for address in (inside, other):
        sending.post(address.channel, address.to, sending.TEST, None, f"t:{address.pk}")
    Channel.objects.update(active=False)
    work()
    Channel.objects.update(active=True)
    admin = as_("admin")
    name = people["noc"].username
    page = admin.get(f"/messages/people/?person={name}&state=failed").content.decode()
    assert f">{name}<" in page
    assert f">{people['viewer'].username}<" not in page
    assert "The channel is not in use." in page
    assert "No message" in admin.get("/messages/people/?state=sent").content.decode()
    assert as_("noc").get("/messages/people/").status_code == 403

    first = Outgoing.objects.order_by("id")[0]
    admin.post(f"/messages/people/{first.pk}/again/")
    work()
    first.refresh_from_db()
    assert (first.state, first.turn) == ("sent", 2)


def test_messages_that_ended_are_forgotten_in_time_and_waiting_ones_never(
    people: dict[str, Person],
) -> None:
    (inside,) = addresses.of(people["noc"])
    for number in range(3):
        sending.post(inside.channel, inside.to, sending.TEST, None, f"t:{number}")
    work(2)
    later = timezone.now() + timedelta(days=1)
    assert sending.forget_older_than(timezone.now() - timedelta(days=1)) == 0
    assert sending.forget_older_than(later) == 2
    assert [row.state for row in Outgoing.objects.all()] == ["waiting"]
    assert own.forget_older_than(later) == 2


def work(times: int = 10) -> None:
    worker = Worker(wiring.jobs_without_router())
    Job.objects.filter(state="waiting").update(run_at=timezone.now())
    for _ in range(times):
        if not worker.step():
            return
