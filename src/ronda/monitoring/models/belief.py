"""What is believed about each ONT, why, and its outages."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Ont


class State(models.TextChoices):
    """What is believed about one ONT."""

    UNKNOWN = "unknown", _("Unknown")
    UP = "up", _("Up")
    SUSPECT = "suspect", _("Being checked")
    DOWN = "down", _("Down")
    UNREACHABLE = "unreachable", _("Unreachable")
    MAINTENANCE = "maintenance", _("Maintenance")
    PAUSED = "paused", _("Not monitored")


class Watch(models.Model):
    """The present belief about one ONT; written when it changes, never once a sweep."""

    ont = models.OneToOneField(
        Ont, primary_key=True, on_delete=models.CASCADE, related_name="watch"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNKNOWN)
    since = models.DateTimeField(null=True)
    first_miss_at = models.DateTimeField(null=True)
    misses = models.PositiveIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True)
    rtt_us = models.PositiveIntegerField(null=True)
    flapping = models.BooleanField(default=False)
    degraded = models.BooleanField(default=False)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "since"], name="watch_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="watch_state")
        ]

    def __str__(self) -> str:
        return f"ONT {self.pk}: {self.state}"


class Outage(models.Model):
    """One ONT, from its first missed probe to its first good one; at most one is open for an ONT."""

    ont = models.ForeignKey(Ont, on_delete=models.CASCADE, related_name="outages")
    started_at = models.DateTimeField(_("start"))
    confirmed_at = models.DateTimeField(_("confirmed"))
    last_ok_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("end"), null=True)
    cause = models.CharField(max_length=40, default="silent")
    # Hidden from the lists by "clear all"; uptime figures still count it.
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ont"], condition=Q(ended_at=None), name="one_open_outage"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="outage_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["ont", "started_at"], name="outage_by_ont"),
            models.Index(fields=["started_at"], name="outage_by_start"),
            models.Index(fields=["ended_at"], name="outage_by_end"),
        ]

    def __str__(self) -> str:
        return f"outage of ONT {self.ont_id} from {self.started_at:%Y-%m-%d %H:%M:%S}"


class Transition(models.Model):
    """One change of belief with the evidence for it, so that every red dot can explain itself."""

    ont = models.ForeignKey(Ont, on_delete=models.CASCADE, related_name="transitions")
    at = models.DateTimeField()  # the moment it is dated to
    decided_at = models.DateTimeField()  # the moment we were sure
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    reason = models.CharField(max_length=40)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["ont", "-decided_at"], name="transition_by_ont"),
            # What was set aside is asked for of all time: a few rows among millions.
            models.Index(
                fields=["after"], condition=Q(after=State.PAUSED), name="transition_to_paused"
            ),
            models.Index(
                fields=["before"], condition=Q(before=State.PAUSED), name="transition_from_paused"
            ),
        ]

    def __str__(self) -> str:
        return f"ONT {self.ont_id}: {self.before} to {self.after}"
