"""What people may be told of, what they were told, and why they were not.

A recipient is written as the rules know it: `person:<id>`, or `chat:<channel>:<address>`.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronda.accounts.models import Person
from ronda.alerts.rules.verdicts import Kind as _Kind
from ronda.alerts.rules.verdicts import Reason as _Reason


class Occurrence(models.Model):
    """One trouble from its beginning to its end; of one `key` at most one is open.

    `facts` are what its words are made of, `sites`, `areas` and `categories` lists of where it is. At
    `look_at` somebody has to decide again. `lasting` false: it happened, and never ends.
    """

    key = models.CharField(max_length=120)
    what = models.CharField(max_length=12)  # alerts.rules.occurrences.What
    severity = models.CharField(max_length=12, default="warning")
    incident = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    sites = models.JSONField(default=list)
    areas = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    size = models.PositiveIntegerField(default=1)
    parent = models.CharField(max_length=120, blank=True)
    maintenance = models.BooleanField(default=False)
    lasting = models.BooleanField(default=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(closed_at=None), name="occurrence_open_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["look_at"], condition=Q(look_at__isnull=False), name="occurrence_look"
            ),
            models.Index(fields=["opened_at"], name="occurrence_opened"),
            models.Index(fields=["incident"], name="occurrence_incident"),
        ]

    def __str__(self) -> str:
        return self.key


class Letter(models.Model):
    """One message to one recipient, by each of their addresses: `Outgoing` rows of `what` "alert" about it."""

    to = models.CharField(max_length=290)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)  # alerts.rules.verdicts.Kind
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["to", "made_at"], name="letter_recent")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"


class Told(models.Model):
    """That a recipient was told of an occurrence, by which letter, and which rule and step wanted it."""

    class Kind(models.TextChoices):
        """What it told."""

        ALARM = _Kind.ALARM, _("The beginning")
        REPEAT = _Kind.REPEAT, _("Reminder")
        RECOVERY = _Kind.RECOVERY, _("The end")
        DIGEST = _Kind.DIGEST, _("In a digest")

    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="told")
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="told")
    rule = models.PositiveBigIntegerField(default=0)  # 0: none, as of the end
    step = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    to = models.CharField(max_length=290)
    woken = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "to", "kind"],
                condition=Q(kind__in=("alarm", "recovery")),
                name="told_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.occurrence_id} to {self.to}"


class Suppressed(models.Model):
    """One message that was not sent, and the one reason; `lifted_at` says that it was sent after all."""

    class Reason(models.TextChoices):
        """Why somebody was not told."""

        OFF = _Reason.OFF, _("The rule is switched off")
        INACTIVE = _Reason.INACTIVE, _("The person has no access any more")
        SCOPE = _Reason.SCOPE, _("It is at a site that is not theirs")
        NOT_ON_CALL = _Reason.NOT_ON_CALL, _("Not on call then")
        NO_ADDRESS = _Reason.NO_ADDRESS, _("No address to reach them by")
        MAINTENANCE = _Reason.MAINTENANCE, _("Maintenance was announced")
        PARENT = _Reason.PARENT, _("Another trouble explains it")
        ACKNOWLEDGED = _Reason.ACKNOWLEDGED, _("Somebody had taken it on before their turn")
        SNOOZED = _Reason.SNOOZED, _("It was snoozed")
        ALREADY = _Reason.ALREADY, _("Told already by another rule or step")
        QUIET = _Reason.QUIET, _("Their quiet hours")
        RATE = _Reason.RATE, _("Too many messages in a short time")
        GONE = _Reason.GONE, _("It was over before their turn")
        NOT_REACHED = _Reason.NOT_REACHED, _("News of the beginning never reached them")

    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="suppressed")
    rule = models.PositiveBigIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=Told.Kind.choices)
    to = models.CharField(max_length=290)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    until = models.DateTimeField(null=True)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "to", "kind", "rule", "step"],
                name="suppressed_one_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.occurrence_id} to {self.to}: {self.reason}"
