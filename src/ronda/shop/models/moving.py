"""Moving from Mikhmon: what was taken of a router, and what was changed on it and can be put back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronda.routers.models import Router
from ronda.shop.models.packages import Package
from ronda.shop.models.vouchers import Batch


class Moved(models.Model):
    """Which package a profile of Mikhmon became, and which batch a comment: taking again doubles nothing.

    `key` is the profile's name, or a digest of a batch's comment and profile.
    """

    class What(models.TextChoices):
        """What was taken."""

        PACKAGE = "package", _("Package")
        BATCH = "batch", _("Batch")

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=8, choices=What.choices)
    key = models.CharField(max_length=120)
    package = models.ForeignKey(Package, null=True, on_delete=models.CASCADE, related_name="+")
    batch = models.ForeignKey(Batch, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["router", "what", "key"], name="moved_once")]

    def __str__(self) -> str:
        return f"{self.what} {self.key}"


class CutOver(models.Model):
    """From here on vouchers of a router end by Ronda and not by Mikhmon; until it is put back."""

    router = models.ForeignKey(Router, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    put_back_at = models.DateTimeField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["router"], condition=Q(put_back_at=None), name="cut_over_present"
            )
        ]

    def __str__(self) -> str:
        return f"cut-over of {self.router_id}"


class CutOverItem(models.Model):
    """One property of one item of the router: what stood there, and what was put in its place.

    Written before the router is touched. The item is known by its name, which is unique in its menu.
    """

    class Outcome(models.TextChoices):
        """How putting it back, or changing it, ended."""

        WAITING = "", _("Not done yet")
        DONE = "done", _("Done")
        CHANGED = "changed", _("Left alone: somebody changed it meanwhile")
        GONE = "gone", _("Not on the router any more")

    cut_over = models.ForeignKey(CutOver, on_delete=models.CASCADE, related_name="items")
    menu = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    field = models.CharField(max_length=20)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    put_back = models.CharField(max_length=8, choices=Outcome.choices, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cut_over", "menu", "name", "field"], name="cut_over_item_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.name}"
