"""Filters of the orders, and what staff decide about them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ronda.devices.fields import SeenField
from ronda.devices.service.scope import here
from ronda.routers.models import Router
from ronda.shop.models import Order, Package, PaymentMethod
from ronda.shop.service.order_lists import Filter
from ronda.shop.service.packages import sold_within

_ALL = ("", _("All"))


class OrderFilters(forms.Form):
    """The filters of the list; what does not fit is ignored, since addresses are kept and shared."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Number, name, phone, code")}
        ),
    )
    state = forms.ChoiceField(
        label=_("Status"), required=False, choices=[_ALL, *Order.State.choices]
    )
    package = forms.ModelChoiceField(
        Package.objects.all(), label=_("Package"), required=False, empty_label=_("All")
    )
    method = forms.ModelChoiceField(
        PaymentMethod.objects.all(), label=_("Paid by"), required=False, empty_label=_("All")
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        package: Any = self.fields["package"]
        package.queryset = sold_within(package.queryset, here())

    def wanted(self, sort: str = "-made") -> Filter:
        """What fits."""
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        package, method = given.get("package"), given.get("method")
        return Filter(
            text=given.get("q") or "",
            state=given.get("state") or "",
            package=package.pk if package else None,
            method=method.pk if method else None,
            since=given.get("since"),
            until=given.get("until"),
            sort=sort,
        )


class RefundForm(forms.Form):
    """Why money is given back."""

    reason = forms.CharField(label=_("Reason"), max_length=150)


class MoveForm(forms.Form):
    """Another router."""

    router = SeenField(Router.objects.in_use(), label=_("Another router"))
