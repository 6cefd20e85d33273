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

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from ronda.work.models import Job

State = Job.State

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
