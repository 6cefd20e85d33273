"""The period that a page is asked for, in its address, its form and its heading."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ronda.kernel.periods import Period, WrongPeriod, month_of, period_of


def today() -> date:
    """The day that it is for the installation, whatever the zone of who looks."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


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
            values["day"] = today().isoformat()
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
                    timezone.get_default_timezone(),
                )
            except WrongPeriod as wrong:
                self.add_error(wrong.field, complaint(wrong))
        return values

    def period_asked(self) -> Period:
        """The period of a form that was looked at; one that does not fit is this month."""
        return self.found or month_of(today(), timezone.get_default_timezone())


def title(period: Period) -> str:
    """The period in words: one day, or from - to."""
    if period.kind == "month":
        return date_format(period.first, "F Y")
    first, last = date_format(period.first, "j F Y"), date_format(period.last, "j F Y")
    return first if period.days == 1 else f"{first} – {last}"  # noqa: RUF001 -- a dash between dates


def query_of(asked: QueryDict, period: Period) -> str:
    """The address's query for the same page of another period."""
    values: QueryDict = asked.copy()
    values["period"] = period.kind
    values["day"] = period.first.isoformat()
    values.pop("until", None)
    if period.kind == "any":
        values["until"] = period.last.isoformat()
    return values.urlencode()
