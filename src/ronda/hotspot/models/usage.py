"""What was used: readings counted, sessions, and their sums by hour and by day.

Everything hangs on a series: a router's own readings, what an older system's script sends, one
imported file, or the totals of a site and of all. Forgetting a series forgets all of it; a router
that is deleted leaves its series behind, because reports of past years must not change.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Site
from ronda.routers.models import Router


class SeriesKind(models.TextChoices):
    """Where a series comes from."""

    ROUTER = "router", _("Router")
    OLDER = "older", _("Older system's script")
    IMPORT = "import", _("Imported file")
    SITE = "site", _("All of a site")
    ALL = "all", _("All together")


class UsageSeries(models.Model):
    """One source of readings, or a sum of several.

    `ledger` is what the accounting remembers (`service.usage.ledgers`); `counted_at` and `users` are
    the newest count. Sums (`site`, `all`) have counts and hours, and no sessions or days.
    """

    kind = models.CharField(max_length=8, choices=SeriesKind.choices)
    router = models.OneToOneField(
        Router, null=True, on_delete=models.SET_NULL, related_name="usage"
    )
    site = models.ForeignKey(Site, null=True, on_delete=models.SET_NULL, related_name="usage")
    name = models.CharField(_("name"), max_length=200)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)
    counted_at = models.DateTimeField(null=True)
    users = models.PositiveIntegerField(null=True)
    ledger = models.BinaryField(null=True)
    # All that was ever counted; never gets less, whatever is forgotten.
    bytes_in = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)
    # What the router allows: `service.usage.limits.capacity_of`.
    capacity = models.JSONField(null=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(kind__in=["all", "older"]),
                name="usage_series_single",
            ),
            models.UniqueConstraint(
                fields=["site"], condition=models.Q(kind="site"), name="usage_series_of_site"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


class UsageSample(models.Model):
    """How many were online at one reading; the newest readings keep their rows as well.

    `users` are active rows, as the older system counted; `profiles` is profile -> users. `details`
    are the rows, packed, of the newest hundred readings; NULL for the others.
    """

    series = models.ForeignKey(UsageSeries, on_delete=models.CASCADE, related_name="samples")
    at = models.DateTimeField(db_index=True)
    users = models.PositiveIntegerField()
    devices = models.PositiveIntegerField(null=True)
    profiles = models.JSONField(default=dict)
    details = models.BinaryField(null=True)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["series", "at"], name="usage_sample_at")]

    def __str__(self) -> str:
        return f"{self.users} at {self.at:%Y-%m-%d %H:%M}"


class UsageHour(models.Model):
    """One hour (UTC) of a series: counts of users and bytes of everybody.

    An hour without a row, or with `samples` 0, is one that nobody watched. `partial` readings of a
    sum lacked a router.
    """

    series = models.ForeignKey(UsageSeries, on_delete=models.CASCADE, related_name="hours")
    hour = models.DateTimeField(db_index=True)
    samples = models.PositiveIntegerField(default=0)
    partial = models.PositiveIntegerField(default=0)
    least = models.PositiveIntegerField(default=0)
    most = models.PositiveIntegerField(default=0)
    users_sum = models.PositiveBigIntegerField(default=0)
    bytes_in = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["hour"]
        constraints = [models.UniqueConstraint(fields=["series", "hour"], name="usage_hour_of")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h"


class UsageSession(models.Model):
    """One stay of one client. `key` names it in the ledger; `ended_at` is NULL while it lasts.

    `user` and `mac` become pseudonyms after a while (`service.usage.privacy`). `watched` is False
    where only the user's counters told that there was one.
    """

    series = models.ForeignKey(UsageSeries, on_delete=models.CASCADE, related_name="sessions")
    key = models.CharField(max_length=120)
    user = models.CharField(_("user"), max_length=120)
    server = models.CharField(_("server"), max_length=120, blank=True)
    mac = models.CharField(_("MAC address"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=64, blank=True)
    profile = models.CharField(_("profile"), max_length=120, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seconds = models.PositiveBigIntegerField(default=0)
    bytes_in = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)
    watched = models.BooleanField(default=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["series", "key"], name="usage_session_key")]
        indexes = [
            models.Index(fields=["user", "started_at"], name="usage_session_user"),
            models.Index(fields=["seen_at"], name="usage_session_seen"),
            models.Index(fields=["started_at"], name="usage_session_started"),
        ]

    def __str__(self) -> str:
        return f"{self.user} from {self.started_at:%Y-%m-%d %H:%M}"


class UsageDay(models.Model):
    """What one client used on one local day; `sessions` began on it."""

    series = models.ForeignKey(UsageSeries, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(db_index=True)
    user = models.CharField(max_length=120)
    mac = models.CharField(max_length=40, blank=True)
    profile = models.CharField(max_length=120, blank=True)
    sessions = models.PositiveIntegerField(default=0)
    seconds = models.PositiveBigIntegerField(default=0)
    bytes_in = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "day", "user", "mac", "profile"], name="usage_day_of"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.day}"


class UsageTotal(models.Model):
    """What is left of the days of all clients of a profile when they are forgotten one by one."""

    series = models.ForeignKey(UsageSeries, on_delete=models.CASCADE, related_name="totals")
    day = models.DateField(db_index=True)
    profile = models.CharField(max_length=120, blank=True)
    users = models.PositiveIntegerField()
    devices = models.PositiveIntegerField()
    sessions = models.PositiveIntegerField()
    seconds = models.PositiveBigIntegerField()
    bytes_in = models.PositiveBigIntegerField()
    bytes_out = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["series", "day", "profile"], name="usage_total_of")
        ]

    def __str__(self) -> str:
        return f"{self.profile} on {self.day}"


class UsageAlarm(models.Model):
    """A limit that is near or passed, from when on; it goes when the use is well below again."""

    series = models.ForeignKey(UsageSeries, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=12)  # rules.limits.Kind
    subject = models.CharField(max_length=120, blank=True)
    since = models.DateTimeField()
    value = models.BigIntegerField()
    limit = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "kind", "subject"], name="usage_alarm_of")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class PrivacyKey(models.Model):
    """The key of the pseudonyms; dropping it makes them irreversible, and new ones different."""

    key = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"made {self.made_at:%Y-%m-%d}"
