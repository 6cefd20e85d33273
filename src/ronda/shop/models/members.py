"""Monthly members, their invoices, and what they were reminded of."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Site
from ronda.hotspot.models import Instruction
from ronda.routers.models import Router
from ronda.shop.models.ledger import Entry
from ronda.shop.models.packages import Package


class Member(models.Model):
    """Somebody who pays by the month for a hotspot user.

    `until` is the first day that is not paid for, in `zone`; `anchor` the day of month that ends keep to.
    Who does not pay is shut out, or, where `slow_profile` is named, moved to it; `usual_profile` is what the user
    had before. `reach` is what the router was last asked to make of the user, `confirmed` whether it was read there.
    """

    class State(models.TextChoices):
        """What a member may expect (rules.members.Standing)."""

        ACTIVE = "active", _("Active")
        GRACE = "grace", _("Days of grace")
        SUSPENDED = "suspended", _("Suspended")
        ENDED = "ended", _("Ended")

    class Reach(models.TextChoices):
        """What a member can do at the router."""

        OPEN = "open", _("Open")
        SLOW = "slow", _("Slow")
        SHUT = "shut", _("Shut out")

    name = models.CharField(_("name"), max_length=80)
    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    router = models.ForeignKey(Router, on_delete=models.PROTECT, related_name="members")
    user = models.CharField(_("hotspot user"), max_length=64)
    server = models.CharField(max_length=120, default="all")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="members")
    price_idr = models.PositiveIntegerField(_("monthly price"))
    zone = models.CharField(max_length=4, default="WIB")
    starts = models.DateField(_("first day"))
    until = models.DateField(_("not paid from"))
    anchor = models.PositiveSmallIntegerField()
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=3)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    note = models.CharField(_("note"), max_length=200, blank=True)
    slow_profile = models.CharField(_("slow profile"), max_length=120, blank=True)
    usual_profile = models.CharField(max_length=120, blank=True)
    reach = models.CharField(max_length=5, choices=Reach.choices, default=Reach.OPEN)
    link_no = models.PositiveSmallIntegerField(
        default=1
    )  # the next one makes the payment link another
    confirmed = models.BooleanField(default=True)
    asked = models.ForeignKey(Instruction, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["router", "server", "user"],
                condition=~Q(state="ended"),
                name="member_user_once",
            )
        ]
        indexes = [
            models.Index(fields=["state", "until"], name="member_due"),
            models.Index(
                fields=["router"], condition=Q(confirmed=False), name="member_unconfirmed"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> date:
        """The last day that is paid for."""
        return self.until - timedelta(days=1)


class InvoiceYear(models.Model):
    """The last number given in a year; its row is locked while one is given, so none is left out."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Invoice(models.Model):
    """What a member owes or paid for a period; `number` runs through a year without gaps."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="invoices")
    year = models.PositiveSmallIntegerField()
    place = models.PositiveIntegerField()
    package_name = models.CharField(max_length=80)
    months = models.PositiveSmallIntegerField()
    amount_idr = models.PositiveIntegerField()
    begins = models.DateField()
    until = models.DateField()
    issued_at = models.DateTimeField()
    due = models.DateField()
    token = models.CharField(max_length=40)  # of the click that sold it
    paid_at = models.DateTimeField(null=True)
    # Until when was paid before it, and the day of month: what giving the money back restores.
    was_until = models.DateField(null=True)
    was_anchor = models.PositiveSmallIntegerField(null=True)
    returned_at = models.DateTimeField(null=True)
    entry = models.OneToOneField(Entry, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-year", "-place"]
        constraints = [
            models.UniqueConstraint(fields=["year", "place"], name="invoice_number_once"),
            models.UniqueConstraint(fields=["member", "token"], name="invoice_token_once"),
            models.UniqueConstraint(
                fields=["member"], condition=Q(paid_at=None), name="invoice_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.place:06}"

    @property
    def is_of_order(self) -> bool:
        """Whether an order paid it; then the order's page gives the money back."""
        return self.token.startswith("order:")


class Reminder(models.Model):
    """A member was reminded of an end, so many days before it: once each."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reminders")
    until = models.DateField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    told = models.BooleanField(default=True)  # false: it was missed, and a nearer one was given

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "until", "days"], name="reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.days} days before {self.until}"
