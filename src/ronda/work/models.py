"""The event feed and its readers' places, and when each schedule ran."""

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
