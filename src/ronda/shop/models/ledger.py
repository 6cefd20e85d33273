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

    at = models.DateTimeField()
    day = models.DateField(db_index=True)  # of `at`, in the installation's time zone
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
        indexes = [models.Index(fields=["account", "holder", "entry"], name="line_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_idr}"


class Balance(models.Model):
    """What all lines of an account and a holder add up to; written with them, checked by `ronda ledger check`."""

    account = models.CharField(max_length=24)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="balances"
    )
    amount_idr = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "holder"], name="balance_once")]

    def __str__(self) -> str:
        return f"{self.account} of {self.holder_id}: {self.amount_idr}"


class AccountDay(models.Model):
    """What the lines of a day add up to in an account; written with them, checked likewise."""

    day = models.DateField()
    account = models.CharField(max_length=24)
    debit_idr = models.BigIntegerField(default=0)
    credit_idr = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "account"], name="account_day_once")]

    def __str__(self) -> str:
        return f"{self.account} on {self.day}"


class Sale(models.Model):
    """One voucher sold, once. Prices are those of the moment, so that margins stay true.

    Days are those of the installation's time zone. `price_idr` is what the buyer paid, also where a reseller
    keeps `commission_idr` of it.
    """

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
    day = models.DateField()
    activated_at = models.DateTimeField(null=True)
    activated_day = models.DateField(null=True)
    cost_idr = models.PositiveIntegerField()
    price_idr = models.PositiveIntegerField()
    commission_idr = models.PositiveIntegerField(default=0)
    returned_at = models.DateTimeField(null=True)
    returned_day = models.DateField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["seller", "-at"], name="sale_seller")]

    def __str__(self) -> str:
        return f"sale #{self.pk}"


class Summed(models.Model):
    """What sales of a kind add up to; what was taken back is in `returned` and `refund_idr`.

    All may be less than 0 within a transaction, while a sale is counted elsewhere.
    """

    sold = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    price_idr = models.BigIntegerField(default=0)  # of all sold
    refund_idr = models.BigIntegerField(default=0)  # of all taken back
    cost_idr = models.BigIntegerField(default=0)
    commission_idr = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class SaleDay(Summed):
    """What was sold on a day, by package, router, seller and door; written with every sale, checked likewise.

    `basis` says which day: that of the sale or that of the first login (rules.sums.Basis). What was taken back
    counts on the day on which it was. `router` and `seller` are ids, 0 for none: they are part of the key.
    """

    basis = models.CharField(max_length=8)
    day = models.DateField()
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="+")
    router = models.PositiveBigIntegerField()
    seller = models.PositiveBigIntegerField()
    via = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["basis", "day", "package", "router", "seller", "via"], name="sale_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sold} of package {self.package_id} on {self.day}"


class SaleSum(Summed):
    """What the rows of `SaleDay` add up to for one package, router, seller or door on a day; written with them.

    Reports of everything read these: a month has a few for each, where `SaleDay` has one for every combination.
    `key` is an id, 0 for none, or the word of a door.
    """

    basis = models.CharField(max_length=8)
    day = models.DateField()
    of = models.CharField(max_length=8)  # a word of rules.sums.GROUPS
    key = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["basis", "day", "of", "key"], name="sale_sum_once")
        ]

    def __str__(self) -> str:
        return f"{self.sold} of {self.of} {self.key} on {self.day}"
