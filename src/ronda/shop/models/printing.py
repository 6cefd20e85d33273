"""How tickets are printed: saved layouts, and where each router's guests sign in."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ronda.routers.models import Router


class Layout(models.Model):
    """One way to print tickets; `template` is of `printing.template`, lengths are millimetres.

    Columns, rows, margin, gap and marks count for grids, `label` (printing.paper.LABELS) for labels,
    `roll_mm` for rolls. `login_base` "" is what each router says of itself.
    """

    class Kind(models.TextChoices):
        """On what it is printed."""

        GRID = "grid", _("A4 paper, to be cut")
        LABEL = "label", _("A4 label sheet")
        ROLL = "roll", _("Thermal roll")

    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("paper"), max_length=6, choices=Kind.choices, default=Kind.GRID)
    columns = models.PositiveSmallIntegerField(_("columns"), default=4)
    rows = models.PositiveSmallIntegerField(_("rows"), default=8)
    margin_mm = models.PositiveSmallIntegerField(_("margin in mm"), default=8)
    gap_mm = models.PositiveSmallIntegerField(_("gap in mm"), default=0)
    cut_marks = models.BooleanField(_("cut marks"), default=True)
    label = models.CharField(_("labels"), max_length=12, default="3475")
    roll_mm = models.PositiveSmallIntegerField(_("roll"), default=58)
    login_base = models.CharField(_("login address"), max_length=120, blank=True)
    template = models.TextField(_("ticket"))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="layout_name"),
            models.CheckConstraint(
                condition=Q(columns__gte=1, columns__lte=8, rows__gte=1, rows__lte=20),
                name="layout_grid",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LoginPage(models.Model):
    """Name or address of a router's hotspot, as the router last said it; "" where it has none."""

    router = models.OneToOneField(
        Router, on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    host = models.CharField(max_length=253, blank=True)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host or f"login page of router {self.router_id}"
