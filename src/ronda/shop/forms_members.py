"""What people type about members, checked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.hotspot.rules.windows import Zone
from ronda.routers.models import Router
from ronda.shop.forms_money import RupiahField
from ronda.shop.models import Member, Package
from ronda.shop.rules.members import MOST_MONTHS
from ronda.shop.service import packages

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MemberForm(forms.Form):
    """A member; `starts` and `until` only where a new one is entered."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    phone = forms.CharField(
        label=gettext_lazy("Phone number"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=200)
    site = forms.ModelChoiceField(Site.objects.none(), label=gettext_lazy("Site"), required=False)
    router = forms.ModelChoiceField(Router.objects.none(), label=gettext_lazy("Router"))
    user = forms.CharField(
        label=gettext_lazy("Hotspot user"),
        max_length=64,
        help_text=gettext_lazy("The name as the router has it; it must exist there."),
    )
    package = forms.ModelChoiceField(Package.objects.none(), label=gettext_lazy("Package"))
    price_idr = RupiahField(
        label=gettext_lazy("Monthly price"),
        required=False,
        help_text=gettext_lazy("Empty: the selling price of the package."),
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), choices=[(zone.value, zone.value) for zone in Zone]
    )
    grace_days = forms.IntegerField(
        label=gettext_lazy("Days of grace after the end"), min_value=0, max_value=60, initial=3
    )
    slow_profile = forms.CharField(
        label=gettext_lazy("Slow profile"),
        required=False,
        max_length=120,
        help_text=gettext_lazy(
            "Who does not pay is moved to this profile of the router, and back when he pays. Empty: he is shut out."
        ),
    )
    starts = forms.DateField(label=gettext_lazy("First day"), widget=_DATE)
    until = forms.DateField(
        label=gettext_lazy("Not paid from"),
        required=False,
        widget=_DATE,
        help_text=gettext_lazy("The first day that is not paid for. Empty: nothing is paid yet."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)

    def __init__(self, *given: Any, member: Member | None = None, **named: Any) -> None:
        if member is not None:
            named["initial"] = {name: getattr(member, name) for name in self.base_fields}
        super().__init__(*given, **named)
        self._member = member
        for name, found in (
            ("site", mine(Site.objects.order_by("name"), "pk")),
            ("router", mine(Router.objects.present()).order_by("name")),
            ("package", packages.present()),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- declared above
            field.queryset = found
        if member is not None:
            del self.fields["starts"], self.fields["until"]

    def clean(self) -> dict[str, Any]:
        """An end before the beginning is a slip."""
        given = super().clean() or {}
        starts, until = given.get("starts"), given.get("until")
        if starts and until and until < starts:
            self.add_error("until", _("This is before the first day."))
        return given

    def values(self) -> dict[str, Any]:
        """What `service.members` takes."""
        told = {
            key: self.cleaned_data[key]
            for key in self.cleaned_data
            if key not in ("starts", "until")
        }
        return {**told, "price_idr": told["price_idr"] or 0}


class RenewalForm(forms.Form):
    """Months, and how they were paid."""

    months = forms.IntegerField(
        label=gettext_lazy("Months"), min_value=1, max_value=MOST_MONTHS, initial=1
    )
    paid = forms.ChoiceField(
        label=gettext_lazy("Paid"),
        choices=[("cash", gettext_lazy("In cash")), ("transfer", gettext_lazy("By transfer"))],
    )
    token = forms.CharField(max_length=40, widget=forms.HiddenInput)
