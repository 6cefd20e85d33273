"""The ledger, in double entry and whole rupiah, and the sales that are written in it."""

from django.conf import settings
from django.db import models

from ronda.routers.models import Router
from ronda.shop.models.packages import Package
from ronda.shop.models.vouchers import Voucher


class Entry(models.Model):
    """One thing that happened to money. Its lines add up to 0; it is never changed, only countered by another.

    `reference` says what it is for (`sale:17`), and there is only one entry of each.
    """

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=16)
    reference = models.CharField(max_length=80, unique=True)
    memo = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Line(models.Model):
    """One side of an entry: so much more (debit, above 0) or less (credit, below 0) in an account.

    `account` is a word of `rules.accounts`; `holder` whose cash or deposit it is, where it is somebody's.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=24)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    amount_idr = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["account", "holder"], name="line_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_idr}"


class Sale(models.Model):
    """One voucher sold, once. Prices are those of the moment, so that margins stay true."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="sale")
    voucher = models.OneToOneField(
        Voucher, null=True, on_delete=models.PROTECT, related_name="sale"
    )
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="+")
    router = models.ForeignKey(Router, null=True, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    via = models.CharField(max_length=12)  # shop, counter, reseller, member, mikhmon
    at = models.DateTimeField(db_index=True)
    activated_at = models.DateTimeField(null=True, db_index=True)
    cost_idr = models.PositiveIntegerField()
    price_idr = models.PositiveIntegerField()
    commission_idr = models.PositiveIntegerField(default=0)
    returned_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"sale #{self.pk}"
