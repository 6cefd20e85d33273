"""Those who sell: what was agreed with resellers, their top-ups, stock in hands, shifts, and presses of "Sell"."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronda.shop.models.ledger import Sale
from ronda.shop.models.vouchers import Voucher


class Reseller(models.Model):
    """What was agreed with a person who resells; without a row: the packages' reseller prices, no credit."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reseller_terms"
    )
    # Of the selling price; empty: they keep what lies above the package's reseller price.
    percent = models.PositiveSmallIntegerField(_("commission in percent"), null=True, blank=True)
    credit_idr = models.PositiveIntegerField(_("may owe up to"), default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__lte=100), name="reseller_percent"
            )
        ]

    def __str__(self) -> str:
        return f"terms of {self.person_id}"


class TopUp(models.Model):
    """Money a reseller says to have sent, with a picture of it; it counts once it was accepted."""

    reseller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="top_ups"
    )
    amount_idr = models.PositiveIntegerField(_("amount"))
    picture = models.BinaryField(default=b"")
    kind = models.CharField(max_length=16, blank=True)  # image/jpeg, image/png, image/webp
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)
    in_cash = models.BooleanField(default=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"], condition=Q(accepted=None), name="top_up_waiting"),
        ]

    def __str__(self) -> str:
        return f"top-up #{self.pk}"


class Stock(models.Model):
    """A voucher in somebody's hands, at what it cost when it was handed over; gone once it was sold."""

    voucher = models.OneToOneField(Voucher, on_delete=models.PROTECT, related_name="stock")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stock"
    )
    cost_idr = models.PositiveIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"stock of {self.holder_id}: {self.voucher_id}"


class Shift(models.Model):
    """One person at one drawer, from opening to counting. What the books said is kept beside what was counted."""

    cashier = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts"
    )
    opened_at = models.DateTimeField()
    opened_idr = models.PositiveIntegerField()
    # The newest entries at its opening and its closing: the shift's own lie between them.
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    books_idr = models.BigIntegerField(null=True)
    counted_idr = models.PositiveIntegerField(null=True)
    left_idr = models.PositiveIntegerField(null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cashier"], condition=Q(closed_at=None), name="shift_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"shift #{self.pk}"


class Press(models.Model):
    """One press of "Sell": the form's token sells once, however often it is sent."""

    token = models.CharField(max_length=40, unique=True)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sale = models.OneToOneField(Sale, on_delete=models.PROTECT, related_name="press")

    def __str__(self) -> str:
        return f"press for sale #{self.sale_id}"
