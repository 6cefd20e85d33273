"""Durable jobs: once, in order, one per lock, and never forgotten."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ronda.work import feed, jobs, running
from ronda.work.jobs import State
from ronda.work.models import Job
from ronda.work.running import Claimed, Watchman

pytestmark = pytest.mark.database

KINDS = {"test"}


def put(lock: str = "", **options: object) -> int:
    return jobs.enqueue("test", {"n": 1}, lock=lock, **options)


def take(owner: str = "a", **options: object) -> Claimed:
    job = running.claim(owner, KINDS, **options)
    assert job is not None
    return job


def state_of(job: int) -> tuple[str, str]:
    found = jobs.state(job)
    assert found is not None
    return found.state, found.code


@pytest.mark.django_db
def test_a_job_vanishes_with_the_transaction_that_enqueued_it():
    def fail_after_enqueuing() -> None:
        with transaction.atomic():
            put()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_enqueuing()

    assert running.claim("a", KINDS) is None
    assert jobs.state(1_000_000) is None


@pytest.mark.django_db
def test_a_committed_job_is_done_once_and_keeps_its_result():
    made = put()
    job = take()
    assert running.claim("b", KINDS) is None
    running.report(job, 3, 10, "writing")
    running.succeed(job, {"id": "*1A"})

    found = jobs.wait(made, 0)
    assert found is not None
    assert (found.state, found.result, found.done, found.total, found.progress) == (
        State.DONE,
        {"id": "*1A"},
        3,
        10,
        "writing",
    )
    assert found.finished
    assert running.claim("a", KINDS) is None


@pytest.mark.django_db
def test_jobs_of_one_lock_run_one_after_the_other_in_order_and_others_beside_them():
    first, second = put("router:1"), put("router:1")
    other, free = put("router:2"), put()

    assert running.waiting_locks(KINDS) == {"router:1": second, "router:2": other, "": free}
    taken = [take("a"), take("b"), take("c")]
    assert [job.id for job in taken] == [first, other, free]
    assert running.claim("d", KINDS) is None

    running.succeed(taken[0])
    assert take("d", lock="router:1").id == second


@pytest.mark.django_db
def test_a_job_for_later_does_not_hold_up_its_lock_but_a_retry_does():
    now = timezone.now()
    put("r", run_at=now + timedelta(hours=1))
    second, third = put("r", max_attempts=3), put("r")
    job = take()
    assert job.id == second

    running.fail(job, "unreachable", "RouterUnreachable", retry=True)
    assert running.claim("a", KINDS) is None
    again = take(now=now + timedelta(seconds=6))

    assert (again.id, again.attempt, again.again) == (second, 2, False)
    running.succeed(again)
    assert take().id == third


@pytest.mark.django_db
def test_of_one_unique_key_only_one_job_is_unfinished():
    first = put(unique="sync:1")
    assert put(unique="sync:1") == first
    job = take()
    assert put(unique="sync:1") == first
    running.succeed(job)
    assert put(unique="sync:1") != first
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_a_failure_is_retried_until_its_attempts_are_used_up():
    made = put(max_attempts=2)
    running.fail(take(), "refused", "X", retry=True)
    running.fail(take(now=timezone.now() + timedelta(minutes=1)), "refused", "X", retry=True)
    assert state_of(made) == (State.FAILED, "X")

    other = put(max_attempts=5)
    running.fail(take(), "wrong name", "Y")
    assert state_of(other) == (State.FAILED, "Y")


@pytest.mark.django_db
def test_an_unknown_outcome_is_final_unless_repeating_is_harmless():
    careful, harmless = put(max_attempts=5), put()
    running.lose(take(), "cut", "RouterUnreachable", repeatable=False)
    running.lose(take(), "cut", "RouterUnreachable", repeatable=True)

    assert state_of(careful) == (State.UNKNOWN, "RouterUnreachable")
    again = take()
    assert (again.id, again.attempt, again.again) == (harmless, 2, True)


@pytest.mark.django_db
def test_what_kills_every_worker_is_given_up_at_last():
    made = put()
    for _ in range(10):
        running.lose(take(), "", "abandoned", repeatable=True)
    assert state_of(made) == (State.UNKNOWN, "abandoned")


@pytest.mark.django_db
def test_a_job_whose_worker_fell_silent_is_freed_and_the_old_worker_cannot_finish_it():
    repeatable, careful = put("a"), jobs.enqueue("careful", {})
    kinds = {"test", "careful"}
    old = running.claim("dead", kinds)
    running.claim("dead", kinds)
    assert old is not None
    watchman = Watchman(kinds, silent_s=0)

    # The first look only remembers what it saw.
    patient = Watchman(kinds, silent_s=60)
    assert patient.look(KINDS) == 0
    assert watchman.look(KINDS) == 2

    assert state_of(careful) == (State.UNKNOWN, "abandoned")
    new = take("new")
    assert (new.id, new.again) == (repeatable, True)
    assert running.succeed(old, {"by": "old"}) is False
    assert running.succeed(new, {"by": "new"}) is True
    assert jobs.state(repeatable).result == {"by": "new"}


@pytest.mark.django_db
def test_a_living_worker_keeps_its_job_however_wrong_the_clock_is(monkeypatch):
    put()
    take("alive")
    steady = [0.0]
    monkeypatch.setattr(running.time, "monotonic", lambda: steady[0])
    watchman = Watchman(KINDS, silent_s=15)
    # A year between two looks by the wall clock changes nothing; only silence does.
    Job.objects.update(started_at=timezone.now() - timedelta(days=365))
    for _ in range(10):
        steady[0] += 10
        running.beat("alive")
        assert watchman.look(KINDS) == 0
    steady[0] += 10
    assert watchman.look(KINDS) == 0
    steady[0] += 10
    assert watchman.look(KINDS) == 1


@pytest.mark.django_db
def test_a_retry_is_not_put_off_by_a_clock_that_was_set_back():
    put(max_attempts=3)
    running.fail(take(), "away", retry=True)
    assert take(now=timezone.now() - timedelta(days=2)).attempt == 2


@pytest.mark.django_db
def test_a_job_that_could_not_start_in_time_fails_and_was_not_done():
    made = put(start_by=timezone.now() - timedelta(seconds=1))
    assert running.claim("a", KINDS) is None
    Watchman(KINDS).look(())
    assert state_of(made) == (State.FAILED, jobs.TOO_LATE)


@pytest.mark.django_db
def test_where_the_router_is_away_only_what_somebody_waits_for_fails_at_once():
    soon = put("r", start_by=timezone.now() + timedelta(seconds=20))
    patient, other = put("r"), put("other", start_by=timezone.now() + timedelta(seconds=20))
    assert jobs.refuse_waiting(KINDS, "r", "no route to host", "RouterUnreachable") == 1
    assert state_of(soon) == (State.FAILED, "RouterUnreachable")
    assert {state_of(patient), state_of(other)} == {(State.WAITING, "")}


@pytest.mark.django_db
def test_only_a_job_that_has_not_started_can_be_taken_back():
    waiting, running = put("a"), put("b")
    take(lock="b")
    assert (jobs.cancel(running), jobs.cancel(waiting)) == (False, True)
    assert state_of(waiting) == (State.FAILED, jobs.CANCELLED)


@pytest.mark.django_db
def test_finished_jobs_are_forgotten_and_unfinished_ones_never():
    done, waiting = put(), put()
    running.succeed(take())
    now = timezone.now()
    assert jobs.forget(now - timedelta(days=1)) == 0
    assert jobs.forget(now + timedelta(days=1)) == 1
    assert (jobs.state(done), state_of(waiting)) == (None, (State.WAITING, ""))


@pytest.mark.django_db
def test_what_needs_a_person_is_listed():
    put()
    failed = put()
    running.succeed(take())
    running.fail(take(), "no space", "RouterFull")
    cancelled = put()
    jobs.cancel(cancelled)
    stuck = put(run_at=timezone.now() - timedelta(hours=1))
    assert [job.pk for job in jobs.trouble()] == [stuck, failed]


@pytest.mark.django_db(transaction=True)
def test_workers_that_race_do_each_job_once_and_never_two_of_one_lock():
    for number in range(24):
        jobs.enqueue("test", {"n": number}, lock=f"router:{number % 3}")
    done: list[int] = []
    held: Counter[str] = Counter()
    doubled: list[str] = []
    guard = threading.Lock()

    def work(owner: str) -> None:
        try:
            while len(done) < 24:
                job = running.claim(owner, KINDS)
                if job is None:
                    continue
                with guard:
                    held[job.lock] += 1
                    if held[job.lock] > 1:
                        doubled.append(job.lock)
                with guard:
                    held[job.lock] -= 1
                    done.append(job.payload["n"])
                running.succeed(job)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(done) == list(range(24))
    assert doubled == []
    assert [n for n in done if n % 3 == 0] == list(range(0, 24, 3))


@pytest.mark.django_db(transaction=True)
def test_requests_that_race_make_one_unfinished_job():
    made: list[int] = []
    start = threading.Barrier(4)

    def ask() -> None:
        try:
            start.wait()
            with transaction.atomic():
                made.append(put(unique="sync:1"))
        finally:
            connection.close()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert len(set(made)) == 1
    assert len(made) == 4
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_how_far_a_job_is_and_its_end_are_told():
    begun = feed.last_id()
    put("router:1")
    job = take()
    running.report(job, 2, 5, "half")
    running.succeed(job)
    put()
    running.succeed(take())  # of no router, and it said nothing
    running.succeed(job)  # a second time it is nobody's any more
    told = feed.read(begun, topics=(running.MOVED,))
    assert [event.payload for event in told] == [
        {"job": job.id, "lock": "router:1", "done": 2, "total": 5},
        {"job": job.id, "lock": "router:1"},
    ]


@pytest.mark.django_db(transaction=True)
def test_waiting_for_a_job_ends_when_another_thread_finished_it():
    made = put()
    job = take()

    def finish() -> None:
        try:
            running.succeed(job, {"ok": True})
        finally:
            connection.close()

    thread = threading.Timer(0.05, finish)
    thread.start()
    found = jobs.wait(made, 30)
    thread.join()

    assert found is not None
    assert found.result == {"ok": True}
