"""Vouchers and the batches they were made in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronda.routers.models import Router
from ronda.shop.models.packages import Package


class Batch(models.Model):
    """Vouchers that were made together, all of one package, on one router."""

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="batches")
    router = models.ForeignKey(Router, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField()
    prefix = models.CharField(max_length=12, blank=True)
    alphabet = models.CharField(max_length=16)  # rules.codes.Alphabet
    length = models.PositiveSmallIntegerField()
    separate_password = models.BooleanField(default=False)
    note = models.CharField(_("note"), max_length=120, blank=True)
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    job = models.BigIntegerField(null=True)  # the newest durable job that makes its users

    class Meta:
        verbose_name_plural = "batches"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.note}".strip()


class Voucher(models.Model):
    """One code. What its buyer may do is in `terms` (rules.terms.Terms), as it was when it was made.

    `state` tells its life on the router; whether it was sold is `sold_at`. Every voucher of an order
    belongs to it alone, and no code exists twice.
    """

    class State(models.TextChoices):
        """Where it is in its life."""

        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        ACTIVE = "active", _("In use")
        ENDED = "ended", _("Ended")
        VOID = "void", _("Void")
        TROUBLE = "trouble", _("Needs attention")

    class Clock(models.TextChoices):
        """What ended it."""

        VALIDITY = "validity", _("valid time over")
        ONLINE = "online", _("online time used")
        QUOTA = "quota", _("data used")
        UNSOLD = "unsold", _("sold-until date passed")
        STAFF = "staff", _("ended by staff")
        GONE = "gone", _("removed on the router")

    code = models.CharField(max_length=64, unique=True)
    password = models.TextField(blank=True)  # sealed; "" when it is the code itself
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="vouchers")
    terms = models.JSONField()
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="vouchers")
    router = models.ForeignKey(Router, on_delete=models.PROTECT, related_name="vouchers")
    server = models.CharField(max_length=120, default="all")
    state = models.CharField(max_length=8, choices=State.choices, default=State.MAKING)
    # A try to make it began: what the router holds under this name may be ours.
    begun = models.BooleanField(default=False)
    # Somebody chose the code, or knows it already: it is never exchanged for another.
    chosen = models.BooleanField(default=False)
    trouble = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)
    # To whom printed stock was handed, and when; who sold it, when and for what is `Sale`.
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    handed_at = models.DateTimeField(null=True)
    sold_at = models.DateTimeField(null=True)
    first_login_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, choices=Clock.choices, blank=True)
    # The router still has to be told of the end: set when it ended, cleared when the router was seen to know.
    enforced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["router", "state"], name="voucher_router_state"),
            models.Index(
                fields=["expires_at"], condition=Q(state="active"), name="voucher_expiring"
            ),
            models.Index(fields=["batch", "state"], name="voucher_batch_state"),
            models.Index(
                fields=["router"], condition=Q(enforced_at__isnull=False), name="voucher_to_enforce"
            ),
            models.Index(fields=["state", "-id"], name="voucher_newest_of_state"),
            models.Index(fields=["package", "-id"], name="voucher_newest_of_package"),
            models.Index(
                fields=["holder", "package"], condition=Q(sold_at=None), name="voucher_stock"
            ),
            models.Index(
                fields=["first_login_at"],
                condition=Q(sold_at=None, first_login_at__isnull=False),
                name="voucher_used_unsold",
            ),
        ]

    def __str__(self) -> str:
        return f"voucher #{self.pk}"


class VoucherEvent(models.Model):
    """One line of a voucher's life. `what` is a word of `rules.life`; `detail` says what belongs to it."""

    voucher = models.ForeignKey(Voucher, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    what = models.CharField(max_length=24)
    detail = models.JSONField(default=dict)
    actor = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.what} of #{self.voucher_id}"
