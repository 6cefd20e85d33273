"""How the shop looks to buyers: one row, or none while nothing was set."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """Name, colours, contact and logo; "" is "not given". The logo is a PNG that Ronda drew itself."""

    name = models.CharField(_("name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    whatsapp = models.CharField(_("WhatsApp"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    footer = models.CharField(_("footer"), max_length=200, blank=True)
    colour = models.CharField(_("colour"), max_length=7, blank=True)
    ink = models.CharField(_("text on it"), max_length=7, blank=True)
    logo = models.BinaryField(null=True)
    logo_digest = models.CharField(max_length=16, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="look_is_one")]

    def __str__(self) -> str:
        return self.name
