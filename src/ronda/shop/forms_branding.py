"""The settings of how the shop looks to buyers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.kernel.phones import read_phone
from ronda.shop.rules import contrast
from ronda.shop.service import pictures
from ronda.shop.service.branding import COLOUR, INK, Branding


class ColourField(forms.CharField):
    """A colour, `#rrggbb`."""

    def __init__(self, label: Any, **options: Any) -> None:
        widget = forms.TextInput(
            attrs={"type": "color", "class": "form-control form-control-color"}
        )
        super().__init__(label=label, widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        try:
            return contrast.read_colour(text)
        except ValueError:
            raise ValidationError(
                _("“%(text)s” is no colour. Write #rrggbb.") % {"text": text[:20]}
            ) from None


class ColoursForm(forms.Form):
    """Both colours; refused where one cannot be read on the other."""

    colour = ColourField(gettext_lazy("Colour of buttons"))
    ink = ColourField(gettext_lazy("Text on them"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        colour, ink = values.get("colour"), values.get("ink")
        if colour and ink and not contrast.is_readable(colour, ink):
            self.add_error(
                "ink",
                _(
                    "This text is hard to read on this colour: contrast %(ratio)s, at least 4.5 is needed. "
                    "Take %(better)s for the text."
                )
                % {
                    "ratio": f"{cut(contrast.ratio(colour, ink)):.1f}",
                    "better": _("white")
                    if contrast.better_ink(colour) == "#ffffff"
                    else _("black"),
                },
            )
        return values


class BrandingForm(ColoursForm):
    """Everything of the look. The logo is drawn anew, so nothing but its pixels is kept."""

    name = forms.CharField(
        label=gettext_lazy("Name of the shop"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Empty: the name of this installation."),
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=30)
    whatsapp = forms.CharField(
        label=gettext_lazy("WhatsApp"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("Buyers open a chat with one tap: 0812… or +62812…"),
    )
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=200)
    footer = forms.CharField(
        label=gettext_lazy("Line at the bottom"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("On the shop's pages and on prints."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 2 MB."),
    )
    drop_logo = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)

    field_order = ("name", "logo", "drop_logo", "colour", "ink")

    def __init__(self, data: Any = None, files: Any = None, *, look: Branding, name: str) -> None:
        super().__init__(
            data,
            files,
            initial={
                "name": name,
                "phone": look.phone,
                "whatsapp": f"+{look.whatsapp}" if look.whatsapp else "",
                "address": look.address,
                "footer": look.footer,
                "colour": look.colour or COLOUR,
                "ink": look.ink or INK,
            },
        )
        if not look.logo_digest:
            del self.fields["drop_logo"]

    def clean_whatsapp(self) -> str:
        text = str(self.cleaned_data["whatsapp"])
        if not text:
            return ""
        try:
            return read_phone(text).removeprefix("+")
        except ValueError:
            raise ValidationError(
                _("“%(text)s” is no telephone number. Write 0812… or +62812…") % {"text": text}
            ) from None

    def clean_logo(self) -> bytes | None:
        given = self.cleaned_data["logo"]
        if not given:
            return None
        if given.size > pictures.MOST_BYTES:
            raise ValidationError(_("The file is larger than 2 MB; make it smaller."))
        data = bytes(given.read())
        try:
            pictures.redraw(data)
        except pictures.NoPicture as problem:
            raise ValidationError(str(problem)) from None
        return data


def cut(ratio: float) -> float:
    """A ratio to one decimal, never rounded up: 4.49 is not 4.5."""
    return int(ratio * 10) / 10
