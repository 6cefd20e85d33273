"""The event feed and its readers' places, when each schedule ran, and the durable jobs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that happened, written in the transaction that made it true; ids commit in order."""

    at = models.DateTimeField(_("time"), db_index=True)
    topic = models.CharField(max_length=64)
    payload = models.JSONField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"


class Cursor(models.Model):
    """How far one consumer has read the feed; moved in the transaction of its effect."""

    consumer = models.CharField(max_length=64, primary_key=True)
    last_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.consumer} at {self.last_id}"


class Schedule(models.Model):
    """When a repeated task last began; `leased_until` keeps two workers from running it at once."""

    name = models.CharField(max_length=64, primary_key=True)
    ran_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Tuning(models.Model):
    """A setting that was changed on the page; it wins over the environment (`work.tuning`)."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(_("time"))
    changed_by = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return f"{self.name} = {self.value!r}"


class Job(models.Model):
    """One piece of work that survives crashes; `ronda.work.jobs` and `running` are the only writers.

    `lock` "" means: beside any other. `owner` is the worker that runs it, and `beat` counts that
    worker's signs of life. `total` 0 means that the amount is not known.
    """

    class State(models.TextChoices):
        """The last three are final; UNKNOWN means that it may have been done, wholly or in part."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Outcome unknown")

    kind = models.CharField(max_length=64)
    payload = models.JSONField()
    lock = models.CharField(max_length=100, blank=True)
    unique = models.CharField(max_length=150, null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    run_at = models.DateTimeField()
    start_by = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=1)
    owner = models.CharField(max_length=32, blank=True)
    beat = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    progress = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unique"],
                condition=models.Q(state__in=("waiting", "running")),
                name="job_unique_unfinished",
            ),
            models.UniqueConstraint(
                fields=["lock"],
                condition=models.Q(state="running") & ~models.Q(lock=""),
                name="job_one_per_lock",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "lock", "id"],
                condition=models.Q(state__in=("waiting", "running")),
                name="job_unfinished",
            ),
            models.Index(fields=["finished_at"], name="job_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.state})"
