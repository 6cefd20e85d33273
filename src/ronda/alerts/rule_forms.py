"""The form of a rule, which reads like a sentence."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.accounts.models import Role
from ronda.alerts.models import AlertRule, Channel
from ronda.alerts.rules.occurrences import By
from ronda.alerts.service.recipients import chat_key
from ronda.alerts.service.ruling_words import Names
from ronda.alerts.service.wording_alerts import WHATS
from ronda.devices.models import Category

STEPS = 4
MINUTE, HOUR = 60, 3600


class Several(forms.MultipleChoiceField):
    """Several of a list, ticked one by one."""

    widget = forms.CheckboxSelectMultiple


class RuleForm(forms.Form):
    """What, where, who and when. `row()` gives the rule that it describes, not kept yet."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    mass_from = forms.IntegerField(
        label=gettext_lazy("A mass outage has at least so many ONTs"),
        min_value=2,
        max_value=100_000,
    )
    hold = forms.IntegerField(
        label=gettext_lazy("lasts at least (minutes)"), min_value=0, max_value=1440
    )
    repeat = forms.TypedChoiceField(
        label=gettext_lazy("tell again"), coerce=int, empty_value=None, required=False
    )
    wakes = forms.BooleanField(label=gettext_lazy("Disregard people's quiet hours"), required=False)
    digest = forms.ChoiceField(
        label=gettext_lazy("Told"), choices=AlertRule.Digest.choices, required=False
    )
    digest_at = forms.TimeField(
        label=gettext_lazy("at"), widget=forms.TimeInput(attrs={"type": "time"})
    )
    digest_weekday = forms.TypedChoiceField(label=gettext_lazy("weekly on"), coerce=int)
    chat_channel = forms.TypedChoiceField(
        label=gettext_lazy("A group, by"), coerce=int, empty_value=None, required=False
    )
    chat_to = forms.CharField(
        label=gettext_lazy("its address"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "Such as the number of a Telegram group. It is told with the first step."
        ),
    )

    def __init__(self, data: Any, rule: AlertRule, names: Names) -> None:
        """The form of this rule, kept or new."""
        self.rule = rule
        super().__init__(data, initial=_initial(rule))
        whats = [(what.value, text) for what, text in WHATS.items()]
        self.fields["whats"] = Several(label=_("What"), choices=whats)
        self.fields["sites"] = _places(_("Sites"), names.sites)
        self.fields["areas"] = _places(_("Areas"), names.areas)
        self.fields["categories"] = Several(
            label=_("Categories"), choices=Category.choices, required=False
        )
        targets = _targets(rule, names)
        for number in range(STEPS):
            self.fields[f"after_{number}"] = forms.IntegerField(
                label=_("after (minutes)"), min_value=0, max_value=10_080, required=False
            )
            self.fields[f"to_{number}"] = Several(label=_("tell"), choices=targets, required=False)
        pauses = [(30 * MINUTE, _("every 30 minutes")), (HOUR, _("every hour"))]
        pauses += [(4 * HOUR, _("every 4 hours")), (24 * HOUR, _("every day"))]
        self.fields["repeat"].choices = [("", _("never")), *pauses]  # type: ignore[attr-defined] # a choice field
        channels = Channel.objects.filter(deleted_at=None).exclude(kind="inside")
        found = [(one.pk, one.name) for one in channels]
        self.fields["chat_channel"].choices = [("", "-"), *found]  # type: ignore[attr-defined] # a choice field
        self.fields["digest_weekday"].choices = list(enumerate(_weekdays()))  # type: ignore[attr-defined] # a choice field

    @property
    def steps(self) -> list[tuple[int, Any, Any]]:
        """Number, delay and targets of each step, for the page."""
        return [(n, self[f"after_{n}"], self[f"to_{n}"]) for n in range(STEPS)]

    def clean(self) -> dict[str, Any]:
        """A rule needs somebody to tell."""
        values = super().clean() or {}
        if bool(values.get("chat_channel")) != bool(str(values.get("chat_to") or "").strip()):
            self.add_error("chat_to", _("A group needs a channel and its address."))
        if not self.errors and not self._steps(values):
            raise ValidationError(_("Choose somebody who is told."))
        return values

    def _steps(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        steps = []
        for number in range(STEPS):
            to = [text.split(":", 1) for text in values.get(f"to_{number}") or []]
            targets = [[by, value] for by, value in to]
            if number == 0 and values.get("chat_channel"):
                key = chat_key(values["chat_channel"], str(values["chat_to"]).strip())
                targets.append([By.CHAT.value, key])
            if targets:
                after = (values.get(f"after_{number}") or 0) * MINUTE
                steps.append({"after_s": after, "to": targets})
        return sorted(steps, key=lambda step: step["after_s"])

    def row(self) -> AlertRule:
        """The rule as the form has it; only after `is_valid`."""
        values, row = self.cleaned_data, self.rule
        for name in ("name", "active", "mass_from", "wakes", "digest", "digest_at"):
            setattr(row, name, values[name])
        row.whats, row.categories = values["whats"], values["categories"]
        row.sites = [int(pk) for pk in values["sites"]]
        row.areas = [int(pk) for pk in values["areas"]]
        row.hold_s, row.repeat_s = values["hold"] * MINUTE, values["repeat"]
        row.digest_weekday = values["digest_weekday"]
        row.steps = self._steps(values)
        return row


def _weekdays() -> list[str]:
    return [
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    ]


def _places(text: str, names: dict[int, str]) -> forms.MultipleChoiceField:
    choices = [(str(pk), name) for pk, name in names.items()]
    return Several(label=text, choices=choices, required=False)


def _targets(rule: AlertRule, names: Names) -> list[tuple[str, str]]:
    """Everybody whom a step may name: rotas, roles, people, and the chats that this rule names already."""
    found = [(f"rota:{pk}", names.of(By.ROTA, str(pk))) for pk in names.rotas]
    found += [(f"role:{value}", str(text)) for value, text in Role.choices]
    found += [(f"person:person:{pk}", name) for pk, name in names.people.items()]
    kept = [tuple(one) for step in rule.steps for one in step["to"]]
    known = {key for key, _name in found}
    for by, value in dict.fromkeys(kept):
        if f"{by}:{value}" not in known:
            found.append((f"{by}:{value}", names.of(by, value)))
    return found


def _initial(rule: AlertRule) -> dict[str, Any]:
    initial: dict[str, Any] = {
        name: getattr(rule, name)
        for name in ("name", "active", "whats", "categories", "mass_from", "wakes", "digest")
    }
    initial |= {
        "sites": [str(pk) for pk in rule.sites],
        "areas": [str(pk) for pk in rule.areas],
        "hold": rule.hold_s // MINUTE,
        "repeat": rule.repeat_s,
        "digest_at": str(rule.digest_at)[:5],
        "digest_weekday": rule.digest_weekday,
        "after_0": 0,
    }
    for number, step in enumerate(rule.steps[:STEPS]):
        initial[f"after_{number}"] = step["after_s"] // MINUTE
        initial[f"to_{number}"] = [f"{by}:{value}" for by, value in step["to"]]
    return initial
