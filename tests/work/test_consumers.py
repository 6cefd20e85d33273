"""Consumers act exactly once, also when they fail half-way or race."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from ronda.work import consumers, feed
from ronda.work.consumers import Consumer, Follower, begin, consume
from ronda.work.models import Cursor, Event

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def reader(seen: list[int], **options: object) -> Consumer:
    def handle(events: list[Event]) -> None:
        seen.extend(event.payload["n"] for event in events)

    return Consumer("test.reader", frozenset({"t"}), handle, **options)


@pytest.mark.django_db
def test_a_new_consumer_starts_at_the_present_and_then_sees_each_event_once():
    seen: list[int] = []
    feed.append("t", {"n": 0}, at=NOW)
    consume(reader(seen), NOW)

    feed.append_all([("t", {"n": 1}), ("other", {"n": 2}), ("t", {"n": 3})], at=NOW)
    consume(reader(seen), NOW)
    consume(reader(seen), NOW)

    assert seen == [1, 3]


@pytest.mark.django_db
def test_a_consumer_whose_place_was_noted_hears_of_what_came_before_its_first_run():
    seen: list[int] = []
    begin(["test.reader"])
    feed.append("t", {"n": 1}, at=NOW)
    begin(["test.reader"])

    consume(reader(seen), NOW)

    assert seen == [1]


@pytest.mark.django_db(transaction=True)
def test_a_consumer_that_fails_gets_the_same_events_again():
    tries: list[list[int]] = []

    def handle(events: list[Event]) -> None:
        tries.append([event.payload["n"] for event in events])
        if len(tries) == 1:
            feed.append("never", {})
            raise RuntimeError

    consumer = Consumer("test.failing", frozenset({"t"}), handle)
    consume(consumer, NOW)
    feed.append("t", {"n": 1}, at=NOW)

    with pytest.raises(RuntimeError):
        consume(consumer, NOW)
    consume(consumer, NOW)

    assert tries == [[1], [1]]
    assert feed.read(0, topics={"never"}) == []


@pytest.mark.django_db
def test_a_holding_consumer_gathers_until_its_oldest_event_is_old_enough():
    seen: list[int] = []
    holding = reader(seen, hold=lambda: timedelta(seconds=45))
    consume(holding, NOW)
    feed.append("t", {"n": 1}, at=NOW)
    feed.append("t", {"n": 2}, at=NOW + timedelta(seconds=40))

    consume(holding, NOW + timedelta(seconds=44))
    assert seen == []

    consume(holding, NOW + timedelta(seconds=45))
    assert seen == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_race_hand_each_event_to_one_of_them():
    seen: list[int] = []
    consume(reader(seen), NOW)
    feed.append_all([("t", {"n": n}) for n in range(50)], at=NOW)

    def work() -> None:
        try:
            for _ in range(5):
                consume(reader(seen), NOW)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert seen == list(range(50))


@pytest.mark.django_db
def test_a_follower_of_a_quiet_feed_asks_one_question_and_of_a_foreign_one_two(
    django_assert_num_queries,
):
    seen: list[int] = []
    follower = Follower(reader(seen))
    feed.append("t", {"n": 0}, at=NOW)
    follower.step(NOW)
    with django_assert_num_queries(1):
        follower.step(NOW)
    feed.append("other", {"n": 1}, at=NOW)
    follower.step(NOW)
    with django_assert_num_queries(1):
        follower.step(NOW)

    feed.append("t", {"n": 2}, at=NOW)
    assert follower.step(NOW) == 1
    assert follower.step(NOW) == 0
    assert seen == [2]


@pytest.mark.django_db
def test_a_follower_keeps_looking_at_what_is_held_and_passes_by_what_another_worker_took():
    seen: list[int] = []
    begin(["test.reader"])
    held = reader(seen, hold=lambda: timedelta(seconds=45))
    first, second = Follower(held), Follower(held)
    feed.append("t", {"n": 1}, at=NOW)
    assert first.step(NOW) == second.step(NOW) == 0
    feed.append("other", {"n": 2}, at=NOW)
    assert first.step(NOW + timedelta(seconds=45)) == 1
    assert second.step(NOW + timedelta(seconds=45)) == 0
    feed.append("t", {"n": 3}, at=NOW)
    assert second.step(NOW + timedelta(seconds=60)) == 1
    assert seen == [1, 3]


@pytest.mark.django_db
def test_a_follower_of_rare_events_does_not_fall_behind(monkeypatch):
    monkeypatch.setattr(consumers, "BEHIND", 2)
    begin(["test.reader"])
    follower = Follower(reader([]))
    feed.append_all([("other", {})] * 3, at=NOW)
    follower.step(NOW)
    assert Cursor.objects.get().last_id == feed.last_id()


@pytest.mark.django_db
def test_a_follower_begins_anew_when_an_older_state_was_put_back():
    seen: list[int] = []
    begin(["test.reader"])
    follower = Follower(reader(seen))
    feed.append_all([("other", {})] * 3, at=NOW)
    follower.step(NOW)
    Event.objects.all().delete()
    Cursor.objects.all().delete()
    begin(["test.reader"])
    Event.objects.create(pk=1, at=NOW, topic="t", payload={"n": 7})
    Cursor.objects.update(last_id=0)
    assert follower.step(NOW) == 1
    assert seen == [7]
