"""Repeated tasks run when due, by one worker, and say when they fail."""

from datetime import UTC, datetime, timedelta

import pytest

from ronda.work import feed, schedules
from ronda.work.models import Cursor, Event, Schedule
from ronda.work.schedules import Task, run_due

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_task_runs_at_first_sight_and_then_once_a_period():
    runs: list[int] = []
    task = Task("t", HOUR, lambda: runs.append(1))

    assert [run_due(task, NOW + n * HOUR / 2) for n in range(4)] == [True, False, True, False]
    assert len(runs) == 2


def test_a_task_that_another_worker_is_running_is_left_alone_until_its_lease_ends():
    task = Task("t", HOUR, lambda: None, lease=timedelta(minutes=10))
    Schedule.objects.create(name="t", leased_until=NOW + timedelta(minutes=10))

    assert run_due(task, NOW) is False
    assert run_due(task, NOW + timedelta(minutes=11)) is True


def test_a_clock_that_was_set_back_stops_no_task():
    task = Task("t", HOUR, lambda: None, lease=timedelta(minutes=10))
    assert run_due(task, NOW + timedelta(days=9)) is True
    assert run_due(task, NOW) is True
    assert run_due(task, NOW + HOUR / 2) is False
    Schedule.objects.update(ran_at=None, leased_until=NOW + timedelta(days=9))
    assert run_due(task, NOW) is True


def test_a_failing_task_is_written_down_and_tried_again_soon():
    def fail() -> None:
        raise OSError("disk full")

    assert run_due(Task("t", HOUR, fail), NOW) is True
    row = Schedule.objects.get()
    assert (row.failures, row.trouble, row.ran_at) == (1, "OSError: disk full", None)

    assert run_due(Task("t", HOUR, lambda: None), NOW + timedelta(minutes=1)) is False
    assert run_due(Task("t", HOUR, lambda: None), NOW + timedelta(minutes=7)) is True
    assert Schedule.objects.get().trouble == ""


def test_old_events_are_trimmed_only_when_every_consumer_has_read_them():
    for day in range(4):
        feed.append("t", {"day": day}, at=NOW - timedelta(days=10 - day))
    second = Event.objects.order_by("id")[1]
    Cursor.objects.create(consumer="slow", last_id=second.pk)

    schedules.trim_feed(timedelta(days=1), NOW)

    assert [event.payload["day"] for event in feed.read(0)] == [2, 3]
