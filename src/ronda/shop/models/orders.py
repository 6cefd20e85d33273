"""Orders: one purchase each, from choosing a package to the working code, or to a member's paid month."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronda.routers.models import Router
from ronda.shop.models.packages import Package
from ronda.shop.models.vouchers import Voucher


class Order(models.Model):
    """One purchase. The price was taken from the package when it was made; amounts are whole rupiah.

    `number` is shown to people, `secret_digest` is that of the buyer's own link. `voucher` is set in the
    transaction in which it became paid, at most once.
    """

    class State(models.TextChoices):
        """Where it is between choosing and the code."""

        PENDING = "pending", _("Waiting for payment")
        PAID = "paid", _("Paid")
        PROVISIONING = "provisioning", _("Being made")
        DELIVERED = "delivered", _("Delivered")
        EXPIRED = "expired", _("Not paid in time")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")
        ATTENTION = "attention", _("Needs attention")

    number = models.CharField(max_length=20, unique=True)
    secret_digest = models.CharField(max_length=64, unique=True)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="orders")
    router = models.ForeignKey(Router, on_delete=models.PROTECT, related_name="+")
    price_idr = models.PositiveIntegerField()
    # Price plus the few rupiah that tell transfers apart, and the buyer's part of the gateway's fee.
    amount_idr = models.PositiveIntegerField()
    suffix_idr = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    buyer_name = models.CharField(_("name"), max_length=80, blank=True)
    buyer_phone = models.CharField(_("phone number"), max_length=20, blank=True)
    buyer_email = models.EmailField(_("e-mail"), blank=True)
    wanted_code = models.CharField(max_length=64, blank=True)
    wanted_password = models.TextField(blank=True)  # sealed
    method = models.ForeignKey(
        "shop.PaymentMethod", null=True, on_delete=models.PROTECT, related_name="orders"
    )
    # Somebody who pays by the month buys months, and no voucher.
    member = models.ForeignKey(
        "shop.Member", null=True, on_delete=models.PROTECT, related_name="orders"
    )
    months = models.PositiveSmallIntegerField(default=0)
    voucher = models.OneToOneField(
        Voucher, null=True, on_delete=models.PROTECT, related_name="order"
    )
    trouble = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(db_index=True)
    pay_by = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    paid_idr = models.PositiveIntegerField(null=True)
    delivered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Who made it for somebody else: staff or a program; None is a buyer in the shop.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["pay_by"], condition=Q(state="pending"), name="order_pending"),
            models.Index(fields=["buyer_phone", "-made_at"], name="order_phone"),
            models.Index(fields=["state", "-made_at"], name="order_state"),
        ]
        constraints = [
            # Two who are to transfer now are never asked for the same amount; a closed order frees it.
            models.UniqueConstraint(
                fields=["amount_idr"],
                condition=Q(state="pending", suffix_idr__gt=0),
                name="order_amount_told_apart",
            )
        ]

    def __str__(self) -> str:
        return self.number


class PaymentMethod(models.Model):
    """One way to pay.

    What people see is in `shown` (`bank`, `holder`, `number`; `qris` the text of a QRIS code; `channel`
    of a gateway), what nobody sees in `secret`, sealed JSON; the picture of a QRIS in `MethodPicture`.
    """

    class Kind(models.TextChoices):
        """How money comes in."""

        QRIS = "qris", _("QRIS image")
        BANK = "bank", _("Bank transfer")
        WALLET = "wallet", _("E-wallet")
        TRIPAY = "tripay", "Tripay"
        DUITKU = "duitku", "Duitku"
        MIDTRANS = "midtrans", "Midtrans"
        XENDIT = "xendit", "Xendit"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=60)
    active = models.BooleanField(_("offered"), default=True)
    live = models.BooleanField(_("real money"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    shown = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Charge(models.Model):
    """What a gateway was asked to collect for one order, and what it said of it.

    `reference` is ours, unique per attempt: a second attempt is another row, so that money which came
    for the first still finds its order. `standing` is "" until the gateway has taken it;
    `asked_at` says that a request may have reached it.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="charges")
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="charges")
    reference = models.CharField(max_length=40)
    theirs = models.CharField(max_length=120, blank=True)  # the gateway's own reference
    amount_idr = models.PositiveIntegerField()
    qr_text = models.TextField(blank=True)
    pay_url = models.URLField(max_length=500, blank=True)
    pay_code = models.CharField(max_length=60, blank=True)  # number of a virtual account
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    standing = models.CharField(max_length=12, blank=True)  # payments.port.Standing
    asked_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    looked_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)  # when the gateway is asked again; None: not any more

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["method", "reference"], name="charge_reference")
        ]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="charge_look")
        ]

    def __str__(self) -> str:
        return self.reference


class PaymentEvent(models.Model):
    """One word of money coming in, kept once however often it is said."""

    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="events")
    event_id = models.CharField(max_length=160)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="events")
    source = models.CharField(max_length=12)  # callback, poll, staff, self-test
    body = models.TextField(blank=True)  # as it came; no secret is in it
    amount_idr = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=24)  # rules.orders.Verdict
    # Set once it needs nobody any more; what the inbox shows has none.
    settled_at = models.DateTimeField(null=True)
    settled_as = models.CharField(max_length=12, blank=True)  # rules.inbox.Settled
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"], condition=Q(settled_at=None), name="payment_event_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["method", "event_id"], name="payment_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.outcome}"


class PaymentProof(models.Model):
    """A picture by which a buyer shows that money was sent; staff look at it and decide."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="proofs")
    picture = models.BinaryField()  # a JPEG that Ronda drew itself
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"proof of {self.order_id}"
