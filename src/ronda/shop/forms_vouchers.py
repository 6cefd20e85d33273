"""What people type about vouchers and batches, checked before anything is made."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.accounts.models import Person
from ronda.devices.service.scope import mine
from ronda.routers.models import Router
from ronda.shop.models import Package, Voucher
from ronda.shop.rules import codes, entries
from ronda.shop.rules.codes import Alphabet, BadCode, Look
from ronda.shop.rules.terms import Span
from ronda.shop.service import making, packages
from ronda.shop.service.listing import DEFAULT, SORTS, Filter

_ALL = ("", gettext_lazy("All"))
ALPHABETS = {
    Alphabet.MIXED: gettext_lazy("small letters and digits (a7k3)"),
    Alphabet.LOWER: gettext_lazy("small letters (akmp)"),
    Alphabet.UPPER: gettext_lazy("capital letters (AKMP)"),
    Alphabet.UPPER_MIXED: gettext_lazy("capital letters and digits (A7K3)"),
    Alphabet.DIGITS: gettext_lazy("digits (2749)"),
}


def bad_code(problem: BadCode) -> str:
    """Why codes cannot be so, and what to do."""
    if problem.what == "count":
        return _(
            "With these letters and this length only %(most)d more can be made; choose longer codes."
        ) % {"most": problem.most}
    return {
        "length": _("A code has %(least)d to %(most)d characters without its prefix.")
        % {"least": codes.SHORTEST, "most": codes.LONGEST},
        "prefix": _("A prefix has at most %(most)d letters, digits, dots or dashes.")
        % {"most": codes.PREFIX_LONGEST},
    }.get(problem.what, _("A code has letters, digits and . _ @ + - only, and no spaces."))


class FilterForm(forms.Form):
    """The filters of the list; what does not fit is ignored, since addresses are kept and shared."""

    q = forms.CharField(
        label=gettext_lazy("Code begins with"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "autocapitalize": "none"}),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[_ALL, *Voucher.State.choices]
    )
    sold = forms.ChoiceField(
        label=gettext_lazy("Sale"),
        required=False,
        choices=[_ALL, ("yes", gettext_lazy("sold")), ("no", gettext_lazy("not sold"))],
    )
    package = forms.TypedChoiceField(
        label=gettext_lazy("Package"), required=False, coerce=int, empty_value=None
    )
    router = forms.TypedChoiceField(
        label=gettext_lazy("Router"), required=False, coerce=int, empty_value=None
    )
    batch = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self._choose("package", list(packages.present().values_list("pk", "name")))
        self._choose("router", list(mine(Router.objects.present()).values_list("pk", "name")))

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        field.choices = [_ALL, *choices]

    def wanted(self, sort: str) -> Filter:
        """What fits."""
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        if "q" in values:
            values["text"] = values.pop("q")
        return Filter(**values, sort=sort if sort.lstrip("-") in SORTS else DEFAULT)


class PlaceForm(forms.Form):
    """A package and the router on which its vouchers are made."""

    package = forms.ModelChoiceField(Package.objects.none(), label=gettext_lazy("Package"))
    router = forms.ModelChoiceField(Router.objects.none(), label=gettext_lazy("Router"))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Seen on the router too, such as the kiosk they are for."),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._offer("package", packages.present())
        self._offer("router", mine(Router.objects.in_use()).order_by("name"))
        routers = list(mine(Router.objects.in_use())[:2])
        if len(routers) == 1:
            self.fields["router"].initial = routers[0]

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        field.queryset = rows


class BatchForm(PlaceForm):
    """A new batch."""

    count = forms.IntegerField(
        label=gettext_lazy("How many"), min_value=1, max_value=making.MOST, initial=100
    )
    alphabet = forms.ChoiceField(
        label=gettext_lazy("Characters"),
        choices=[(str(key), text) for key, text in ALPHABETS.items()],
        help_text=gettext_lazy("Without those that look alike in print."),
    )
    length = forms.IntegerField(
        label=gettext_lazy("Length"),
        min_value=codes.SHORTEST,
        max_value=codes.LONGEST,
        initial=making.USUAL.length,
    )
    begins = forms.CharField(
        label=gettext_lazy("Prefix"), required=False, max_length=codes.PREFIX_LONGEST
    )
    separate_password = forms.BooleanField(
        label=gettext_lazy("A password of its own for each code"), required=False
    )
    seller = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("Handed to"),
        required=False,
        empty_label=gettext_lazy("nobody yet"),
    )

    field_order = (
        *("package", "count", "router", "alphabet", "length", "begins", "separate_password"),
        *("note", "seller"),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        sellers = Person.objects.filter(is_active=True, role__in=("cashier", "reseller", "admin"))
        self._offer("seller", sellers.order_by("username"))

    def look(self) -> Look | None:
        """What the codes look like, as far as it can be; errors are put on the fields."""
        values = self.cleaned_data
        try:
            return Look(
                Alphabet(values.get("alphabet") or Alphabet.MIXED),
                values.get("length") or 0,
                values.get("begins") or "",
            )
        except BadCode as problem:
            field = "begins" if problem.what == "prefix" else problem.what
            if field not in self.errors:
                self.add_error(field, bad_code(problem))
            return None


class ImportForm(PlaceForm):
    """A list of codes to be taken over."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        max_length=200,
        help_text=gettext_lazy(
            "A column with the codes, and one with passwords where they differ."
        ),
    )

    def text(self) -> str:
        """The file as text; it is refused where it is none."""
        content = self.cleaned_data["file"].read(4_000_000)
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return str(content.decode("cp1252", errors="replace"))


class ExtendForm(forms.Form):
    """More time or data for a voucher."""

    span = forms.CharField(
        label=gettext_lazy("More valid time"),
        required=False,
        help_text=gettext_lazy("Such as 1d, 12 jam or 1 bulan."),
    )
    online = forms.CharField(
        label=gettext_lazy("More time online"),
        required=False,
        help_text=gettext_lazy("Such as 5h or 90m; only where time online is limited."),
    )
    data_more = forms.CharField(
        label=gettext_lazy("More data"),
        required=False,
        help_text=gettext_lazy("Such as 500MB; only where data is limited."),
    )

    def clean_span(self) -> Span | None:
        """The span."""
        span: Span | None = self._read(entries.read_span, "span")
        return span

    def clean_online(self) -> int:
        """Seconds."""
        return self._read(entries.read_online, "online") or 0

    def clean_data_more(self) -> int:
        """Bytes."""
        return self._read(entries.read_size, "data_more") or 0

    def _read(self, reader: Any, name: str) -> Any:
        try:
            return reader(self.cleaned_data[name])
        except entries.Refused:
            raise ValidationError(_("This is not readable; write it like the example.")) from None


class PackageForm(forms.Form):
    """Another package for a voucher."""

    package = forms.ModelChoiceField(Package.objects.none(), label=gettext_lazy("Package"))

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        field = self.fields["package"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        field.queryset = packages.present()


class MoveForm(forms.Form):
    """Another router for a voucher."""

    router = forms.ModelChoiceField(Router.objects.none(), label=gettext_lazy("Router"))

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        field = self.fields["router"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        field.queryset = mine(Router.objects.in_use()).order_by("name")


class VoidForm(forms.Form):
    """Why a voucher is ended."""

    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=200)
