"""What Ronda wants a router to hold: what people made or took over here, hours of access, where users go."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Site
from ronda.routers.models import Router


class Kind(models.TextChoices):
    """What an item is."""

    USER = "user", _("user")
    PROFILE = "profile", _("profile")


class Wanted(models.Model):
    """One user or profile as it should be on one router.

    `values` is property -> text as it is sent; the password is not in it but in `secret`, encrypted,
    "" where Ronda does not know it (a user that was taken over from the router).
    """

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="wanted")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.TextField()
    server = models.TextField(default="all")
    values = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    since = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["router", "kind", "name", "server"], name="wanted_item")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Drift(models.Model):
    """One wanted item that its router does not hold as wanted, since when, and who probably did it."""

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="drifts")
    wanted = models.OneToOneField(Wanted, on_delete=models.CASCADE, related_name="drift")
    standing = models.CharField(max_length=8)  # rules.drift.Standing: missing, differs
    fields = models.JSONField(default=dict)  # property -> [wanted, held]
    since = models.DateTimeField()
    likely = models.CharField(max_length=200, blank=True)
    explained = models.BooleanField(default=False)  # the router's log was asked

    class Meta:
        ordering = ["-since", "-id"]

    def __str__(self) -> str:
        return f"{self.standing}: {self.wanted}"


class AccessHours(models.Model):
    """When a profile's users, or one user, may be online on one router.

    `windows` is a list of `[[days…], start, end]` (rules.windows.Window). `keeper` says who keeps the
    hours at present: "router" (scheduler entries), "ronda" (jobs from here), "" (nobody yet).
    `held_off` are the users whom staff disabled: opening leaves them alone.
    """

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="access_hours")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.TextField()
    server = models.TextField(default="all")
    zone = models.CharField(max_length=4, default="WIB")
    windows = models.JSONField(default=list)
    keeper = models.CharField(max_length=8, blank=True)
    why = models.CharField(max_length=200, blank=True)
    is_open = models.BooleanField(null=True)
    held_off = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["router", "kind", "name", "server"], name="access_hours_of"
            )
        ]

    def __str__(self) -> str:
        return f"hours of {self.kind} {self.name}"


class Placement(models.Model):
    """On which routers of a site a new user is made (rules.balancing.Rule)."""

    site = models.OneToOneField(
        Site, on_delete=models.CASCADE, related_name="placement", primary_key=True
    )
    rule = models.CharField(max_length=16, default="least_loaded")
    fixed = models.ForeignKey(Router, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.site_id}: {self.rule}"
