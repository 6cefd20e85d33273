"""What people type about routers, checked by the rules every other door uses too."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.routers.models import TRANSPORTS, TRUSTS, Prefer, Router
from ronda.routers.rules.objects import LONGEST
from ronda.routers.rules.settings import LENGTHS, RouterSettings, problems_of
from ronda.routers.service.wording import text_of

#: The fields that a first router needs; the rest has defaults that fit most and is folded away.
FIRST = ("name", "site", "host", "user", "password")
HOTSPOT = ("hotspot_name", "hotspot_interface", "default_profile")
WAY = ("way", "port", "trust", "plain_rest", "version_hint", "timeout_ms", "poll_s", "active")


class RouterForm(forms.Form):
    """One router, new or edited. The password field is always empty; left so, the stored one stays."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LENGTHS["name"],
        help_text=gettext_lazy("As people here call it, for example Balai Desa."),
    )
    site = forms.ModelChoiceField(
        Site.objects.none(), label=gettext_lazy("Site"), empty_label=None, required=True
    )
    host = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=253,
        help_text=gettext_lazy("IP address or host name, without a port."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    user = forms.CharField(
        label=gettext_lazy("User on the router"),
        max_length=LENGTHS["user"],
        help_text=gettext_lazy("A user made for Ronda; the set-up guide has the commands."),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password on the router"),
        max_length=200,
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    hotspot_name = forms.CharField(
        label=gettext_lazy("Hotspot server"),
        max_length=LENGTHS["hotspot_name"],
        required=False,
        help_text=gettext_lazy("Empty: the test finds it."),
    )
    hotspot_interface = forms.CharField(
        label=gettext_lazy("Hotspot interface"),
        max_length=LENGTHS["hotspot_interface"],
        required=False,
        help_text=gettext_lazy("For example bridge-hotspot, ether2 or wlan1."),
    )
    default_profile = forms.CharField(
        label=gettext_lazy("Default profile"),
        max_length=LENGTHS["default_profile"],
        required=False,
        help_text=gettext_lazy("Of new hotspot users, when nothing else is chosen."),
    )
    way = forms.ChoiceField(label=gettext_lazy("Connect by"), required=False)
    port = forms.IntegerField(
        label=gettext_lazy("Port"),
        required=False,
        help_text=gettext_lazy("Empty: the usual one, 8729, 8728, 443 or 80."),
    )
    trust = forms.ChoiceField(
        label=gettext_lazy("Trust with TLS"), choices=TRUSTS, initial="pin", required=False
    )
    plain_rest = forms.BooleanField(
        label=gettext_lazy("REST without encryption may be tried"), required=False
    )
    version_hint = forms.ChoiceField(
        label=gettext_lazy("RouterOS"),
        choices=[("", gettext_lazy("Find out")), ("v6", "v6"), ("v7", "v7")],
        required=False,
    )
    timeout_ms = forms.IntegerField(
        label=gettext_lazy("Time limit in milliseconds"),
        initial=10_000,
        help_text=gettext_lazy("How long one answer may take, 1,000 to 60,000."),
    )
    poll_s = forms.IntegerField(
        label=gettext_lazy("Read every (seconds)"),
        initial=300,
        help_text=gettext_lazy("How often users and health are read, 30 to 3,600."),
    )
    active = forms.BooleanField(
        label=gettext_lazy("In use"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Without it Ronda leaves the router alone."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, router: Router | None = None, initial: Any = None
    ) -> None:
        self.router = router
        super().__init__(data, initial=initial or (_initial(router) if router else None))
        way = self.fields["way"]
        site = self.fields["site"]
        assert isinstance(way, forms.ChoiceField)  # noqa: S101 -- for the type checker
        assert isinstance(site, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        way.choices = [
            (Prefer.AUTO, Prefer.AUTO.label),
            (Prefer.REST, Prefer.REST.label),
            *((name, _("Only: %(way)s") % {"way": label}) for name, label in TRANSPORTS),
        ]
        site.queryset = mine(Site.objects.all(), "pk")
        if router is None:
            self.fields["password"].required = True
        else:
            self.fields["password"].help_text = _("Leave it empty to keep the stored one.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            for problem in problems_of(self.settings()):
                field = {"transport": "way", "prefer": "way"}.get(problem.field, problem.field)
                self.add_error(field, text_of(problem))
        return values

    def clean_version(self) -> datetime | None:
        text = self.cleaned_data["version"]
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            return None

    def settings(self) -> RouterSettings:
        """What was entered, without site and password."""
        values = self.cleaned_data
        way = values["way"] or Prefer.AUTO
        pinned = way not in {Prefer.AUTO, Prefer.REST}
        named = {
            item.name: values[item.name] for item in fields(RouterSettings) if item.name in values
        }
        return RouterSettings(
            **named
            | {
                "host": values["host"].strip(),
                "trust": values["trust"] or "pin",
                "prefer": str(Prefer.PINNED if pinned else way),
                "transport": way if pinned else "",
            }
        )

    def first(self) -> list[forms.BoundField]:
        """The fields everybody fills in."""
        return [self[name] for name in FIRST]

    def hotspot(self) -> list[forms.BoundField]:
        """What Ronda takes for granted about the hotspot."""
        return [self[name] for name in HOTSPOT]

    def connection(self) -> list[forms.BoundField]:
        """How it is connected to; the defaults fit most."""
        return [self[name] for name in WAY]

    def unfold(self) -> bool:
        """Whether something in the folded part needs to be seen."""
        return any(self[name].errors for name in (*HOTSPOT, *WAY))


def initial_of(settings: RouterSettings) -> dict[str, Any]:
    """A form's first values from settings."""
    values = {item.name: getattr(settings, item.name) for item in fields(RouterSettings)}
    way = settings.transport if settings.prefer == Prefer.PINNED else settings.prefer
    return values | {"way": way}


def _initial(router: Router) -> dict[str, Any]:
    from ronda.routers.service.routers import settings_of

    return initial_of(settings_of(router)) | {
        "site": router.site_id,
        "version": router.updated_at.isoformat(),
    }


class PasteForm(forms.Form):
    """A settings object of the older system."""

    text = forms.CharField(
        label=gettext_lazy("Settings object"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "code-input"}),
        help_text=gettext_lazy(
            "JSON, or the JavaScript form from a manual; it is read, never run."
        ),
    )
