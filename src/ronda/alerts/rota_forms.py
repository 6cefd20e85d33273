"""The forms of rotas: who is on call in turns, and who takes whose place."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.accounts.models import Person
from ronda.alerts.models import Rota
from ronda.alerts.service.duty import is_near
from ronda.alerts.service.ruling_words import Names

PLACES = 10


class RotaForm(forms.Form):
    """Name, handover and the people in the order of their turns."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    days = forms.TypedChoiceField(label=gettext_lazy("A turn lasts"), coerce=int)
    first_day = forms.DateField(
        label=gettext_lazy("The first of them begins on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    handover_at = forms.TimeField(
        label=gettext_lazy("Handover at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    zone = forms.ChoiceField(label=gettext_lazy("by the clock of"))

    def __init__(self, data: Any, rota: Rota) -> None:
        """The form of this rota, kept or new."""
        self.rota = rota
        turns = list(rota.turns.all()) if rota.pk else []
        initial: dict[str, Any] = {
            "name": rota.name,
            "days": rota.days,
            "first_day": rota.first_day if rota.pk else timezone.localdate(),
            "handover_at": rota.handover_at if rota.pk else "08:00",
            "zone": rota.zone if rota.pk else settings.TIME_ZONE,
        }
        initial |= {f"person_{place}": turn.person_id for place, turn in enumerate(turns)}
        super().__init__(data, initial=initial)
        days = [(1, _("a day")), (7, _("a week")), (14, _("two weeks"))]
        self.fields["days"].choices = days  # type: ignore[attr-defined] # a choice field
        zones = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
        zones.setdefault(initial["zone"], initial["zone"])
        self.fields["zone"].choices = list(zones.items())  # type: ignore[attr-defined] # a choice field
        people = [("", "-"), *Names().people.items()]
        for place in range(PLACES):
            self.fields[f"person_{place}"] = forms.TypedChoiceField(
                label=_("Turn %(number)d") % {"number": place + 1},
                choices=people,
                coerce=int,
                empty_value=None,
                required=place == 0,
            )

    @property
    def turns(self) -> list[Any]:
        """The fields of the people."""
        return [self[f"person_{place}"] for place in range(PLACES)]

    def clean(self) -> dict[str, Any]:
        """Nobody has two turns."""
        values = super().clean() or {}
        chosen = [one for n in range(PLACES) if (one := values.get(f"person_{n}"))]
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("Somebody is there twice."))
        return values

    def row(self) -> Rota:
        """The rota as the form has it."""
        for name in ("name", "days", "first_day", "handover_at", "zone"):
            setattr(self.rota, name, self.cleaned_data[name])
        return self.rota

    def people(self) -> list[Person]:
        """The people in the order of their turns."""
        chosen = [self.cleaned_data[f"person_{place}"] for place in range(PLACES)]
        found = Person.objects.in_bulk([one for one in chosen if one])
        return [found[one] for one in chosen if one]


class SwapForm(forms.Form):
    """Who takes whose place, and when, by the rota's clock."""

    person = forms.TypedChoiceField(label=gettext_lazy("On call is"), coerce=int)
    begin = forms.DateTimeField(
        label=gettext_lazy("from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    end = forms.DateTimeField(
        label=gettext_lazy("until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    note = forms.CharField(label=gettext_lazy("why"), max_length=120, required=False)

    def __init__(self, data: Any, rota: Rota) -> None:
        """For this rota."""
        super().__init__(data, prefix=f"rota{rota.pk}")
        self.zone = ZoneInfo(rota.zone)
        self.fields["person"].choices = list(Names().people.items())  # type: ignore[attr-defined] # a choice field

    def _there(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=self.zone)

    def clean(self) -> dict[str, Any]:
        """It ends after it begins, and within a year."""
        values = super().clean() or {}
        begin, end = values.get("begin"), values.get("end")
        if begin and end:
            values["begin"], values["end"] = self._there(begin), self._there(end)
            if not is_near(values["begin"], values["end"], timezone.now()):
                raise ValidationError(_("It has to end after it begins, and within a year."))
        return values
