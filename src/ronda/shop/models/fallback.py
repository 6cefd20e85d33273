"""Which routers end vouchers by themselves while Ronda is away, and what they hold for it."""

from django.db import models

from ronda.routers.models import Router


class Fallback(models.Model):
    """An administrator's leave to keep scheduler entries on a router, and how they were found last.

    `digest` is of what was last written there; `why` the reason for none: `clock`, or `refused` with the router's
    words in `trouble`.
    """

    router = models.OneToOneField(Router, on_delete=models.CASCADE, related_name="fallback")
    wanted = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, blank=True)
    entries = models.PositiveIntegerField(default=0)
    users = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=8, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"fallback of router {self.router_id}"
