"""The filters of the incidents' page; whatever does not fit is ignored, never an error page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ronda.accounts.models import Person
from ronda.devices.models import Area, Site
from ronda.devices.service import scope
from ronda.incidents.service.questions import Wanted
from ronda.kernel.ids import LARGEST_ID
from ronda.monitoring.forms import AreaField, PlainSelect


class IncidentFilters(forms.Form):
    """Which incidents are shown."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Open")),
            ("new", _("Not acknowledged")),
            ("seen", _("Acknowledged")),
            ("snoozed", _("Snoozed")),
            ("over", _("Over")),
            ("all", _("All")),
        ],
    )
    site = forms.ModelChoiceField(
        label=_("Site"), required=False, queryset=Site.objects.none(), empty_label=_("All sites")
    )
    area = AreaField(
        label=_("Area"),
        required=False,
        queryset=Area.objects.none(),
        empty_label=_("All areas"),
        widget=PlainSelect,
    )
    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Everybody's")), ("mine", _("Mine"))]
    )
    ont = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput
    )

    def __init__(self, data: object, person: Person) -> None:
        """Sites and areas are those that this person sees."""
        super().__init__(data)  # type: ignore[arg-type] # the request's QueryDict
        self.person = person
        sites: forms.ModelChoiceField[Site] = self.fields["site"]  # type: ignore[assignment]
        areas: forms.ModelChoiceField[Area] = self.fields["area"]  # type: ignore[assignment]
        sites.queryset = scope.narrow(Site.objects.all(), person, "pk")
        areas.queryset = scope.narrow(Area.objects.select_related("site"), person)

    def wanted(self) -> Wanted:
        """The question as the service takes it."""
        self.is_valid()
        values = self.cleaned_data
        site, area = values.get("site"), values.get("area")
        return Wanted(
            state=values.get("state") or "open",
            site=site.pk if site else None,
            area=area.pk if area else None,
            mine=self.person.pk if values.get("whose") == "mine" else None,
            ont=values.get("ont"),
        )
