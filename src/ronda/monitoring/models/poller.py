"""What the watch itself went through: is it alive, what did its last sweep see, when was it blind."""

from django.db import models
from django.db.models import Q


class Poller(models.Model):
    """One watching process; `alive_at` is renewed every few seconds."""

    name = models.CharField(max_length=40, primary_key=True)
    started_at = models.DateTimeField()
    alive_at = models.DateTimeField()
    method = models.CharField(max_length=20, blank=True)
    interval_s = models.FloatField()
    targets = models.PositiveIntegerField(default=0)
    sweep = models.PositiveBigIntegerField(default=0)
    swept_from = models.DateTimeField(null=True)
    swept_to = models.DateTimeField(null=True)
    sent = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)
    uncertain = models.BooleanField(default=False)
    blind_since = models.DateTimeField(null=True)
    canaries = models.JSONField(default=dict)  # address -> seconds since its last reply, or null
    trouble = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Unobserved(models.Model):
    """A time in which nothing can be said about any ONT: never counted as up or down."""

    poller = models.CharField(max_length=40)
    started_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20)  # blind, stopped, clock

    class Meta:
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["poller"], condition=Q(ended_at=None), name="one_open_unobserved"
            )
        ]

    def __str__(self) -> str:
        return f"unobserved from {self.started_at:%Y-%m-%d %H:%M:%S} ({self.reason})"
