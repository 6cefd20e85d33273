"""What belongs to ways of paying beside their settings."""

from django.conf import settings
from django.db import models

from ronda.shop.models.orders import PaymentMethod


class MethodPicture(models.Model):
    """The QRIS picture of a method; a PNG that Ronda drew itself."""

    method = models.OneToOneField(PaymentMethod, on_delete=models.CASCADE, related_name="picture")
    png = models.BinaryField()
    digest = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"picture of {self.method_id}"


class SelfTest(models.Model):
    """One run of a method's self-test. Its reference is no order's: no money, voucher or ledger follows.

    `told` are the steps with what became of them, in order. `heard` counts genuine calls by their
    event, `rehearsed` says what each would have done to an order.
    """

    method = models.ForeignKey(PaymentMethod, on_delete=models.CASCADE, related_name="self_tests")
    reference = models.CharField(max_length=40, unique=True)
    amount_idr = models.PositiveIntegerField()
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    heard = models.JSONField(default=dict)
    rehearsed = models.JSONField(default=dict)
    told = models.JSONField(default=list)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.reference
