"""What a report is asked for, from the address of its page and of its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Area, Category, Site
from ronda.monitoring.forms import AreaField
from ronda.overview.report_period import Period, WrongPeriod, month_of, period_of
from ronda.overview.service.reports import By, Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """Period, level and scope of a report."""

    period: Period
    by: By
    scope: Scope


def complaint(wrong: WrongPeriod) -> str:
    """Why this is no period, in words for a person."""
    return {
        "order": _now("The period ends before it begins."),
        "long": _now("A report covers five years at most."),
        "range": _now("Choose a day between 2000 and 2200."),
    }[wrong.reason]


class PeriodForm(forms.Form):
    """A period; what does not fit is named beside its field."""

    period = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[
            ("month", _("Month")),
            ("week", _("Week")),
            ("day", _("Day")),
            ("any", _("From … to")),
        ],
    )
    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To (last day)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any) -> None:
        """A missing period means this month; the fields then show it."""
        values = data.copy()
        if not values.get("period"):
            values["period"] = "month"
        if not values.get("day"):
            values["day"] = timezone.localdate().isoformat()
        super().__init__(values)
        self.found: Period | None = None

    def clean(self) -> dict[str, Any]:
        """Makes the period of its three fields."""
        values = self.cleaned_data
        if values.get("day") and values.get("period"):
            try:
                self.found = period_of(
                    values["period"],
                    values["day"],
                    values.get("until"),
                    timezone.get_current_timezone(),
                )
            except WrongPeriod as wrong:
                self.add_error(wrong.field, complaint(wrong))
        return values

    def period_asked(self) -> Period:
        """The period of a form that was looked at; one that does not fit is this month."""
        return self.found or month_of(timezone.localdate(), timezone.get_current_timezone())


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
    site = forms.ModelChoiceField(
        label=_("Site"), required=False, queryset=Site.objects.all(), empty_label=_("All sites")
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
