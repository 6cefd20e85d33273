"""The workers' jobs without a router: done once, and what each end makes of them."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from ronda.work import jobs, running
from ronda.work.jobs import State
from ronda.work.models import Job
from ronda.work.running import Claimed
from ronda.work.worker import Doing, InDoubt, NotDone, Worker

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def worker(run: Any, *, repeatable: bool = False) -> Worker:
    return Worker({"letter": Doing(run, repeatable)})


def ending(run: Any, *, repeatable: bool = False, **options: Any) -> Job:
    made = jobs.enqueue("letter", {"n": 1}, **options)
    assert worker(run, repeatable=repeatable).step()
    return Job.objects.get(pk=made)


def test_a_job_is_done_once_and_others_are_left_alone() -> None:
    seen: list[Claimed] = []
    jobs.enqueue("router-job", {})
    job = ending(lambda job: seen.append(job) or {"ok": True})

    assert (job.state, job.result) == (State.DONE, {"ok": True})
    assert [one.payload for one in seen] == [{"n": 1}]
    assert not worker(print).step()


def test_what_was_not_done_ends_or_comes_again_after_the_pause_that_was_asked_for() -> None:
    def fail(again: bool) -> Any:
        def run(_: Claimed) -> None:
            raise NotDone("why", "code", again=again, pause=timedelta(minutes=3))

        return run

    ended = ending(fail(False), max_attempts=5)
    assert (ended.state, ended.error, ended.code) == (State.FAILED, "why", "code")
    waiting = ending(fail(True), max_attempts=5)
    assert waiting.state == State.WAITING
    assert waiting.run_at - timezone.now() > timedelta(minutes=2)


def test_an_unknown_outcome_comes_again_only_where_that_is_harmless() -> None:
    def run(_: Claimed) -> None:
        raise InDoubt("cut")

    assert ending(run).state == State.UNKNOWN
    assert ending(run, repeatable=True).state == State.WAITING


def test_a_surprise_keeps_its_kind_and_not_its_words() -> None:
    def run(_: Claimed) -> None:
        raise RuntimeError("canary-secret")

    job = ending(run)
    assert (job.state, job.error, job.code) == (State.UNKNOWN, "RuntimeError", "internal")


def test_a_database_that_goes_away_is_no_surprise() -> None:
    def run(_: Claimed) -> None:
        raise OperationalError("database is locked")

    assert ending(run).state == State.UNKNOWN
    job = ending(run, repeatable=True)
    assert (job.state, job.error) == (State.WAITING, "OperationalError")


def test_what_was_claimed_and_is_not_run_is_freed_though_its_worker_lives(monkeypatch: Any) -> None:
    """The end of a job could not be written, or whoever claimed it was stopped in between."""
    one = worker(lambda job: None, repeatable=True)
    made = jobs.enqueue("letter", {})
    succeed = running.succeed

    def away(*_given: Any) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(running, "succeed", away)
    with pytest.raises(OperationalError):
        one.step()
    monkeypatch.setattr(running, "succeed", succeed)
    steady = [0.0]
    monkeypatch.setattr(running.time, "monotonic", lambda: steady[0])
    for _ in range(2):
        one.look_after()
        steady[0] += running.SILENT_S
    assert one.step()
    found = jobs.state(made)
    assert found is not None
    assert (found.state, found.attempts) == (State.DONE, 2)


@pytest.mark.django_db(transaction=True)
def test_threads_do_what_comes_until_they_are_stopped() -> None:
    stop, done = threading.Event(), threading.Event()

    def run(_: Claimed) -> None:
        done.set()

    before = set(threading.enumerate())
    worker(run).start(stop)
    made = jobs.enqueue("letter", {})
    try:
        assert done.wait(60)
        found = jobs.wait(made, 60)
        assert found is not None
        assert found.state == State.DONE
    finally:
        stop.set()
        for thread in set(threading.enumerate()) - before:
            thread.join(60)


def test_a_worker_without_kinds_starts_nothing() -> None:
    before = threading.active_count()
    Worker({}).start(threading.Event())

    assert threading.active_count() == before
