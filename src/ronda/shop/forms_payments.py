"""What people type about ways to pay, checked before it is stored."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.shop.models import MethodPicture, PaymentMethod
from ronda.shop.payments.registry import KINDS
from ronda.shop.rules import qris
from ronda.shop.service import methods
from ronda.shop.service.pictures import Drawn, NoPicture, redraw

Kind = PaymentMethod.Kind
WALLETS = ("GoPay", "OVO", "DANA", "LinkAja", "ShopeePay")
PICTURE_SIDE = 1000
#: What stands in a credential's field when there is one; typing replaces it.
KEPT = "••••••••"


class MethodForm(forms.Form):
    """What every way to pay has."""

    name = forms.CharField(label=gettext_lazy("Name that buyers see"), max_length=60, strip=True)
    position = forms.IntegerField(
        label=gettext_lazy("Place in the list"),
        min_value=1,
        max_value=999,
        required=False,
        help_text=gettext_lazy("Smaller comes first. Empty: at the end."),
    )
    active = forms.BooleanField(label=gettext_lazy("Offered to buyers"), required=False)

    def __init__(self, method: PaymentMethod, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method = method

    def settings(self) -> methods.Settings:
        """What was typed, for the service."""
        told = self.cleaned_data
        return methods.Settings(
            name=told["name"],
            active=told["active"],
            live=told.get("live", False),
            position=told["position"],
            shown=self.shown(),
        )

    def shown(self) -> dict[str, str]:
        """What buyers see."""
        return {}


class NumberForm(MethodForm):
    """A bank account, or the number of an e-wallet."""

    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=40, strip=True)
    holder = forms.CharField(label=gettext_lazy("Account holder"), max_length=80, strip=True)
    number = forms.RegexField(
        r"^[0-9 .-]{5,34}$",
        label=gettext_lazy("Number"),
        strip=True,
        error_messages={"invalid": gettext_lazy("Digits only, for example 0123 4567 890.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, method: PaymentMethod, *args: Any, **kwargs: Any) -> None:
        super().__init__(method, *args, **kwargs)
        if method.kind == Kind.WALLET:
            self.fields["bank"] = forms.ChoiceField(
                label=_("E-wallet"), choices=[(one, one) for one in WALLETS]
            )

    def shown(self) -> dict[str, str]:
        told = self.cleaned_data
        return {name: told[name] for name in ("bank", "holder", "number")}


class QrisForm(MethodForm):
    """A printed QRIS as a picture, as text, or both."""

    picture = forms.FileField(
        label=gettext_lazy("Picture of your QRIS"),
        required=False,
        help_text=gettext_lazy(
            "PNG, JPEG or WebP, at most 2 MB. It is drawn anew and cut to 1000 pixels."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    qris = forms.CharField(
        label=gettext_lazy("Text in the QR code"),
        required=False,
        max_length=600,
        help_text=gettext_lazy(
            "Begins with 000201; any QR reader shows it. With it buyers get a QR that holds the amount already."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )
    drawn: Drawn | None = None

    def clean_picture(self) -> None:
        """Draw the picture anew."""
        given = self.cleaned_data.get("picture")
        if given is None:
            return
        try:
            self.drawn = redraw(given.read(), most_side=PICTURE_SIDE)
        except NoPicture as error:
            raise ValidationError(str(error)) from None

    def clean_qris(self) -> str:
        """Read the text, so that a mistyped one is noticed now and not by a buyer."""
        text = "".join(self.cleaned_data["qris"].split("\n")).strip()
        if not text:
            return ""
        try:
            read = qris.read(text)
        except qris.NoQris as error:
            raise ValidationError(_why(error)) from None
        if not read.is_static:
            raise ValidationError(
                _("This code holds an amount already and can be paid once. Take your printed one.")
            )
        return text

    def clean(self) -> dict[str, Any]:
        """One of both is needed."""
        told = super().clean() or {}
        has_picture = self.drawn or (
            self.method.pk and MethodPicture.objects.filter(method=self.method).exists()
        )
        if not self.errors and not told.get("qris") and not has_picture:
            raise ValidationError(_("Give the picture of your QRIS, or the text in it."))
        return told

    def settings(self) -> methods.Settings:
        plain = super().settings()
        if self.drawn is None:
            return plain
        return methods.Settings(
            name=plain.name,
            active=plain.active,
            position=plain.position,
            shown=plain.shown,
            png=self.drawn.png,
            digest=self.drawn.digest,
        )

    def shown(self) -> dict[str, str]:
        text = self.cleaned_data["qris"]
        return {"qris": text, "holder": qris.read(text).merchant} if text else {}


def _why(error: qris.NoQris) -> str:
    return {
        "format": _("This is no QRIS text; it begins with 000201 and is one long line."),
        "checksum": _("The checksum does not fit: a character is missing or mistyped."),
        "currency": _("This code is not for rupiah in Indonesia."),
    }[error.why]


class GatewayForm(MethodForm):
    """A gateway's channel and credentials. What is stored is never shown again, unless it is no secret."""

    live = forms.BooleanField(
        label=gettext_lazy("Real money"),
        required=False,
        help_text=gettext_lazy(
            "Off: the gateway's sandbox, with the sandbox's keys; nobody pays anything."
        ),
    )

    def __init__(self, method: PaymentMethod, *args: Any, **kwargs: Any) -> None:
        super().__init__(method, *args, **kwargs)
        kind = KINDS[method.kind]
        self.fields["channel"] = forms.CharField(
            label=_("Channel"),
            max_length=30,
            required=False,
            initial=method.shown.get("channel", kind.channels[0]),
            help_text=_("For example: %(channels)s") % {"channels": ", ".join(kind.channels)},
        )
        kept = methods.secrets_of(method)
        for need in kind.needs:
            there = bool(kept.get(need.name))
            self.fields[need.name] = forms.CharField(
                label=need.label,
                required=False,
                max_length=300,
                strip=True,
                initial="" if need.secret else kept.get(need.name, ""),
                help_text=_("Stored; type to replace it.") if there and need.secret else "",
                widget=forms.PasswordInput(
                    attrs={
                        "autocomplete": "off",
                        "placeholder": KEPT if there else "",
                    }
                )
                if need.secret
                else forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def clean(self) -> dict[str, Any]:
        """What is offered needs every credential."""
        told = super().clean() or {}
        kept = methods.secrets_of(self.method)
        if told.get("active"):
            for need in KINDS[self.method.kind].needs:
                if not told.get(need.name) and not kept.get(need.name):
                    self.add_error(need.name, _("Needed before buyers may choose it."))
        return told

    def settings(self) -> methods.Settings:
        plain = super().settings()
        needs = KINDS[self.method.kind].needs
        return methods.Settings(
            name=plain.name,
            active=plain.active,
            live=plain.live,
            position=plain.position,
            shown=plain.shown,
            secrets={
                need.name: self.cleaned_data[need.name]
                for need in needs
                if self.cleaned_data.get(need.name)
            },
        )

    def shown(self) -> dict[str, str]:
        told = {"channel": self.cleaned_data["channel"].strip()}
        fake = self.method.shown.get(methods.FAKE)
        return {**told, methods.FAKE: fake} if fake else told


def form_of(
    method: PaymentMethod, data: QueryDict | None, files: MultiValueDict[str, Any] | None
) -> MethodForm:
    """The form of this kind of method, filled with what is set."""
    initial = {
        "name": method.name or str(method.get_kind_display()),
        "active": method.active,
        "live": method.live,
        "position": method.position or None,
        **method.shown,
    }
    if method.kind in KINDS:
        return GatewayForm(method, data, files, initial=initial)
    if method.kind == Kind.QRIS:
        return QrisForm(method, data, files, initial=initial)
    return NumberForm(method, data, files, initial=initial)
