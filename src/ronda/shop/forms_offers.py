"""The packages offered to a new shop, which may be edited before they are made."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.shop.forms_packages import ReadField, RupiahField
from ronda.shop.rules import entries
from ronda.shop.rules.defaults import OFFERS, profile_of
from ronda.shop.service import packages


class OffersForm(forms.Form):
    """One line for each offer: whether it is made, its name, its price, how long it is valid."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for place, offer in enumerate(OFFERS):
            self.fields[f"make_{place}"] = forms.BooleanField(
                label=gettext_lazy("Make"), required=False, initial=True
            )
            self.fields[f"name_{place}"] = forms.CharField(
                label=gettext_lazy("Name"),
                max_length=80,
                initial=offer.name,
                required=False,
                widget=forms.TextInput(attrs={"class": "form-control"}),
            )
            self.fields[f"valid_{place}"] = ReadField(
                entries.read_span, gettext_lazy("Valid"), initial=offer.valid_for
            )
            self.fields[f"price_{place}"] = RupiahField(
                gettext_lazy("Price (Rp)"), initial=str(offer.price_idr), required=False
            )

    def rows(self) -> list[tuple[Any, Any, Any, Any]]:
        """The bound fields of each offer, for the page."""
        return [
            (
                self[f"make_{place}"],
                self[f"name_{place}"],
                self[f"valid_{place}"],
                self[f"price_{place}"],
            )
            for place in range(len(OFFERS))
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        seen: set[str] = set()
        chosen = [place for place in range(len(OFFERS)) if values.get(f"make_{place}")]
        if not chosen:
            raise ValidationError(_("Choose at least one package."))
        for place in chosen:
            name = str(values.get(f"name_{place}") or "").strip()
            if not name:
                self.add_error(f"name_{place}", _("Write a name."))
            elif name.casefold() in seen or packages.name_taken(name):
                self.add_error(
                    f"name_{place}",
                    _("There is a package “%(name)s” already.") % {"name": name},
                )
            elif profile_of(name) in {profile_of(one) for one in seen}:
                self.add_error(f"name_{place}", _("Too much like another name here."))
            seen.add(name.casefold())
        return values

    def packages(self) -> list[dict[str, Any]]:
        """What `packages.create` takes, for each chosen line."""
        given = self.cleaned_data
        return [
            {
                "name": given[f"name_{place}"].strip(),
                "profile": profile_of(given[f"name_{place}"]),
                "valid_for": str(given[f"valid_{place}"] or ""),
                "selling_price_idr": given[f"price_{place}"],
                "reseller_price_idr": given[f"price_{place}"],
                "popular": offer.popular,
            }
            for place, offer in enumerate(OFFERS)
            if given[f"make_{place}"]
        ]
