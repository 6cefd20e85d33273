"""A new address of a person, and the code that proves it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ronda.alerts.models import Channel
from ronda.alerts.service import addresses, channels
from ronda.alerts.service.addresses import AddressRefused


class AddressForm(forms.Form):
    """By which channel, and where."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"))
    to = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=254,
        help_text=gettext_lazy(
            "A telephone number, an e-mail address or a topic, as the channel needs it."
        ),
    )

    def __init__(self, data: Any, offered: Sequence[Channel]) -> None:
        super().__init__(data)
        self.offered = {str(one.pk): one for one in offered}
        choices = [(key, one.name) for key, one in self.offered.items()]
        self.fields["channel"] = forms.ChoiceField(label=gettext_lazy("Channel"), choices=choices)

    def clean(self) -> dict[str, Any]:
        """The address in the spelling of its channel."""
        given = super().clean() or {}
        channel = self.offered.get(given.get("channel", ""))
        if channel is not None and given.get("to"):
            try:
                given["to"] = addresses.read(channels.kind_of(channel).reach, given["to"])
            except AddressRefused as refused:
                self.add_error("to", str(refused))
        return given

    @property
    def chosen(self) -> Channel:
        """The channel of a form that is valid."""
        return self.offered[self.cleaned_data["channel"]]
