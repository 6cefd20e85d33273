"""Incidents: one cause, many outages; their ONTs, what was done about them, and what was held back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Area, Ont, Site
from ronda.monitoring.models import Outage
from ronda.routers.models import Router


class Kind(models.TextChoices):
    """What was lost."""

    OUTAGE = "outage", _("Outage")
    ROUTER = "router", _("Router lost")


class Scope(models.TextChoices):
    """How far it reaches; a wider one ranks higher."""

    ONT = "ont", _("One ONT")
    AREA = "area", _("Area")
    ROUTER = "router", _("Behind a router")
    SITE = "site", _("Whole site")
    FLEET = "fleet", _("Several sites")


class Severity(models.IntegerChoices):
    """How bad it is; the worst is the highest."""

    MINOR = 1, _("Minor")
    MAJOR = 2, _("Major")
    CRITICAL = 3, _("Critical")


class Incident(models.Model):
    """One cause. It opens with its first ONT, grows, shrinks, and is closed once, when all are back.

    `onts` counts its different ONTs ever, `out` those that are out now. A part of a larger one is
    closed with `merged_into`, and its rows of ONTs move there.
    """

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.OUTAGE)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity.choices)
    site = models.ForeignKey(Site, null=True, on_delete=models.SET_NULL, related_name="+")
    area = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL, related_name="+")
    router = models.ForeignKey(Router, null=True, on_delete=models.SET_NULL, related_name="+")
    ont = models.ForeignKey(Ont, null=True, on_delete=models.SET_NULL, related_name="+")
    # What it is called, should what it is about be gone: {"name": …}.
    facts = models.JSONField(default=dict)
    onts = models.PositiveIntegerField(default=0)
    out = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(_("since"))  # the first loss
    last_lost_at = models.DateTimeField()
    last_back_at = models.DateTimeField(null=True)
    router_back_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="parts"
    )
    # Found after a restart: on record, but no news.
    silent = models.BooleanField(default=False)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    snoozed_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="incident_kind"),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="incident_scope"),
            models.UniqueConstraint(
                fields=["router"],
                condition=Q(closed_at=None, kind="router"),
                name="one_open_incident_of_router",
            ),
        ]
        indexes = [
            models.Index(fields=["closed_at", "-severity", "-out"], name="incident_worst"),
            models.Index(fields=["-opened_at"], name="incident_newest"),
        ]

    def __str__(self) -> str:
        return f"incident {self.pk}"


class IncidentOnt(models.Model):
    """One outage of an incident; an ONT that comes and goes has several. An outage is in one incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="members")
    ont = models.ForeignKey(Ont, on_delete=models.CASCADE, related_name="+")
    outage = models.OneToOneField(Outage, on_delete=models.CASCADE, related_name="incident_ont")
    lost_at = models.DateTimeField()
    back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["incident", "back_at"], name="incident_ont_out"),
            models.Index(fields=["ont"], condition=Q(back_at=None), name="incident_ont_open"),
        ]

    def __str__(self) -> str:
        return f"ONT {self.ont_id} in incident {self.incident_id}"


class Step(models.Model):
    """One line of an incident's timeline: what became of it, or what a person did; never changed."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    change = models.CharField(max_length=16)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor = models.CharField(max_length=150, blank=True)
    text = models.TextField(blank=True)
    # {"count": …} of ONTs, {"until": …} of a snooze, {"person": name} of an assignment.
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["incident", "id"], name="incident_steps")]

    def __str__(self) -> str:
        return f"{self.change} of incident {self.incident_id}"


class Repeated(models.Model):
    """An ONT that was lost again and again, as it was told of: at most once a period."""

    ont = models.ForeignKey(Ont, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()  # the first outage counted
    count = models.PositiveIntegerField()
    told_at = models.DateTimeField()
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["ont", "-told_at"], name="repeated_by_ont")]

    def __str__(self) -> str:
        return f"ONT {self.ont_id} lost {self.count} times"


class Held(models.Model):
    """An outage that opened no incident, with the one reason; `released_at` when that reason was gone."""

    class Why(models.TextChoices):
        """Why no incident was opened."""

        NEVER = "never", _("It never answered since the watch began.")
        WINDOW = "window", _("It was in a maintenance window.")

    outage = models.OneToOneField(Outage, on_delete=models.CASCADE, related_name="held")
    ont = models.ForeignKey(Ont, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=8, choices=Why.choices)
    held_at = models.DateTimeField()
    # From when on nothing suppresses it: the end of the window.
    free_from = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["why"], condition=Q(released_at=None), name="held_now"),
        ]

    def __str__(self) -> str:
        return f"outage {self.outage_id} held: {self.why}"
