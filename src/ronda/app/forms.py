"""The form of the settings that can be changed while everything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ronda.work import tuning

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Promise
else:
    from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Wording:
    """How a setting is called on its page, and what it does."""

    label: str | Promise
    help: str | Promise


WORDS: Mapping[str, Wording] = MappingProxyType(
    {
        "site_name": Wording(_("Name of this installation"), _("Stands on every page.")),
        "public_address": Wording(
            _("Address at which people open Ronda"),
            _(
                "Such as https://ronda.example. Links in messages lead there; empty where nobody knows."
            ),
        ),
        "interval_s": Wording(
            _("Seconds from one sweep to the next"),
            _(
                "5 to 300. Shorter finds an outage sooner and sends more probes. "
                "The running watch takes it over within 10 seconds."
            ),
        ),
        "notice_hold_s": Wording(
            _("Seconds that changes are gathered before a notice"),
            _(
                "0 to 600. Longer makes fewer notices of one big failure; shorter tells sooner. "
                "The map and the lists never wait for it."
            ),
        ),
        "repeated_outages": Wording(
            _("Lost so many times before it counts as often lost"),
            _("2 to 1,000, or 0 to tell of nobody. Each ONT is told of once in the period."),
        ),
        "repeated_hours": Wording(
            _("Hours within which an ONT is often lost"),
            _(
                "1 to 744. Outages that began in the last so many hours are counted; planned work is not."
            ),
        ),
        "keep_samples_days": Wording(
            _("Days of full history"),
            _("2 to 4,000. Every sweep of every ONT; older samples are deleted for good."),
        ),
        "keep_hours_days": Wording(
            _("Days of hourly history"),
            _("30 to 36,500. One round trip and loss an hour; charts of years read them."),
        ),
        "keep_names_days": Wording(
            _("Days that hotspot names stay readable"),
            _(
                "1 to 3,650. Names and MAC addresses in older records of use become pseudonyms; "
                "sums stay, and different devices can still be counted."
            ),
        ),
        "keep_sessions_days": Wording(
            _("Days of hotspot sessions"),
            _("30 to 4,000. Older sessions become sums by day and profile; hours are kept longer."),
        ),
        "high_use_gb": Wording(
            _("High use: GB of one user in a day"),
            _("0 to 100,000; 0 tells of nobody. Each user is told of once a day."),
        ),
        "users_near_percent": Wording(
            _("A limit of users is near from so many percent on"),
            _(
                "50 to 100. Of the router's licence, an address pool, or the devices a user may have "
                "online at once; it is over ten percent lower."
            ),
        ),
        "keep_notices_days": Wording(
            _("Days that notices stay"), _("7 to 3,650. Outages are kept for ever.")
        ),
        "keep_messages_days": Wording(
            _("Days that messages to people stay on record"),
            _("7 to 3,650. What still waits to be sent is never forgotten."),
        ),
        "keep_backups": Wording(
            _("Automatic backups kept of each kind"),
            _("3 to 10,000. Older files are thinned out; the newest always stays."),
        ),
        "pay_within_h": Wording(
            _("Hours to pay an order of the shop"),
            _(
                "1 to 720. Orders that nobody pays by then are closed; money that comes later revives them "
                "while the package is sold."
            ),
        ),
        "transfer_suffix": Wording(
            _("Tell transfers apart by a few rupiah"),
            _(
                "Orders paid by transfer, e-wallet or QRIS picture get up to 499 rupiah on top, "
                "no two open ones the same amount."
            ),
        ),
        "public_map": Wording(
            _("Public map and status page"),
            _(
                "Whoever reaches the address sees map and counts without signing in. "
                "Addresses and customer IDs are never shown there."
            ),
        ),
        "second_step": Wording(
            _("Owners and administrators need a second step"),
            _(
                "Whoever of them has neither an authenticator app nor a passkey sets one up before anything "
                "else. API tokens go on working."
            ),
        ),
        "second_step_everybody": Wording(
            _("Everybody needs a second step"),
            _(
                "Not only owners and administrators. Cashiers and resellers need a phone or a key, too."
            ),
        ),
        "idle_hours": Wording(
            _("Hours after which an unused sign-in ends"),
            _("1 to 336. Whoever opens a page now and then stays signed in, for 14 days at most."),
        ),
        "breached_passwords": Wording(
            _("Refuse passwords known from leaks"),
            _(
                "Asks api.pwnedpasswords.com when somebody chooses a password, and sends only five characters "
                "of its SHA-1. Where that cannot be reached, the password is taken."
            ),
        ),
        "first_hour": Wording(
            _("First-hour guide on the dashboard"),
            _("Leads owners and administrators to what is still to be set up."),
        ),
    }
)


class SettingsForm(forms.Form):
    """All of `tuning.KNOBS`, filled with what is in force."""

    def __init__(self, current: list[tuning.Setting], data: Any = None) -> None:
        super().__init__(data, initial={item.knob.name: shown(item.value) for item in current})
        for item in current:
            self.fields[item.knob.name] = _field(item)

    def clean(self) -> dict[str, Any]:
        """The values in their types; what does not fit is said beside its field."""
        values = dict(self.cleaned_data)
        for name, value in values.items():
            try:
                self.cleaned_data[name] = tuning.KNOBS[name].checked(value)
            except tuning.WrongValue as wrong:
                self.add_error(name, str(wrong))
        return self.cleaned_data


def shown(value: tuning.Value) -> tuning.Value:
    """A value as people write it: 30 and not 30.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _field(item: tuning.Setting) -> forms.Field:
    knob, words = item.knob, WORDS[item.knob.name]
    if knob.kind is bool:
        return forms.BooleanField(label=words.label, help_text=words.help, required=False)
    if knob.kind is str:
        return forms.CharField(
            label=words.label,
            help_text=words.help,
            required=knob.least > 0,
            max_length=int(knob.most),
            strip=True,
        )
    number = forms.IntegerField if knob.kind is int else forms.FloatField
    return number(
        label=words.label,
        help_text=words.help,
        min_value=int(knob.least),
        max_value=int(knob.most),
        widget=forms.NumberInput(
            attrs={"step": "1" if knob.kind is int else "any", "inputmode": "decimal"}
        ),
    )
