"""Who is told of what: the rules of alerts, and the rotas of people on call."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from ronda.accounts.models import Person


class AlertRule(models.Model):
    """Who is told of what, where and when; `service.rules` makes it the rule that decides.

    `whats`, `sites`, `areas` and `categories` are lists, empty ones of places mean everywhere.
    `steps`: `[{"after_s": 0, "to": [["rota", "1"], ["role", "noc"]]}]`. `digest` "" speaks at once.
    """

    class Digest(models.TextChoices):
        """How often what happened is gathered into one message."""

        NONE = "", _("at once")
        DAY = "day", _("gathered, every day")
        WEEK = "week", _("gathered, every week")

    name = models.CharField(_("name"), max_length=80)
    active = models.BooleanField(_("in use"), default=True)
    since = models.DateTimeField()  # what was open before is not its business
    whats = models.JSONField(default=list)
    sites = models.JSONField(default=list)
    areas = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    mass_from = models.PositiveIntegerField(default=10)
    hold_s = models.PositiveIntegerField(default=120)
    repeat_s = models.PositiveIntegerField(null=True)
    wakes = models.BooleanField(default=False)
    digest = models.CharField(max_length=4, choices=Digest.choices, blank=True)
    digest_at = models.TimeField(default="07:00")
    digest_weekday = models.PositiveSmallIntegerField(default=0)
    digested_at = models.DateTimeField(null=True)
    steps = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    origin = models.CharField(max_length=24, blank=True)  # of those that came with Ronda
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Rota(models.Model):
    """People who are on call in turns of `days`, the first of them from `first_day` at `handover_at`."""

    name = models.CharField(_("name"), max_length=60)
    zone = models.CharField(_("time zone"), max_length=64)
    first_day = models.DateField(_("first handover"))
    handover_at = models.TimeField(_("hour of handover"))
    days = models.PositiveSmallIntegerField(_("days in a turn"), default=7)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class RotaTurn(models.Model):
    """One person's place in a rota."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="turns")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["rota", "person"], name="rota_person_once")]

    def __str__(self) -> str:
        return f"turn {self.place} of rota {self.rota_id}"


class Swap(models.Model):
    """Somebody takes the place of whoever would be on call, for a holiday or by a swap."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="swaps")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    begin = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("until"))
    note = models.CharField(_("why"), max_length=120, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["rota", "end"], name="swap_by_end")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("begin")), name="swap_ends_after_begin"
            )
        ]

    def __str__(self) -> str:
        return f"swap in rota {self.rota_id} from {self.begin:%Y-%m-%d %H:%M}"
