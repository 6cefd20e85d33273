"""What people type about planned work, checked; every refusal says what to write instead."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.accounts.models import Person
from ronda.devices.models import Area, Ont, Site
from ronda.devices.service import scope
from ronda.monitoring.forms import AreaField, PlainSelect
from ronda.monitoring.models import Window
from ronda.monitoring.rules.windows import LONGEST
from ronda.monitoring.service.maintenance import plan_of

ZONES = {"Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
MOST_ONTS = 2000


def zone_here() -> str:
    """The zone of the installation, as far as it is one of Indonesia."""
    return ZONES.get(settings.TIME_ZONE, "WIB")


class WindowForm(forms.Form):
    """One maintenance window."""

    name = forms.CharField(label=gettext_lazy("What is done"), max_length=120)
    site = forms.ModelChoiceField(
        label=gettext_lazy("Whole site"),
        required=False,
        queryset=Site.objects.none(),
        empty_label="\N{EN DASH}",
    )
    area = AreaField(
        label=gettext_lazy("or one area"),
        required=False,
        queryset=Area.objects.none(),
        empty_label="\N{EN DASH}",
        widget=PlainSelect,
    )
    onts = forms.CharField(
        label=gettext_lazy("or these ONTs"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Customer IDs, separated by commas or one on each line."),
    )
    repeat = forms.ChoiceField(label=gettext_lazy("How often"), choices=Window.Repeat.choices)
    first = forms.DateField(
        label=gettext_lazy("First day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    at = forms.TimeField(
        label=gettext_lazy("Begins at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"),
        min_value=1,
        max_value=int(LONGEST.total_seconds() // 60),
        help_text=gettext_lazy("60 is one hour, 1,440 is one day."),
    )
    zone = forms.ChoiceField(label=gettext_lazy("Time of"), choices=Window.Zone.choices)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On (every week)"),
        required=False,
        coerce=int,
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    monthdays = forms.CharField(
        label=gettext_lazy("On day (every month)"),
        required=False,
        max_length=100,
        help_text=gettext_lazy(
            "For example 1, 15. In a month that is too short 31 is its last day."
        ),
    )
    last = forms.DateField(
        label=gettext_lazy("Until (empty: for ever)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, person: Person, **values: Any) -> None:
        """Places are those that this person sees."""
        super().__init__(*args, **values)
        self.person = person
        sites: forms.ModelChoiceField[Site] = self.fields["site"]  # type: ignore[assignment]
        areas: forms.ModelChoiceField[Area] = self.fields["area"]  # type: ignore[assignment]
        sites.queryset = scope.narrow(Site.objects.all(), person, "pk")
        areas.queryset = scope.narrow(Area.objects.select_related("site"), person)

    def clean_first(self) -> date:
        """A day that can be reckoned with."""
        day: date = self.cleaned_data["first"]
        if not 2000 <= day.year <= 2200:
            raise forms.ValidationError(_("Write a day like 2026-11-21."))
        return day

    def clean_onts(self) -> list[int]:
        """Ids of the ONTs that the customer IDs name."""
        wanted = list(
            dict.fromkeys(
                part.strip()
                for part in re.split(r"[,;\n]", self.cleaned_data["onts"])
                if part.strip()
            )
        )
        if len(wanted) > MOST_ONTS:
            raise forms.ValidationError(
                _("At most %(count)d ONTs; choose their area or site.") % {"count": MOST_ONTS}
            )
        seen = scope.narrow(Ont.objects.present(), self.person)
        found: dict[str, list[int]] = {}
        for first in range(0, len(wanted), 500):
            rows = seen.filter(customer_id__in=wanted[first : first + 500])
            for pk, customer in rows.values_list("pk", "customer_id"):
                found.setdefault(customer, []).append(pk)
        if missing := [one for one in wanted if one not in found]:
            raise forms.ValidationError(
                _("No ONT has the customer ID %(id)s.") % {"id": ", ".join(missing[:5])}
            )
        return [pk for one in wanted for pk in found[one]]

    def clean_monthdays(self) -> list[int]:
        """Days of the month as numbers."""
        parts = re.findall(r"[^\s,;]+", self.cleaned_data["monthdays"])
        if any(not (part.isdecimal() and 1 <= int(part) <= 31) for part in parts):
            raise forms.ValidationError(_("Write days from 1 to 31, like 1, 15."))
        return sorted({int(part) for part in parts})

    def clean(self) -> dict[str, Any]:
        """One place, and days that fit how often it is."""
        values = super().clean() or {}
        places = [bool(values.get(name)) for name in ("site", "area", "onts")]
        if sum(places) != 1 and "onts" not in self.errors:
            raise forms.ValidationError(_("Choose one: a site, an area, or ONTs."))
        repeat = values.get("repeat")
        if repeat == Window.Repeat.WEEKLY and not values.get("weekdays"):
            self.add_error("weekdays", _("Choose at least one day."))
        if (
            repeat == Window.Repeat.MONTHLY
            and not values.get("monthdays")
            and "monthdays" not in self.errors
        ):
            self.add_error("monthdays", _("Write at least one day."))
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", _("It ends before it begins."))
        return values

    def put_into(self, window: Window) -> list[int]:
        """Fill the window's fields; the ids of the chosen ONTs."""
        values = self.cleaned_data
        for name in ("name", "site", "area", "repeat", "first", "at", "minutes", "zone", "last"):
            setattr(window, name, values[name])
        repeat = values["repeat"]
        window.days = (
            values["weekdays"]
            if repeat == Window.Repeat.WEEKLY
            else values["monthdays"]
            if repeat == Window.Repeat.MONTHLY
            else []
        )
        if repeat == Window.Repeat.ONCE:
            window.last = None
        plan_of(window)  # what the rules refuse must not be written
        found: list[int] = values["onts"]
        return found


def initial_of(window: Window) -> dict[str, Any]:
    """What the form begins with for a window that there is."""
    weekly = window.repeat == Window.Repeat.WEEKLY
    return {
        "name": window.name,
        "site": window.site_id,
        "area": window.area_id,
        "onts": ", ".join(
            window.onts.order_by("customer_id").values_list("customer_id", flat=True)
        ),
        "repeat": window.repeat,
        "first": window.first,
        "at": window.at,
        "minutes": window.minutes,
        "zone": window.zone,
        "weekdays": window.days if weekly else [],
        "monthdays": "" if weekly else ", ".join(str(day) for day in window.days),
        "last": window.last,
    }
