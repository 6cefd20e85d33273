"""What people type about hotspot users, profiles and access hours, checked before any router is asked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.hotspot.models import HotspotUser
from ronda.hotspot.rules.drift import Standing
from ronda.hotspot.rules.names import LONGEST, NameProblem, problem_of
from ronda.hotspot.rules.standing import Presence
from ronda.hotspot.rules.values import (
    Unreadable,
    read_amount,
    read_duration,
    write_amount,
    write_duration,
)
from ronda.hotspot.service import lists
from ronda.routers.models import Router

_ALL = ("", gettext_lazy("All"))
_PRESENCES = {
    Presence.ACTIVE: gettext_lazy("active"),
    Presence.IDLE: gettext_lazy("idle"),
    Presence.OFFLINE: gettext_lazy("offline"),
    Presence.DISABLED: gettext_lazy("disabled"),
}
_STANDINGS = {
    Standing.OURS: gettext_lazy("as wanted"),
    Standing.DIFFERS: gettext_lazy("differs"),
    Standing.FOREIGN: gettext_lazy("not from Ronda"),
}


class FilterForm(forms.Form):
    """The filters of a list; what does not fit is ignored, since addresses are kept and shared.

    `fields` names those that the list has.
    """

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False)
    site = forms.TypedChoiceField(
        label=gettext_lazy("Site"), required=False, coerce=int, empty_value=None
    )
    router = forms.TypedChoiceField(
        label=gettext_lazy("Router"), required=False, coerce=int, empty_value=None
    )
    server = forms.ChoiceField(label=gettext_lazy("Hotspot server"), required=False)
    profile = forms.ChoiceField(label=gettext_lazy("Profile"), required=False)
    standing = forms.ChoiceField(label=gettext_lazy("Wanted"), required=False)

    def __init__(self, data: Any, fields: tuple[str, ...]) -> None:
        super().__init__(data)
        for name in list(self.fields):
            if name not in fields:
                del self.fields[name]
        present = mine(Router.objects.in_use())
        routers = list(present.values_list("pk", "name", "site_id", "site__name"))
        sites = {site: name for _pk, _name, site, name in routers}
        servers, profiles = lists.choices()
        statuses = list(_PRESENCES.items())
        self._choose("status", statuses if "standing" in fields else statuses[:2])
        self._choose("site", sorted(sites.items(), key=lambda item: item[1]), least=2)
        self._choose("router", [(pk, name) for pk, name, _site, _site_name in routers], least=2)
        self._choose("server", [(name, name) for name in servers], least=2)
        self._choose("profile", [(name, name) for name in profiles])
        self._choose("standing", list(_STANDINGS.items()))

    def _choose(self, name: str, choices: list[tuple[Any, Any]], least: int = 1) -> None:
        if name not in self.fields:
            return
        if len(choices) < least:
            del self.fields[name]
            return
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        field.choices = [_ALL, *choices]

    def wanted(self) -> dict[str, Any]:
        """What fits, for `lists.Filter`."""
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        if "q" in values:
            values["text"] = values.pop("q")
        return values


class PlacementForm(forms.Form):
    """Where new users of a site are made."""

    rule = forms.ChoiceField(
        label=gettext_lazy("New users are made on"),
        choices=[
            ("least_loaded", gettext_lazy("the router with the fewest online (by its licence)")),
            ("fixed", gettext_lazy("one router; while it is away, the least loaded of the others")),
            ("all", gettext_lazy("all routers; those that are away get them when they are back")),
        ],
    )
    fixed = forms.ModelChoiceField(
        Router.objects.none(), label=gettext_lazy("That router"), required=False
    )

    def __init__(self, data: Any, site: Site, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["fixed"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        field.queryset = Router.objects.in_use().filter(site=site)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("rule") == "fixed" and not values.get("fixed"):
            raise ValidationError(_("Choose the router."))
        return values


class NameField(forms.CharField):
    """The name of a user or profile, kept exactly as it was typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        problem = problem_of(text) if text else None
        if problem is not None:
            raise ValidationError(_NAME_PROBLEMS[problem])
        return text


_NAME_PROBLEMS = {
    NameProblem.EMPTY: gettext_lazy("Write a name."),
    NameProblem.TOO_LONG: gettext_lazy("At most 64 characters."),
    NameProblem.SPACE_AT_END: gettext_lazy("There is a space at its beginning or end; remove it."),
    NameProblem.CONTROL_CHARACTER: gettext_lazy(
        "There is an invisible control character; type it again."
    ),
}


class DurationField(forms.CharField):
    """A length of time, whole seconds; None when left empty."""

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        try:
            return read_duration(text)
        except Unreadable:
            raise ValidationError(
                _("“%(text)s” is no length of time. Write 30m, 1h, 1d, 1w or 1d12h.")
                % {"text": text[:40]}
            ) from None


class AmountField(forms.CharField):
    """An amount of data, whole bytes; None when left empty."""

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        try:
            return read_amount(text)
        except Unreadable:
            raise ValidationError(
                _("“%(text)s” is no amount of data. Write 500MB, 1GB or 1,5GB.")
                % {"text": text[:40]}
            ) from None


class UserForm(forms.Form):
    """A hotspot user, new or edited. Quotas are the user's own: RouterOS has none on profiles.

    A new one is made at a site (by its rule) or on one router; an edited one stays where it is.
    """

    place = forms.ChoiceField(label=gettext_lazy("Where"))
    name = NameField(label=gettext_lazy("Name"), max_length=LONGEST)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    profile = forms.CharField(
        label=gettext_lazy("Profile"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"list": "profiles", "autocomplete": "off"}),
    )
    server = forms.CharField(
        label=gettext_lazy("Hotspot server"),
        required=False,
        max_length=LONGEST,
        help_text=gettext_lazy("Empty: every hotspot server of the router."),
        widget=forms.TextInput(attrs={"list": "servers", "autocomplete": "off"}),
    )
    limit_uptime = DurationField(
        label=gettext_lazy("Time limit"),
        required=False,
        help_text=gettext_lazy("Time online in all, as 1h, 1d or 1w. Empty: no limit."),
    )
    limit_bytes_total = AmountField(
        label=gettext_lazy("Data limit"),
        required=False,
        help_text=gettext_lazy(
            "Upload and download together, as 500MB or 1GB (1 GB = 1024 MB). Empty: no limit."
        ),
    )
    mac_address = forms.RegexField(
        r"(?i)^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$",
        label=gettext_lazy("Only this device"),
        required=False,
        help_text=gettext_lazy("A MAC address such as AA:BB:CC:00:11:22. Empty: any device."),
    )
    comment = forms.CharField(label=gettext_lazy("Comment"), required=False, max_length=200)
    disabled = forms.BooleanField(label=gettext_lazy("Disabled"), required=False)

    def __init__(self, data: Any = None, *, user: HotspotUser | None = None) -> None:
        self.user = user
        super().__init__(data, initial=_initial(user) if user else None)
        if user is not None:
            for name in ("place", "name", "server"):
                del self.fields[name]
            self.fields["password"].help_text = _("Empty: it stays as it is.")
            return
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)  # noqa: S101 -- for the type checker
        place.choices = places(_("%(site)s (by its rule)"))
        self.fields["password"].help_text = _("Empty: the password is the name.")

    def values(self) -> dict[str, str]:
        """The texts for the router; an empty one takes a limit away."""
        given = self.cleaned_data
        uptime, total = given["limit_uptime"], given["limit_bytes_total"]
        return {
            "profile": given["profile"],
            "limit-uptime": write_duration(uptime) if uptime else "",
            "limit-bytes-total": str(total) if total else "",
            "mac-address": given["mac_address"].upper().replace("-", ":"),
            "comment": given["comment"],
            "disabled": "true" if given["disabled"] else "false",
        }


def _initial(user: HotspotUser) -> dict[str, Any]:
    return {
        "profile": user.profile,
        "limit_uptime": write_duration(user.limit_uptime_s) if user.limit_uptime_s else "",
        "limit_bytes_total": write_amount(user.limit_bytes_total) if user.limit_bytes_total else "",
        "mac_address": user.mac,
        "comment": user.comment,
        "disabled": user.disabled,
    }


def places(all_of_a_site: str) -> list[tuple[str, Any]]:
    """Sites with several routers, in a sentence that holds `%(site)s`, then every single router."""
    routers = list(mine(Router.objects.in_use().select_related("site")))
    by_site: dict[int, list[Router]] = {}
    for router in routers:
        by_site.setdefault(router.site_id, []).append(router)
    sites = [
        (f"site:{pk}", all_of_a_site % {"site": found[0].site.name})
        for pk, found in by_site.items()
        if len(found) > 1
    ]
    return [*sites, *((f"router:{router.pk}", router.name) for router in routers)]
