"""What people type about money at the counter, checked; amounts as people write them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.accounts.models import Person, Role
from ronda.devices.service.scope import mine
from ronda.kernel.money import read_rupiah, rupiah
from ronda.shop.models import Batch

#: More in one go is a slip of the finger.
MOST_IDR = 1_000_000_000


class RupiahField(forms.Field):
    """Whole rupiah: `50000`, `50.000`, `Rp 50.000`."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, least: int = 0, **given: Any) -> None:
        super().__init__(**given)
        self.least = least

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()[:40]
        if not text:
            return None
        try:
            amount = read_rupiah(text)
        except ValueError:
            raise ValidationError(_("Write whole rupiah, such as 50.000.")) from None
        if not self.least <= amount <= MOST_IDR:
            raise ValidationError(
                _("Write an amount from %(least)d to %(most)d.")
                % {"least": self.least, "most": MOST_IDR}
            )
        return amount


class TopUpForm(forms.Form):
    """Money that a reseller sent."""

    amount = RupiahField(label=gettext_lazy("Amount"), least=1)
    picture = forms.FileField(label=gettext_lazy("Proof (picture)"), required=False)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)


class TermsForm(forms.Form):
    """What a reseller keeps, and how much they may owe."""

    percent = forms.IntegerField(
        label=gettext_lazy("Commission in percent"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("Empty: they keep what lies above the reseller price of a package."),
    )
    credit = RupiahField(label=gettext_lazy("May owe up to"), required=False)


class OpenForm(forms.Form):
    """A drawer before a shift."""

    counted = RupiahField(label=gettext_lazy("Cash in the drawer now"))


class CloseForm(forms.Form):
    """A drawer after a shift; what differs from the books needs a word of why, since a slip cannot be taken back."""

    counted = RupiahField(label=gettext_lazy("Cash counted"))
    left = RupiahField(
        label=gettext_lazy("Stays in the drawer"),
        required=False,
        help_text=gettext_lazy("The rest is handed over to the owner."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, books: int, **named: Any) -> None:
        super().__init__(*args, **named)
        self._books = books

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["left"] = values.get("left") or 0
        differs = (values["counted"] - self._books) if values.get("counted") is not None else 0
        if differs and not values.get("note"):
            said = (
                _("%(amount)s lacks. Count again, or write here why.")
                if differs < 0
                else _("%(amount)s is too much. Count again, or write here why.")
            )
            self.add_error("note", said % {"amount": rupiah(abs(differs))})
        if values.get("counted") is not None and values["left"] > values["counted"]:
            self.add_error("left", _("No more can stay in the drawer than was counted."))
        return values


def _batch(text: str) -> Batch:
    return Batch.objects.select_related("package").get(pk=int(text))


class WriteOffForm(forms.Form):
    """Printed vouchers of a batch that are lost or damaged, by their serial numbers."""

    from_batch = forms.TypedChoiceField(label=gettext_lazy("Batch"), coerce=_batch)
    first = forms.IntegerField(
        label=gettext_lazy("From number"), min_value=1, max_value=20_000, initial=1
    )
    last = forms.IntegerField(
        label=gettext_lazy("To number"),
        min_value=1,
        max_value=20_000,
        initial=1,
        help_text=gettext_lazy("As printed on the tickets, counted within the batch."),
    )
    reason = forms.CharField(label=gettext_lazy("What happened"), max_length=120)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        batches: Any = self.fields["from_batch"]
        batches.choices = _batches()

    def clean(self) -> dict[str, Any]:
        """The last is not before the first."""
        given = super().clean() or {}
        if given.get("first") and given.get("last") and given["last"] < given["first"]:
            self.add_error("last", _("This is before the first number."))
        return given


def _batches() -> list[tuple[str, str]]:
    found = mine(Batch.objects.select_related("package"), "router__site").order_by("-pk")
    return [
        (str(one.pk), f"#{one.pk} {one.package.name} {one.note}".strip()) for one in found[:200]
    ]


class HandForm(forms.Form):
    """Vouchers of a batch for somebody's stock."""

    batch = forms.TypedChoiceField(label=gettext_lazy("Batch"), coerce=_batch)
    count = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=20_000)
    holder = forms.ModelChoiceField(
        label=gettext_lazy("Who gets them"), queryset=Person.objects.none()
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        batches: Any = self.fields["batch"]
        batches.choices = _batches()
        people: Any = self.fields["holder"]
        people.queryset = Person.objects.filter(
            role__in=(Role.RESELLER, Role.CASHIER), is_active=True
        ).order_by("username")
