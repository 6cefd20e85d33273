"""The editor of a profile: its speed limit in parts, labelled as the customer sees them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.hotspot.forms import DurationField, NameField, places
from ronda.hotspot.models import HotspotProfile
from ronda.hotspot.rules import rate_limit
from ronda.hotspot.rules.names import LONGEST
from ronda.hotspot.rules.rate_limit import Pair, RateLimit
from ronda.hotspot.rules.values import Unreadable, write_duration


class RateField(forms.CharField):
    """A speed, bits per second; 0 when left empty."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.TextInput(
                attrs={"placeholder": "2M", "autocomplete": "off", "class": "form-control"}
            ),
        )

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        try:
            return rate_limit.read_rate(text)
        except Unreadable:
            raise ValidationError(
                _("“%(text)s” is no speed. Write 512k, 2M or 1G.") % {"text": text[:20]}
            ) from None


class SecondsField(forms.IntegerField):
    """A number of seconds, up to an hour; None when left empty."""

    def __init__(self, label: Any) -> None:
        widget = forms.NumberInput(attrs={"class": "form-control"})
        super().__init__(label=label, required=False, min_value=0, max_value=3600, widget=widget)


class SpeedForm(forms.Form):
    """A speed limit in parts; the builder's half of the editor, and all of its preview."""

    upload = RateField(gettext_lazy("Upload, normal"))
    download = RateField(gettext_lazy("Download, normal"))
    burst_upload = RateField(gettext_lazy("Upload, burst"))
    burst_download = RateField(gettext_lazy("Download, burst"))
    threshold_upload = RateField(gettext_lazy("Upload, threshold"))
    threshold_download = RateField(gettext_lazy("Download, threshold"))
    seconds_upload = SecondsField(gettext_lazy("Upload, seconds averaged"))
    seconds_download = SecondsField(gettext_lazy("Download, seconds averaged"))
    least_upload = RateField(gettext_lazy("Upload, guaranteed"))
    least_download = RateField(gettext_lazy("Download, guaranteed"))
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", gettext_lazy("usual (8)")), *((n, str(n)) for n in range(1, 9))],
        help_text=gettext_lazy("1 goes first when the line is full."),
    )

    #: How the page lays the pairs out: what it is, upload field, download field.
    ROWS = (
        (gettext_lazy("Normal speed"), "upload", "download"),
        (gettext_lazy("Burst speed"), "burst_upload", "burst_download"),
        (gettext_lazy("Burst ends above this average"), "threshold_upload", "threshold_download"),
        (gettext_lazy("Average over seconds"), "seconds_upload", "seconds_download"),
        (gettext_lazy("Guaranteed speed"), "least_upload", "least_download"),
    )

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The pairs with their bound fields, for the page."""
        return [(label, self[up], self[down]) for label, up, down in self.ROWS]

    def limit(self) -> RateLimit:
        """What was typed; only after it was found valid."""
        given = self.cleaned_data

        def pair(name: str) -> Pair:
            before = f"{name}_" if name else ""
            return Pair(given[f"{before}upload"] or 0, given[f"{before}download"] or 0)

        return RateLimit(
            pair(""),
            pair("burst"),
            pair("threshold"),
            pair("seconds"),
            given["priority"],
            pair("least"),
        )


class ProfileForm(SpeedForm):
    """A profile, new or edited. A new one is made on one router or on every router of a site."""

    place = forms.ChoiceField(label=gettext_lazy("Where"))
    name = NameField(label=gettext_lazy("Name"), max_length=LONGEST)
    shared_users = forms.CharField(
        label=gettext_lazy("Devices at once"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("How many may use one name at the same time; empty: no limit."),
    )
    session_timeout = DurationField(
        label=gettext_lazy("Longest session"),
        required=False,
        help_text=gettext_lazy("Each login ends after this long, as 1h; the next one begins anew."),
    )
    idle_timeout = DurationField(
        label=gettext_lazy("Ends after silence"),
        required=False,
        help_text=gettext_lazy("As 5m. Empty: never."),
    )
    keepalive_timeout = DurationField(
        label=gettext_lazy("Ends when unreachable"),
        required=False,
        help_text=gettext_lazy("The device does not answer for this long, as 2m. Empty: never."),
    )
    address_pool = forms.CharField(
        label=gettext_lazy("Address pool"), required=False, max_length=LONGEST
    )
    parent_queue = forms.CharField(
        label=gettext_lazy("Parent queue"), required=False, max_length=LONGEST
    )
    add_mac_cookie = forms.BooleanField(
        label=gettext_lazy("Remember devices"),
        required=False,
        initial=True,
        help_text=gettext_lazy("A device that was here signs in by itself."),
    )

    REST = (
        "shared_users",
        "session_timeout",
        "idle_timeout",
        "keepalive_timeout",
        "address_pool",
        "parent_queue",
        "add_mac_cookie",
    )

    def __init__(self, data: Any = None, *, profile: HotspotProfile | None = None) -> None:
        self.unreadable = ""
        super().__init__(
            data,
            initial=self._initial(profile)
            if profile
            else {"shared_users": "1", "keepalive_timeout": "2m"},
        )
        if profile is not None:
            del self.fields["place"], self.fields["name"]
            return
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)  # noqa: S101 -- for the type checker
        place.choices = places(_("every router of %(site)s"))

    def rest(self) -> list[Any]:
        """The bound fields that are no speeds."""
        return [self[name] for name in self.REST]

    def clean_shared_users(self) -> str:
        text = str(self.cleaned_data["shared_users"]).strip()
        if text in {"", "unlimited"}:
            return "unlimited"
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
            raise ValidationError(_("Write a number from 1, or leave it empty."))
        return str(int(text))

    def values(self) -> dict[str, str]:
        """The texts for the router."""
        given = self.cleaned_data
        found = {
            "shared-users": given["shared_users"],
            "session-timeout": _duration(given["session_timeout"], "0s"),
            "idle-timeout": _duration(given["idle_timeout"], "none"),
            "keepalive-timeout": _duration(given["keepalive_timeout"], "none"),
            "address-pool": given["address_pool"] or "none",
            "parent-queue": given["parent_queue"] or "none",
            "add-mac-cookie": "yes" if given["add_mac_cookie"] else "no",
        }
        limit = rate_limit.render(self.limit())
        if limit or not self.unreadable:
            found["rate-limit"] = limit
        return found

    def _initial(self, profile: HotspotProfile) -> dict[str, Any]:
        held = profile.values
        try:
            limit = rate_limit.parse(profile.rate_limit)
        except Unreadable:
            limit, self.unreadable = RateLimit(), profile.rate_limit
        found: dict[str, Any] = {
            **speed_parts(limit),
            "shared_users": "" if profile.shared_users == "unlimited" else profile.shared_users,
            "add_mac_cookie": held.get("add-mac-cookie", "true") in {"true", "yes"},
        }
        for field, name in (
            ("session_timeout", "session-timeout"),
            ("idle_timeout", "idle-timeout"),
            ("keepalive_timeout", "keepalive-timeout"),
            ("address_pool", "address-pool"),
            ("parent_queue", "parent-queue"),
        ):
            text = held.get(name, "")
            found[field] = "" if text in {"none", "0s"} else text
        return found


def speed_parts(limit: RateLimit) -> dict[str, Any]:
    """A speed limit as the fields of `SpeedForm` show it."""
    found: dict[str, Any] = {"priority": limit.priority or ""}
    for name, pair in (
        ("", limit.rate),
        ("burst_", limit.burst),
        ("threshold_", limit.threshold),
        ("least_", limit.least),
    ):
        for way, rate in (("upload", pair.upload), ("download", pair.download)):
            found[f"{name}{way}"] = rate_limit.write_rate(rate) if rate else ""
    found["seconds_upload"] = limit.burst_s.upload or ""
    found["seconds_download"] = limit.burst_s.download or ""
    return found


def _duration(length: int | None, nothing: str) -> str:
    return write_duration(length) if length else nothing
