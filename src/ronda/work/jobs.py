"""Durable jobs: work that is done once, however often processes die in between.

Guarantees: a job exists if and only if the transaction that enqueued it committed; of one `lock` at
most one job runs, in the order of their ids; of one `unique` key at most one is unfinished; what a
dead worker was running is found by another. After an outcome that nobody knows a job is repeated
only when its handler says that repeating is harmless.

A payload holds ids and plain values, never a secret: it stays in the table, and in backups, until
the job is forgotten. Why this is ours: docs/decisions/durable-jobs.md.
"""

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils import timezone

from ronda.work import feed
from ronda.work.models import Job

#: Event: a job got on (`done`, `total`), or one that has a lock or told how far it is ended (neither).
MOVED = "work.moved"

State = Job.State

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
SILENT_S = 15.0
"""A worker that gave no sign of life for so long is taken for dead."""

UNFINISHED = (State.WAITING, State.RUNNING)
TOO_LATE = "too-late"
CANCELLED = "cancelled"
ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as people and pages see it; `total` 0 means unknown, `code` is the kind of error."""

    id: int
    kind: str
    state: Job.State
    done: int
    total: int
    progress: str
    result: Any
    error: str
    code: str
    attempts: int
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def finished(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that a worker has to run now; `again` when an earlier run may have done part of it."""

    id: int
    kind: str
    payload: Any
    lock: str
    attempt: int
    again: bool
    owner: str


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    lock: str = "",
    unique: str | None = None,
    run_at: datetime | None = None,
    start_by: datetime | None = None,
    max_attempts: int = 1,
) -> int:
    """Write a job in the caller's transaction; its id, or that of the unfinished one of `unique`.

    It starts at `run_at` or soon; one that has not started by `start_by` fails with the code
    "too-late", and nothing was done. `max_attempts` counts the first attempt.
    """
    moment = timezone.now()
    while True:
        present = _unfinished(unique)
        if present is not None:
            return present
        try:
            with transaction.atomic():
                return Job.objects.create(
                    kind=kind,
                    payload=dict(payload),
                    lock=lock,
                    unique=unique,
                    created_at=moment,
                    run_at=run_at or moment,
                    start_by=start_by,
                    max_attempts=max_attempts,
                ).pk
        except IntegrityError:
            # Somebody enqueued the same in between; it may even be finished by now: look again.
            if unique is None:
                raise


def _unfinished(unique: str | None) -> int | None:
    if unique is None:
        return None
    found = Job.objects.filter(unique=unique, state__in=UNFINISHED)
    return found.values_list("pk", flat=True).first()


def state(job: int) -> JobState | None:
    """How a job stands; None when it was forgotten, or its transaction rolled back."""
    row = Job.objects.filter(pk=job).first()
    return None if row is None else _state(row)


def newest(kind: str, lock: str) -> JobState | None:
    """How the newest job of a kind and lock stands; None when none is remembered."""
    row = Job.objects.filter(kind=kind, lock=lock).order_by("-pk").first()
    return None if row is None else _state(row)


def _state(row: Job) -> JobState:
    return JobState(
        id=row.pk,
        kind=row.kind,
        state=State(row.state),
        done=row.done,
        total=row.total,
        progress=row.progress,
        result=row.result,
        error=row.error,
        code=row.code,
        attempts=row.attempts,
        created_at=row.created_at,
        run_at=row.run_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def wait(job: int, seconds: float) -> JobState | None:
    """How a job stands when it is finished, or after `seconds`; blocks this thread.

    Call it after the transaction that enqueued the job has committed.
    """
    begun = time.monotonic()
    never = threading.Event()
    while True:
        found = state(job)
        if found is None or found.finished:
            return found
        waited = time.monotonic() - begun
        if waited >= seconds:
            return found
        # The news is late by a twentieth of the time it took, so that nobody minds.
        never.wait(min(seconds - waited, 0.25, max(0.02, waited / 20)))


def cancel(job: int) -> bool:
    """Take back a job that has not started; false when it has, or is gone."""
    return bool(
        Job.objects.filter(pk=job, state=State.WAITING).update(
            state=State.FAILED, code=CANCELLED, finished_at=timezone.now()
        )
    )


def refuse_waiting(
    kinds: Collection[str], lock: str, error: str, code: str, *, patient_too: bool = False
) -> int:
    """Fail the jobs of a lock whose place of work is away, if they must start within two minutes.

    Somebody waits for those; the others may wait until it is back, unless it is gone for good
    (`patient_too`). The number failed.
    """
    now = timezone.now()
    waiting = Job.objects.filter(state=State.WAITING, lock=lock, kind__in=kinds)
    if not patient_too:
        waiting = waiting.filter(run_at__lte=now, start_by__lt=now + timedelta(minutes=2))
    return waiting.update(state=State.FAILED, error=error[:2000], code=code[:40], finished_at=now)


def waiting_locks(kinds: Collection[str], now: datetime | None = None) -> dict[str, int]:
    """Locks that have a job of these kinds to start now, with the newest job that waits there."""
    rows = _startable(kinds, now or timezone.now()).values_list("lock", flat=True)
    locks = set(rows)
    if not locks:
        return {}
    waiting = Job.objects.filter(state=State.WAITING, lock__in=locks, kind__in=kinds)
    return dict(waiting.values_list("lock").annotate(newest=Max("id")))


def newest_id() -> int:
    """Id of the newest job, 0 when there is none: whoever asks many times a second sees that one was enqueued."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM work_job")
        return cursor.fetchone()[0] or 0


def claim(
    owner: str, kinds: Collection[str], *, lock: str | None = None, now: datetime | None = None
) -> Claimed | None:
    """Take the next job for a worker, None when there is nothing to start (of this lock)."""
    moment = now or timezone.now()
    startable = _startable(kinds, moment)
    if lock is not None:
        startable = startable.filter(lock=lock)
    # A look without a lock first: most of the time there is nothing to do.
    if not startable.exists():
        return None
    try:
        with transaction.atomic():
            row = startable.select_for_update(skip_locked=True).order_by("id").first()
            if row is None:
                return None
            again = bool(row.owner)
            Job.objects.filter(pk=row.pk).update(
                state=State.RUNNING,
                owner=owner,
                attempts=row.attempts + 1,
                started_at=moment,
                beat=F("beat") + 1,
                done=0,
                total=0,
                progress="",
            )
    except IntegrityError:
        # On PostgreSQL an older job may become visible while a younger one of its lock is being
        # started; the constraint says so, and the next look finds them in order.
        return None
    return Claimed(row.pk, row.kind, row.payload, row.lock, row.attempts + 1, again, owner)


def _startable(kinds: Collection[str], now: datetime) -> Any:
    # A pause before a retry is never this long: then the clock has been set back.
    begun = Q(started_at__isnull=False)
    due = Q(run_at__lte=now) | begun & Q(run_at__gt=now + 2 * LONGEST_PAUSE)
    before = Job.objects.filter(lock=OuterRef("lock"), pk__lt=OuterRef("pk"), state=State.WAITING)
    running = Job.objects.filter(lock=OuterRef("lock"), state=State.RUNNING)
    return (
        Job.objects.filter(due, state=State.WAITING, kind__in=kinds)
        .exclude(start_by__lt=now)
        .filter(Q(lock="") | ~Exists(running) & ~Exists(before.filter(Q(run_at__lte=now) | begun)))
    )


def beat(owner: str, among: Collection[int] | None = None) -> None:
    """Say that this worker lives and still runs these jobs; None is all that it claimed.

    What it claimed and does not run, because it was stopped or the database went away in between, stays silent,
    and is found by `Watchman`.
    """
    mine = Job.objects.filter(owner=owner, state=State.RUNNING)
    if among is not None:
        if not among:
            return
        mine = mine.filter(pk__in=list(among))
    mine.update(beat=F("beat") + 1)


def report(job: Claimed, done: int, total: int = 0, text: str = "") -> None:
    """Note how far a running job is, and tell it."""
    with transaction.atomic():
        if _mine(job).update(done=done, total=total, progress=text[:200]):
            feed.append(MOVED, {"job": job.id, "lock": job.lock, "done": done, "total": total})


def succeed(job: Claimed, result: Mapping[str, Any] | None = None) -> bool:
    """The job is done; false when it was taken from this worker meanwhile."""
    return _finish(job, State.DONE, result=dict(result or {}))


def fail(
    job: Claimed,
    error: str,
    code: str = "",
    *,
    retry: bool = False,
    pause: timedelta | None = None,
) -> bool:
    """The job was certainly not done; with `retry` it comes again if it has attempts left.

    The pause doubles from 5 s to 10 min, never less than `pause` nor more than 10 min.
    False when it was taken from this worker meanwhile.
    """
    if retry:
        usual = FIRST_PAUSE * 2 ** (job.attempt - 1)
        rest = min(max(usual, pause or usual), LONGEST_PAUSE)
        again = _mine(job).filter(attempts__lt=F("max_attempts"))
        if again.update(
            state=State.WAITING,
            run_at=timezone.now() + rest,
            error=error[:2000],
            code=code[:40],
            **_unless_begun_before(job),
        ):
            return True
    return _finish(job, State.FAILED, error=error[:2000], code=code[:40])


def postpone(job: Claimed, until: datetime) -> bool:
    """Nothing was begun: the job waits until then, a quarter of an hour at most, and this look at it is no attempt.

    Younger ones of its lock wait behind it. False when it was taken from this worker meanwhile.
    """
    longest = timezone.now() + 1.5 * LONGEST_PAUSE
    return bool(
        _mine(job).update(
            state=State.WAITING,
            run_at=min(until, longest),
            attempts=job.attempt - 1,
            **_unless_begun_before(job),
        )
    )


def lose(job: Claimed, error: str, code: str = "", *, repeatable: bool) -> bool:
    """Nobody knows whether the job was done; it comes again at once only when `repeatable`.

    A repetition does not count as an attempt beyond `max_attempts`, but ten are the end of it.
    """
    if repeatable and job.attempt < 10:
        return bool(
            _mine(job).update(state=State.WAITING, run_at=timezone.now(), error=error[:2000])
        )
    return _finish(job, State.UNKNOWN, error=error[:2000], code=code[:40])


def _unless_begun_before(job: Claimed) -> dict[str, str]:
    """An owner that stays says to the next that an earlier run may have done part of the job."""
    return {} if job.again else {"owner": ""}


def _mine(job: Claimed) -> Any:
    return Job.objects.filter(pk=job.id, owner=job.owner, attempts=job.attempt, state=State.RUNNING)


def _finish(job: Claimed, state: Job.State, **values: Any) -> bool:
    with transaction.atomic():
        finished = bool(_mine(job).update(state=state, finished_at=timezone.now(), **values))
        if finished and (job.lock or Job.objects.filter(pk=job.id, total__gt=0).exists()):
            feed.append(MOVED, {"job": job.id, "lock": job.lock})
    return finished


class Watchman:
    """Finds jobs whose worker is dead, by its missing signs of life on our own steady clock.

    A wrong or jumping wall clock can therefore neither hide a dead worker nor kill a living one.
    """

    def __init__(self, kinds: Collection[str], *, silent_s: float = SILENT_S) -> None:
        """Looks after jobs of these kinds only."""
        self._kinds = frozenset(kinds)
        self._silent_s = silent_s
        self._seen: dict[int, tuple[str, int, float]] = {}

    def look(self, repeatable: Collection[str]) -> int:
        """Free the jobs of dead workers; how many.

        Those of `repeatable` kinds are started again, the others end with an unknown outcome. Also
        fails what should have started by now.
        """
        now = time.monotonic()
        running = Job.objects.filter(state=State.RUNNING, kind__in=self._kinds)
        seen = {}
        freed = 0
        for row in running.only("kind", "owner", "beat", "attempts", "lock"):
            owner, beat_, since = self._seen.get(row.pk, ("", -1, now))
            if (owner, beat_) != (row.owner, row.beat):
                since = now
            seen[row.pk] = (row.owner, row.beat, since)
            if now - since >= self._silent_s and self._free(row, row.kind in repeatable):
                freed += 1
        self._seen = seen
        moment = timezone.now()
        Job.objects.filter(state=State.WAITING, kind__in=self._kinds, start_by__lt=moment).update(
            state=State.FAILED, code=TOO_LATE, finished_at=moment
        )
        return freed

    def _free(self, row: Job, repeatable: bool) -> bool:
        job = Claimed(row.pk, row.kind, None, row.lock, row.attempts, True, row.owner)
        # Only if it is still as silent as it was seen.
        if not Job.objects.filter(pk=row.pk, beat=row.beat, state=State.RUNNING).exists():
            return False
        return lose(job, "", ABANDONED, repeatable=repeatable)


def forget(before: datetime) -> int:
    """Delete jobs that finished before then; how many."""
    deleted, _ = Job.objects.filter(finished_at__lt=before).delete()
    return deleted


def trouble(now: datetime | None = None) -> list[Job]:
    """Jobs that a person should look at: overdue by ten minutes, and the failed of one day.

    Newest first, at most 200.
    """
    moment = now or timezone.now()
    overdue = Q(state__in=UNFINISHED, run_at__lt=moment - timedelta(minutes=10))
    ended = Q(
        state__in=(State.FAILED, State.UNKNOWN), finished_at__gt=moment - timedelta(days=1)
    ) & ~Q(code=CANCELLED)
    return list(Job.objects.filter(overdue | ended).order_by("-id")[:200])
