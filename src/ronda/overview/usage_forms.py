"""What the page of hotspot use is asked for, from its address and those of its files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Site
from ronda.hotspot.service.usage.counts import Scope
from ronda.overview.report_forms import complaint
from ronda.overview.report_period import Period, WrongPeriod, month_of, period_of
from ronda.routers.models import Router


class UsageForm(forms.Form):
    """Period, site and router; what does not fit is named beside its field."""

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
    site = forms.ModelChoiceField(
        label=_("Site"), required=False, queryset=Site.objects.all(), empty_label=_("All sites")
    )
    router = forms.ModelChoiceField(
        label=_("Router"),
        required=False,
        queryset=Router.objects.present(),
        empty_label=_("All routers"),
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

    def asked(self) -> tuple[Period, Scope]:
        """The question; a router counts more than a site, a wrong period is this month."""
        self.is_valid()
        values = self.cleaned_data
        site, router = values.get("site"), values.get("router")
        period = self.found or month_of(timezone.localdate(), timezone.get_current_timezone())
        if router is not None:
            return period, Scope(router=router.pk)
        return period, Scope(site=site.pk if site else None)
