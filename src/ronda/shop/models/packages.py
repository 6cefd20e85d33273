"""Packages: what is sold."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Site
from ronda.routers.models import Router


class AtEnd(models.TextChoices):
    """What becomes of a voucher whose time or data is used up (rules.terms.AtEnd)."""

    REMOVE = "remove", _("Remove the user")
    BLOCK = "block", _("Block the user")
    SLOW = "slow", _("Move to the slow profile")
    NOTICE = "notice", _("Only say so")


class PackageQuerySet(models.QuerySet["Package"]):
    """Questions about packages."""

    def on_sale(self) -> "PackageQuerySet":
        """Those that can be bought, in the order of the shop."""
        return self.filter(active=True, deleted_at=None).order_by(
            "position", "selling_price_idr", "pk"
        )


class Package(models.Model):
    """One package. Prices are whole rupiah; sizes are bytes; a deleted one keeps its row.

    `price_idr` is what it costs the owner, `selling_price_idr` what a buyer pays, `reseller_price_idr` what a
    reseller pays. `valid_for` is a span of `rules.terms` such as `30d`, "" for no limit. Where `sites` and
    `routers` are both empty it is sold everywhere.
    """

    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=300, blank=True)
    price_idr = models.PositiveIntegerField(_("cost price"), default=0)
    selling_price_idr = models.PositiveIntegerField(_("selling price"))
    reseller_price_idr = models.PositiveIntegerField(_("reseller price"))
    popular = models.BooleanField(_("popular"), default=False)
    active = models.BooleanField(_("on sale"), default=True)
    position = models.PositiveSmallIntegerField(_("place in the shop"), default=0)
    sites = models.ManyToManyField(Site, blank=True, related_name="+")
    routers = models.ManyToManyField(Router, blank=True, related_name="+")
    profile = models.CharField(_("router profile"), max_length=120, default="default")
    sold_by = models.DateTimeField(_("sold until"), null=True, blank=True)
    valid_for = models.CharField(_("valid after the first login"), max_length=12, blank=True)
    online_s = models.PositiveIntegerField(_("online time"), null=True, blank=True)
    quota_bytes = models.PositiveBigIntegerField(_("data"), null=True, blank=True)
    quota_upload_bytes = models.PositiveBigIntegerField(_("upload"), null=True, blank=True)
    quota_download_bytes = models.PositiveBigIntegerField(_("download"), null=True, blank=True)
    rate_limit = models.CharField(_("speed"), max_length=120, blank=True)
    devices = models.PositiveSmallIntegerField(_("devices at once"), default=1)
    windows = models.JSONField(default=list, blank=True)
    zone = models.CharField(max_length=4, default="WIB")
    at_end = models.CharField(max_length=8, choices=AtEnd.choices, default=AtEnd.REMOVE)
    slow_profile = models.CharField(_("slow profile"), max_length=120, blank=True)
    # The router user is made by itself once an order is paid; off: staff make it by hand.
    auto_create = models.BooleanField(_("make the user by itself"), default=True)
    # The profile's speed and sharing on the routers are kept as this package says.
    sync = models.BooleanField(_("keep the routers' profile in step"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = "package"
        verbose_name_plural = "packages"
        ordering = ["position", "selling_price_idr", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), condition=Q(deleted_at=None), name="package_name_present"
            ),
            models.CheckConstraint(condition=Q(devices__gte=1), name="package_devices"),
            models.CheckConstraint(condition=Q(at_end__in=AtEnd.values), name="package_at_end"),
        ]

    def __str__(self) -> str:
        return self.name
