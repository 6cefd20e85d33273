"""What a buyer types."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronda.kernel.money import rupiah
from ronda.kernel.phones import read_phone
from ronda.shop.models import PaymentMethod

#: So many months a member may pay at once.
MONTHS = (1, 3, 6, 12)


class PaidForm(forms.Form):
    """A form that ends in one of the ways to pay."""

    def __init__(self, data: Any, methods: list[PaymentMethod]) -> None:
        super().__init__(data)
        self.methods = {method.pk: method for method in methods}
        self.fields["method"] = forms.TypedChoiceField(
            label=gettext_lazy("Pay by"),
            coerce=int,
            choices=[(method.pk, method.name) for method in methods],
            widget=forms.RadioSelect,
            initial=methods[0].pk if methods else None,
            required=bool(methods),
            empty_value=None,
        )

    @property
    def chosen(self) -> PaymentMethod | None:
        """The payment method that was chosen, None where the shop has none."""
        return self.methods.get(self.cleaned_data.get("method") or 0)


class BuyForm(PaidForm):
    """Who buys and how they pay; the price is none of the form's business."""

    phone = forms.CharField(
        label=gettext_lazy("Phone number (WhatsApp)"),
        max_length=30,
        help_text=gettext_lazy(
            "For example 0812 3456 7890. By it we find your order when you ask."
        ),
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "enterkeyhint": "next"}
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_phone(self) -> str:
        """The number in its one spelling."""
        return _number(self.cleaned_data["phone"])

    def clean_name(self) -> str:
        """The name without line breaks and doubled spaces."""
        return " ".join(str(self.cleaned_data["name"]).split())


class MonthsForm(PaidForm):
    """How many months a member pays, and how."""

    def __init__(self, data: Any, methods: list[PaymentMethod], price_idr: int) -> None:
        super().__init__(data, methods)
        self.fields["months"] = forms.TypedChoiceField(
            label=gettext_lazy("Months"),
            coerce=int,
            choices=[(months, _months(months, price_idr)) for months in MONTHS],
            widget=forms.RadioSelect,
            initial=1,
        )
        self.order_fields(["months", "method"])


def _months(months: int, price_idr: int) -> str:
    said = ngettext("%(count)d month", "%(count)d months", months) % {"count": months}
    return f"{said} · {rupiah(price_idr * months)}"


class FindForm(forms.Form):
    """Whose orders are looked for."""

    phone = forms.CharField(
        label=gettext_lazy("The number you ordered with"),
        max_length=30,
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "enterkeyhint": "next"}
        ),
    )

    def clean_phone(self) -> str:
        """The number in its one spelling."""
        return _number(self.cleaned_data["phone"])


class CodeForm(forms.Form):
    """The code that was sent."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "enterkeyhint": "done"}
        ),
    )

    def clean_code(self) -> str:
        """Its digits."""
        return "".join(one for one in self.cleaned_data["code"] if one.isdigit())


def _number(text: str) -> str:
    try:
        return read_phone(text)
    except ValueError:
        raise forms.ValidationError(
            _("This is no phone number. Write it like 0812 3456 7890.")
        ) from None
