"""The forms of the account pages; what they may not do is decided by the services."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronda.accounts import rules, zones
from ronda.accounts.models import AuditRow, Person, Role

THEMES = [("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]
GROUPS = [
    ("devices", _("ONTs, sites, areas")),
    ("monitoring", _("Outages, uptime, reports, live data")),
    ("routers", _("Routers")),
    ("hotspot", _("Hotspot")),
    ("shop", _("The shop")),
    ("alerts", _("Incidents and notices")),
    ("people", _("People, tokens, audit trail")),
]
LIFETIMES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), ("", _("No end"))]


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "10 characters or more; several words are easy to remember. Not your name or e-mail address, "
            "not only digits, and none of the 20,000 passwords that everybody tries first."
        ),
    )
    again = forms.CharField(
        label=_("The same again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """The repetition, which must equal the password."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two passwords are not the same."))
        return again


class NameForm(PasswordForm):
    """Name and password of somebody who comes for the first time."""

    name = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    field_order = ["name", "password", "again"]


class OwnerForm(NameForm):
    """Name and password of the first owner."""


class PersonForm(forms.Form):
    """A person to add."""

    name = forms.CharField(
        label=_("User name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"))
    email = forms.EmailField(label=_("E-mail address (optional)"), required=False)
    phone = forms.CharField(
        label=_("Phone (optional)"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        help_text=_("With it, the link can be sent by WhatsApp in one tap."),
    )

    def __init__(self, *args: Any, actor: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(actor, Role.VIEWER)


class RoleForm(forms.Form):
    """Another role for a person."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, actor: Person, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(actor, Role(person.role))


class SecondStepOffForm(forms.Form):
    """Which second step of a person goes, and why; none chosen means all."""

    step = forms.TypedChoiceField(
        label=_("Which"), required=False, coerce=int, empty_value=None, choices=[]
    )
    why = forms.CharField(
        label=_("Reason"),
        min_length=3,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Goes on record, and to the person. Be sure first that it is them who asks."),
    )

    def __init__(self, *args: Any, steps: Iterable[Authenticator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        which = [(step.pk, str(step)) for step in steps]
        self.fields["step"].choices = [("", _("All of them")), *which]  # type: ignore[attr-defined] # a choice field


class TokenForm(forms.Form):
    """A token to make for oneself."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "backup script"}),
    )
    role = forms.ChoiceField(label=_("May do as much as"))
    days = forms.ChoiceField(
        label=_("Ends after"), choices=LIFETIMES, required=False, initial="365"
    )

    read_only = forms.BooleanField(label=_("Reads only, changes nothing"), required=False)
    groups = forms.MultipleChoiceField(
        label=_("Only for (none chosen: everything)"),
        choices=GROUPS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    addresses = forms.CharField(
        label=_("Only from these addresses (optional)"),
        required=False,
        max_length=500,
        help_text=_("Addresses or networks with spaces between, as 192.0.2.7 10.0.0.0/8."),
    )

    def __init__(self, *args: Any, actor: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [(r.value, r.label) for r in Role if rules.holds(actor.role, r)]
        self.fields["role"] = forms.ChoiceField(
            label=_("May do as much as"), choices=allowed, initial=Role.VIEWER
        )

    @property
    def expires_at(self) -> datetime | None:
        """When the token ends; None for never."""
        days = self.cleaned_data.get("days")
        return timezone.now() + timedelta(days=int(days)) if days else None


class ProfileForm(forms.Form):
    """What a person chooses for themselves."""

    email = forms.EmailField(label=_("E-mail address (optional)"), required=False)
    phone = forms.CharField(
        label=_("Phone (optional)"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("Every time on your pages is shown in it."),
    )
    theme = forms.ChoiceField(label=_("Colours"), choices=THEMES)
    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_to = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_(
            "Between these times, by your own clock, only what cannot wait reaches you. Empty: always."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = str(self.initial.get("time_zone") or "")
        self.fields["time_zone"].choices = zones.choices(present)  # type: ignore[attr-defined] # a choice field
        own = dict(settings.LANGUAGES)[settings.RONDA.language]
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            required=False,
            choices=[
                ("", _("As the installation (%(language)s)") % {"language": own}),
                *settings.LANGUAGES,
            ],
        )


class AuditFilterForm(forms.Form):
    """Which part of the trail to show; everything is optional."""

    actor = forms.CharField(label=_("Who"), required=False, max_length=150)
    action = forms.ChoiceField(label=_("Action"), required=False)
    text = forms.CharField(
        label=_("What"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    since = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    door = forms.ChoiceField(
        label=_("Door"), required=False, choices=[("", _("Any")), *AuditRow.Door.choices]
    )
    source = forms.CharField(label=_("From"), required=False, max_length=64)

    def __init__(self, *args: Any, actions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nouns = sorted({action.partition(".")[0] for action in actions})
        choices = [("", _("Any")), *((name, name) for name in sorted({*nouns, *actions}))]
        self.fields["action"] = forms.ChoiceField(
            label=_("Action"), required=False, choices=choices
        )

    def criteria(self) -> dict[str, Any]:
        """What `audit.rows` takes; days begin and end in the installation's zone."""
        if not self.is_valid():
            return {}
        chosen = {
            name: self.cleaned_data[name] for name in ("actor", "action", "text", "door", "source")
        }
        if self.cleaned_data["since"]:
            chosen["since"] = _midnight(self.cleaned_data["since"])
        if self.cleaned_data["until"]:
            chosen["until"] = _midnight(self.cleaned_data["until"] + timedelta(days=1))
        return chosen


class LoginForm(AllauthLoginForm):  # type: ignore[misc] # allauth has no types
    """allauth's form, which calls the first field by what people type there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail address")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(AllauthChangePasswordForm):  # type: ignore[misc] # allauth has no types
    """allauth's form, which also refuses the password one already has."""

    def clean_password1(self) -> str:
        """The new password."""
        password: str = self.cleaned_data["password1"]
        if self.user and self.user.check_password(password):
            raise forms.ValidationError(_("This is your present password; choose another one."))
        return password


def role_field(actor: Person, initial: Role) -> forms.ChoiceField:
    """A choice among the roles that `actor` may give."""
    choices = [(role, Role(role).label) for role in rules.roles_to_give(actor.role)]
    return forms.ChoiceField(label=_("Role"), choices=choices, initial=initial.value)


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
