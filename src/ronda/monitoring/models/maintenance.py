"""Planned work: the windows that people make, and the times that came of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Area, Ont, Site


class Window(models.Model):
    """A maintenance window over a site, an area, or chosen ONTs; see `rules.windows.Plan`.

    What it means for uptime is kept in its `Work`: editing it later changes no time that is past.
    """

    class Repeat(models.TextChoices):
        """How often."""

        ONCE = "once", _("Once")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")

    class Zone(models.TextChoices):
        """Of which place the time is."""

        WIB = "WIB", "WIB"
        WITA = "WITA", "WITA"
        WIT = "WIT", "WIT"

    name = models.CharField(_("what is done"), max_length=120)
    site = models.ForeignKey(Site, null=True, on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, null=True, on_delete=models.CASCADE, related_name="+")
    onts = models.ManyToManyField(Ont, related_name="+")
    repeat = models.CharField(max_length=8, choices=Repeat.choices, default=Repeat.ONCE)
    zone = models.CharField(max_length=4, choices=Zone.choices, default=Zone.WIB)
    first = models.DateField(_("first day"))
    at = models.TimeField(_("begins at"))
    minutes = models.PositiveIntegerField(_("minutes"))
    days = models.JSONField(default=list)
    last = models.DateField(_("until"), null=True)
    # The next moment at which a turn of it is to be written; None: never again.
    next_at = models.DateTimeField(null=True, db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # taken away; its past stays

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(repeat__in=["once", "daily", "weekly", "monthly"]), name="window_repeat"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Work(models.Model):
    """One time in which work was, is or will be done, and where: what uptime leaves out.

    Written when it begins; only its end is ever changed, and never into the past.
    """

    window = models.ForeignKey(Window, null=True, on_delete=models.SET_NULL, related_name="works")
    name = models.CharField(max_length=120)
    site = models.ForeignKey(Site, null=True, on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, null=True, on_delete=models.CASCADE, related_name="+")
    onts = models.JSONField(default=list)  # ids, where ONTs were chosen
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="work_ends_after_start"
            ),
            models.UniqueConstraint(fields=["window", "started_at"], name="work_once"),
        ]
        indexes = [models.Index(fields=["started_at"], name="work_by_start")]

    def __str__(self) -> str:
        return f"{self.name} from {self.started_at:%Y-%m-%d %H:%M}"
