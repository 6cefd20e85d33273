"""Notices: what people are told inside the product."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Ont


class Notice(models.Model):
    """One message to people; `kind` says what it is about, `type` how serious it is."""

    class Type(models.TextChoices):
        """The types that older readers of the JSON know."""

        SUCCESS = "success", _("Good news")
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")
        DANGER = "danger", _("Danger")

    type = models.CharField(_("type"), max_length=16, choices=Type.choices)
    kind = models.CharField(
        max_length=24, default="manual"
    )  # down, up, flapping, import, backup, poller, manual
    text = models.TextField(_("text"))
    ont = models.ForeignKey(Ont, null=True, on_delete=models.SET_NULL, related_name="notices")
    ont_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(_("time"))
    read_at = models.DateTimeField(null=True)
    details = models.JSONField(default=dict)  # {"onts": [ids], "count": int, …}

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="notice_newest"),
            models.Index(fields=["read_at"], name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Channel(models.Model):
    """One way to people outside. `values` are its settings, `secret` the secret ones as sealed JSON.

    `local` allows addresses of this machine. A channel whose fault is its own (a wrong token) is switched
    off, and `trouble` says why.
    """

    kind = models.CharField(max_length=12)  # alerts.channels.KINDS
    name = models.CharField(_("name"), max_length=60)
    values = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    active = models.BooleanField(_("in use"), default=True)
    for_buyers = models.BooleanField(_("sends codes to buyers"), default=False)
    local = models.BooleanField(_("may call this machine"), default=False)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Outgoing(models.Model):
    """One message to one address outside, sent once; only an unknown outcome sends it a second time.

    Its words are not kept: `what` and `about` say what they are made of when it is sent. `once` keeps the
    same message from being made twice. `begun` counts tries that may have arrived.
    """

    class State(models.TextChoices):
        """The last three are final."""

        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        UNSURE = "unsure", _("Perhaps sent")

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    to = models.CharField(max_length=254)
    what = models.CharField(max_length=24)
    about = models.BigIntegerField(null=True)
    once = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    turn = models.PositiveSmallIntegerField(default=1)  # counts what people sent again
    begun = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    job = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["what", "about"], name="outgoing_about"),
            models.Index(fields=["state", "-id"], name="outgoing_state"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.about} by channel {self.channel_id}"
