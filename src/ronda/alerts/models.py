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
