"""The event feed: what committed is there, in order, and nothing else."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from ronda.work import feed
from ronda.work.models import Event

pytestmark = [pytest.mark.database]


@pytest.mark.django_db
def test_an_event_vanishes_with_the_transaction_that_appended_it():
    def fail_after_appending() -> None:
        with transaction.atomic():
            feed.append("test.happened", {"n": 1})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_appending()

    assert feed.read(0) == []


@pytest.mark.django_db
def test_a_reader_gets_only_its_topics_after_its_place():
    feed.append_all([("a", {"n": 1}), ("b", {"n": 2}), ("a", {"n": 3})])
    first = feed.read(0, limit=1)[0]

    rest = feed.read(first.pk, topics={"a"})

    assert [event.payload for event in rest] == [{"n": 3}]


@pytest.mark.django_db(transaction=True)
def test_ids_commit_in_order_so_a_reader_that_remembers_the_last_id_misses_nothing():
    seen: list[int] = []
    done = threading.Event()
    before = feed.last_id()

    def write(writer: int) -> None:
        try:
            for number in range(10):
                with transaction.atomic():
                    feed.append("t", {"writer": writer, "number": number})
        finally:
            connection.close()

    def tail() -> None:
        try:
            last = before
            while True:
                finished = done.is_set()
                for event in feed.read(last):
                    seen.append(event.pk)
                    last = event.pk
                if finished:
                    return
        finally:
            connection.close()

    reader = threading.Thread(target=tail)
    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    reader.start()
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()

    assert len(seen) == 40
    assert len(set(seen)) == 40


@pytest.mark.django_db
def test_after_an_older_state_was_put_back_no_id_comes_again():
    feed.append("a", {})
    remembered = feed.last_id()
    Event.objects.all().delete()

    feed.leap()
    feed.append("a", {})

    leap, after = Event.objects.order_by("id")
    assert leap.topic == "storage.restored"
    assert remembered < leap.pk < after.pk
    remembered = after.pk
    Event.objects.all().delete()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        feed.leap()  # the same state is put back a second time
    assert feed.last_id() > remembered
