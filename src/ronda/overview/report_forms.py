"""What a report is asked for, from the address of its page and of its files."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from ronda.devices.fields import SeenField
from ronda.devices.models import Area, Category, Site
from ronda.kernel.periods import Period
from ronda.monitoring.forms import AreaField
from ronda.overview.service.reports import By, Scope
from ronda.web.periods import PeriodForm


@dataclass(frozen=True, slots=True)
class Asked:
    """Period, level and scope of a report."""

    period: Period
    by: By
    scope: Scope


class ReportForm(PeriodForm):
    """Period and filters; what does not fit is named beside its field, and the default stands in."""

    by = forms.ChoiceField(
        label=_("Rows"),
        required=False,
        choices=[
            ("area", _("By area")),
            ("site", _("By site")),
            ("category", _("By category")),
            ("ont", _("By ONT")),
        ],
    )
    site = SeenField(
        Site.objects.all(), path="pk", label=_("Site"), required=False, empty_label=_("All sites")
    )
    area = AreaField(
        label=_("Area"),
        required=False,
        queryset=Area.objects.select_related("site"),
        empty_label=_("All areas"),
    )
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("All")), *Category.choices]
    )

    def asked(self) -> Asked:
        """The question; fields that do not fit stay open, a period that does not is this month."""
        self.is_valid()
        values = self.cleaned_data
        site, area = values.get("site"), values.get("area")
        return Asked(
            self.period_asked(),
            values.get("by") or "area",
            Scope(
                site.pk if site else None,
                area.pk if area else None,
                values.get("category") or "",
            ),
        )
