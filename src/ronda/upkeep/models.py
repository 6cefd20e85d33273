"""What is known of the routers' well-being, now and over the years."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from ronda.routers.models import Router
from ronda.upkeep.rules.conditions import Kind


class Span(models.Model):
    """A time in which a router was connected, or in which attempts failed for one reason.

    `until` is empty while it lasts. `attempts` counts failed attempts. `code` and `text` say why a
    connection ended or could not be made, as `RouterError`s name it; "" when we ended it ourselves.
    """

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="+")
    connected = models.BooleanField()
    since = models.DateTimeField(_("since"))
    seen_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    transport = models.CharField(max_length=12, blank=True)
    code = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["router"], condition=models.Q(until=None), name="span_one_open"
            )
        ]
        indexes = [models.Index(fields=["router", "-since"], name="span_newest")]

    @property
    def lasted(self) -> timedelta:
        """How long it was, as far as is known."""
        return (self.until or self.seen_at) - self.since

    def __str__(self) -> str:
        return f"{self.router_id} {'connected' if self.connected else self.code} {self.since}"


class Reading(models.Model):
    """One look at a router's health; empty where the router has no such thing.

    Shares in percent, bytes, seconds, degrees Celsius, volts, milliseconds. `sensors` holds
    everything `/system/health` said: [[name, value, unit], …].
    """

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    uptime_s = models.BigIntegerField(null=True)
    cpu = models.FloatField(null=True)
    memory_free = models.BigIntegerField(null=True)
    memory_total = models.BigIntegerField(null=True)
    disk_free = models.BigIntegerField(null=True)
    disk_total = models.BigIntegerField(null=True)
    temperature = models.FloatField(null=True)
    voltage = models.FloatField(null=True)
    clock_off_s = models.FloatField(null=True)
    sensors = models.JSONField(default=list)
    calls = models.PositiveIntegerField(default=0)
    calls_failed = models.PositiveIntegerField(default=0)
    p50_ms = models.FloatField(null=True)
    p95_ms = models.FloatField(null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["router", "at"], name="reading_once")]
        indexes = [models.Index(fields=["at"], name="reading_at")]

    def __str__(self) -> str:
        return f"{self.router_id} at {self.at}"


class Hour(models.Model):
    """An hour of readings that outlives them: the mean and the worst of each.

    `memory` and `disk` are used shares in percent; `at` is the hour's beginning.
    """

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    readings = models.PositiveIntegerField()
    cpu = models.FloatField(null=True)
    cpu_most = models.FloatField(null=True)
    memory = models.FloatField(null=True)
    memory_most = models.FloatField(null=True)
    disk = models.FloatField(null=True)
    temperature = models.FloatField(null=True)
    temperature_most = models.FloatField(null=True)
    voltage = models.FloatField(null=True)
    p50_ms = models.FloatField(null=True)
    p95_ms = models.FloatField(null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["router", "at"], name="hour_once")]

    def __str__(self) -> str:
        return f"{self.router_id} hour {self.at}"


class Trouble(models.Model):
    """How one kind of trouble of one router stands (`upkeep.rules.conditions.Condition`)."""

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in Kind])
    on = models.BooleanField(default=False)
    streak = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(null=True)
    value = models.FloatField(null=True)
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["router", "kind"], name="trouble_once")]

    def __str__(self) -> str:
        return f"{self.router_id} {self.kind} {self.on}"


class LogCopy(models.Model):
    """The newest copy of a router's log: [[time text, topics, message], …], newest first, masked."""

    router = models.OneToOneField(Router, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()
    lines = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"log of {self.router_id}"


class Copy(models.Model):
    """One copy of a router's configuration as a file of the data folder (`service.files`)."""

    class Form(models.TextChoices):
        """What the file is."""

        EXPORT = "rsc", _("Script (.rsc)")
        BINARY = "backup", _("Binary (.backup)")
        LISTING = "txt", _("Listing for comparing (.txt)")

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("time"))
    form = models.CharField(max_length=8, choices=Form.choices)
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    # Of a script: without its date line, so that equal configurations have equal sums.
    content_sha256 = models.CharField(max_length=64, blank=True)
    version = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=150, blank=True)
    sensitive = models.BooleanField(default=False)
    # The last time that the router's configuration was found to be this one still.
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["router", "-at"], name="copy_newest")]

    @property
    def comparable(self) -> bool:
        """Whether it is text that can be compared line by line."""
        return self.form != self.Form.BINARY

    def __str__(self) -> str:
        return self.name
