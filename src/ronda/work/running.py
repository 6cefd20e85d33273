"""Running jobs: a worker takes one, says how far it is and how it ended; what a dead worker had is freed.

What is guaranteed stands in `jobs`.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils import timezone

from ronda.work import feed
from ronda.work.jobs import ABANDONED, TOO_LATE, State
from ronda.work.models import Job

#: Event: a job got on (`done`, `total`), or one that has a lock or told how far it is ended (neither).
MOVED = "work.moved"

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
SILENT_S = 15.0
"""A worker that gave no sign of life for so long is taken for dead."""


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
