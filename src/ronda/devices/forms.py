"""What people type about ONTs, sites and areas, checked; every refusal says what to write instead."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.devices.models import Area, Category, Ont, Site
from ronda.devices.rules.coordinates import Axis, How, read_angle, split_pair
from ronda.devices.rules.text import LIMITS, control_character, tidy, tidy_lines
from ronda.devices.service.onts import NO_AREA
from ronda.devices.service.scope import mine
from ronda.kernel.addresses import AddressProblem, AddressRefused, parse_address
from ronda.web import words

#: Fields that a NOC operator may set; the rest needs an administrator.
NOC_FIELDS = ("notes", "monitored")


class TidyField(forms.CharField):
    """One line of text, as the importer would keep it."""

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        if found := control_character(text):
            raise ValidationError(
                _("There is an invisible control character (%(character)s); type it again.")
                % {"character": found}
            )
        return tidy(text)


class NotesField(forms.CharField):
    """Several lines of text."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        if found := control_character(
            text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
        ):
            raise ValidationError(
                _("There is an invisible control character (%(character)s); type it again.")
                % {"character": found}
            )
        return tidy_lines(text)


_REASONS = {
    AddressProblem.WHITESPACE: gettext_lazy("There is a space in it; remove it."),
    AddressProblem.LEADING_ZERO: gettext_lazy(
        "A number starts with a zero, which programs read differently; write 10.0.0.7, not 10.0.0.07."
    ),
    AddressProblem.LOOPBACK: gettext_lazy("This is the server itself; write the ONT's address."),
    AddressProblem.MULTICAST: gettext_lazy("This is a group address; write the ONT's own."),
    AddressProblem.BROADCAST: gettext_lazy("This is a broadcast address; write the ONT's own."),
    AddressProblem.UNSPECIFIED: gettext_lazy(
        "This stands for no device. Leave it empty when there is no address yet."
    ),
    AddressProblem.RESERVED: gettext_lazy("This is a reserved address; no ONT has it."),
    AddressProblem.LINK_LOCAL: gettext_lazy(
        "An IPv6 address that begins with fe80 works on one cable only; write the global one."
    ),
}
_OTHER_REASON = gettext_lazy(
    "Write an IPv4 address such as 10.0.0.7, an IPv6 address, or a host name such as ont7.example.net."
)


class AddressField(TidyField):
    """An address that may be probed, in its canonical spelling; empty is allowed."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text:
            return ""
        try:
            return str(parse_address(text))
        except AddressRefused as refused:
            raise ValidationError(
                _("%(address)s cannot be watched. %(reason)s")
                % {"address": text[:60], "reason": _REASONS.get(refused.reason, _OTHER_REASON)}
            ) from None


class AngleField(forms.CharField):
    """Degrees in many spellings: -7.768, -7,768, 7.768°S, 7°46'05" LS, with stray spaces."""

    def __init__(self, axis: Axis, **options: Any) -> None:
        self.axis = axis
        super().__init__(**options)
        self.widget.attrs["inputmode"] = "text"

    def to_python(self, value: Any) -> Any:
        if isinstance(value, float | int) and not isinstance(value, bool):
            text = repr(float(value))
        else:
            text = str(super().to_python(value) or "")
        angle = read_angle(text)
        if angle.how is How.EMPTY:
            return None
        if angle.value is None:
            example = "-7.768989" if self.axis is Axis.LATITUDE else "110.376908"
            raise ValidationError(
                _("%(text)s cannot be read as degrees. Write it like %(example)s.")
                % {"text": text[:40], "example": example}
            )
        if angle.axis is not None and angle.axis is not self.axis:
            raise ValidationError(_("Latitude and longitude seem to be swapped; exchange them."))
        if abs(angle.value) > self.axis.limit:
            raise ValidationError(
                _("%(text)s is not on Earth: it must lie between -%(limit)s and %(limit)s.")
                % {"text": text[:40], "limit": int(self.axis.limit)}
            )
        return angle.value


class OntForm(forms.Form):
    """One ONT, new or edited. `version` is what the editor saw; another one in the table refuses.

    For a NOC operator only the fields in `NOC_FIELDS` are there.
    """

    site = forms.ModelChoiceField(
        Site.objects.none(), label=gettext_lazy("Site"), empty_label=None, required=True
    )
    customer_id = TidyField(label=gettext_lazy("Customer ID"), max_length=LIMITS["customer_id"])
    name = TidyField(label=gettext_lazy("Name"), max_length=LIMITS["name"])
    location = TidyField(
        label=gettext_lazy("Location"),
        max_length=LIMITS["location"],
        required=False,
        help_text=gettext_lazy("Where it hangs, in words a technician finds it by."),
    )
    area = TidyField(
        label=gettext_lazy("Area"),
        max_length=LIMITS["area"],
        required=False,
        help_text=gettext_lazy("Padukuhan or RW; a new name makes a new area."),
    )
    address = AddressField(
        label=gettext_lazy("Address"),
        max_length=LIMITS["address"],
        required=False,
        help_text=gettext_lazy("IPv4, IPv6 or host name. Empty: it is listed but not watched."),
    )
    latitude = AngleField(
        Axis.LATITUDE,
        label=gettext_lazy("Latitude"),
        required=False,
        help_text=gettext_lazy("A pair such as -7.768, 110.377 may be pasted here."),
    )
    longitude = AngleField(Axis.LONGITUDE, label=gettext_lazy("Longitude"), required=False)
    category = forms.ChoiceField(
        label=gettext_lazy("Category"), choices=Category.choices, initial=Category.GENERAL
    )
    monitored = forms.BooleanField(label=gettext_lazy("Monitored"), required=False, initial=True)
    notes = NotesField(
        label=gettext_lazy("Notes"),
        max_length=LIMITS["notes"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, ont: Ont | None = None, all_fields: bool = True
    ) -> None:
        self.ont = ont
        if data is not None and all_fields:
            data = _pair_apart(data)
        super().__init__(data, initial=_initial(ont) if ont else None)
        if not all_fields:
            for name in list(self.fields):
                if name not in {*NOC_FIELDS, "version"}:
                    del self.fields[name]
            return
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        site.queryset = mine(Site.objects.all(), "pk")
        self.fields["area"].widget.attrs["list"] = "areas"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "latitude" in self.fields and not {"latitude", "longitude"} & self.errors.keys():
            for given, other in (("latitude", "longitude"), ("longitude", "latitude")):
                if values.get(given) is not None and values.get(other) is None:
                    self.add_error(
                        other, _("Fill in both latitude and longitude, or leave both empty.")
                    )
        return values

    def clean_version(self) -> datetime | None:
        text = self.cleaned_data["version"]
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            return None


def _pair_apart(data: Any) -> Any:
    """The form's values with a pair that was pasted into one field put into both."""
    pair = split_pair(str(data.get("latitude", "")))
    if pair is None or str(data.get("longitude", "")).strip():
        return data
    if read_angle(pair[0]).value is None or read_angle(pair[1]).value is None:
        return data
    data = data.copy()
    data["latitude"], data["longitude"] = pair
    return data


def _initial(ont: Ont) -> dict[str, Any]:
    return {
        "site": ont.site_id,
        "customer_id": ont.customer_id,
        "name": ont.name,
        "location": ont.location,
        "area": ont.area.name if ont.area else "",
        "address": ont.address,
        # As text: a localised comma would not survive being sent back by every browser.
        "latitude": "" if ont.latitude is None else repr(ont.latitude),
        "longitude": "" if ont.longitude is None else repr(ont.longitude),
        "category": ont.category,
        "monitored": ont.monitored,
        "notes": ont.notes,
        "version": ont.updated_at.isoformat(),
    }


def _area_in(text: str) -> int:
    return NO_AREA if text == "none" else int(text)


class FilterForm(forms.Form):
    """The filters of the list; what does not fit is ignored, since addresses are kept and shared."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    site = forms.TypedChoiceField(
        label=gettext_lazy("Site"), required=False, coerce=int, empty_value=None
    )
    area = forms.TypedChoiceField(
        label=gettext_lazy("Area"), required=False, coerce=_area_in, empty_value=None
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        choices=[("", gettext_lazy("All")), *Category.choices],
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        every = ("", _("All"))
        marks = [*words.STATES, words.FLAPPING, words.DEGRADED]
        gaps = [("unlocated", _("No position")), ("unaddressed", _("No address"))]
        self._choose("state", [every, *((mark.name, mark.word) for mark in marks), *gaps])
        sites = list(mine(Site.objects.all(), "pk").values_list("pk", "name"))
        self._choose("site", [every, *sites])
        if len(sites) < 2:
            del self.fields["site"]
        areas = mine(Area.objects.order_by("name", "site__name")).values_list(
            "pk", "name", "site__name"
        )
        several = len(sites) > 1
        self._choose(
            "area",
            [
                every,
                *((pk, f"{name} ({site})" if several else name) for pk, name, site in areas),
                ("none", _("No area")),
            ],
        )

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        field.choices = choices

    def wanted(self) -> dict[str, Any]:
        """What fits, for `onts.Wanted`."""
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        if "q" in values:
            values["text"] = values.pop("q")
        return values


class SiteForm(forms.Form):
    """The name of a site."""

    name = TidyField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("A town or project; customer IDs are unique within it."),
    )


class AreaForm(forms.Form):
    """The name of an area."""

    name = TidyField(label=gettext_lazy("Name"), max_length=80)
