"""The settings of one channel, as a form made of what its kind needs."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.alerts.channels.port import Kind
from ronda.alerts.models import Channel
from ronda.alerts.service.channels import AIMS, secrets_of


class ChannelForm(forms.Form):
    """Name, switches and settings; a secret left empty stays what it was."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    for_buyers = forms.BooleanField(label=gettext_lazy("Sends codes to buyers"), required=False)
    local = forms.BooleanField(
        label=gettext_lazy("May call this machine"),
        required=False,
        help_text=gettext_lazy("For a gateway that runs beside Ronda. Only owners may set it."),
    )

    def __init__(self, data: Any, kind: Kind, channel: Channel, *, owner: bool) -> None:
        initial = {**channel.values, "name": channel.name or str(kind.title)}
        for switch in ("active", "for_buyers", "local"):
            initial[switch] = getattr(channel, switch)
        super().__init__(data, initial=initial)
        self.kind, self.channel = kind, channel
        if kind.reach not in ("phone", "email"):
            del self.fields["for_buyers"]
        if not owner:
            del self.fields["local"]
        for setting in kind.settings:
            kept = setting.secret and bool(channel.secret)
            options: dict[str, Any] = {
                "label": setting.label,
                "required": setting.required and not kept,
                "help_text": gettext_lazy("Empty: stays as it is.") if kept else setting.hint,
            }
            if setting.choices:
                self.fields[setting.name] = forms.ChoiceField(choices=setting.choices, **options)
            else:
                self.fields[setting.name] = forms.CharField(
                    max_length=500,
                    widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
                    if setting.secret
                    else forms.TextInput(attrs={"autocomplete": "off"}),
                    **options,
                )
            if setting.name not in initial and setting.default:
                self.initial[setting.name] = setting.default

    def clean(self) -> dict[str, Any]:
        """A secret that goes to another address from now on has to be given anew, by whoever knows it."""
        given = self.cleaned_data
        kept = self.channel.values
        moved = any(given.get(name, "") != kept.get(name, "") for name in AIMS if name in kept)
        for name in secrets_of(self.channel) if moved else ():
            if name in self.fields and not given.get(name):
                self.add_error(name, _("It would go to another address: give it once more."))
        return given

    def switches(self) -> dict[str, Any]:
        """What is not a setting of the kind."""
        names = ("name", "active", "for_buyers", "local")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}

    def values(self) -> dict[str, str]:
        """The settings of the kind."""
        return {one.name: str(self.cleaned_data[one.name]) for one in self.kind.settings}


class TestForm(forms.Form):
    """To whom the test goes."""

    to = forms.CharField(label=gettext_lazy("Send a test to"), max_length=254)
