"""The layout editor, and what is to be printed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.kernel.template import BadTemplate, Reason
from ronda.shop.models import Layout
from ronda.shop.printing import paper, template
from ronda.shop.service import layouts
from ronda.shop.service.printing import Selection

REASONS: dict[Reason, str | Promise] = {
    Reason.UNKNOWN_FIELD: gettext_lazy("there is no field “%(what)s”"),
    Reason.LONE_BRACE: gettext_lazy(
        "“%(what)s” stands alone; a field is {code}, and a brace itself is written twice"
    ),
    Reason.UNCLOSED: gettext_lazy("the section “%(what)s” is not closed; write {/%(what)s}"),
    Reason.WRONG_END: gettext_lazy("{/%(what)s} closes no section that is open here"),
    Reason.NOT_ALONE: gettext_lazy("{%(what)s} needs a line of its own, without # ! or -"),
    Reason.NO_CODE: gettext_lazy("the ticket does not say its {code}, outside of any section"),
    Reason.TOO_LONG: gettext_lazy("a ticket has at most 40 lines and 2,000 characters"),
}


def words_for(error: BadTemplate) -> str:
    """Why a template is refused, as a sentence."""
    reason = REASONS[error.reason] % {"what": error.what}
    return _("Line %(line)d: %(reason)s.") % {"line": error.line, "reason": reason}


class LayoutForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own takes no argument at run time
    """One layout. Fields that do not belong to the chosen paper keep what they had."""

    class Meta:
        model = Layout
        fields = layouts.FIELDS
        help_texts = {
            "login_base": gettext_lazy(
                "Name or address of the hotspot for the QR code. Empty: what each router says of itself."
            ),
        }
        widgets = {
            "template": forms.Textarea(
                attrs={"rows": 14, "spellcheck": "false", "class": "ticket-text"}
            ),
            "label": forms.Select(choices=[(key, one.name) for key, one in paper.LABELS.items()]),
            "roll_mm": forms.Select(choices=[(width, f"{width} mm") for width in paper.ROLLS]),
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for name, most in (("columns", 8), ("rows", 20), ("margin_mm", 40), ("gap_mm", 20)):
            field = self.fields[name]
            least = 1 if name in ("columns", "rows") else 0
            field.widget.attrs |= {"min": least, "max": most, "inputmode": "numeric"}
            field.validators = [_between(least, most)]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if Layout.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another layout has this name."))
        return name

    def clean_label(self) -> str:
        return str(_one_of(self.cleaned_data["label"], paper.LABELS))

    def clean_roll_mm(self) -> int:
        return int(_one_of(self.cleaned_data["roll_mm"], paper.ROLLS))

    def clean_login_base(self) -> str:
        base = str(self.cleaned_data["login_base"]).strip().rstrip("/")
        place = base.partition("://")[2] if base.startswith(("http://", "https://")) else base
        if base and not _is_place(place):
            raise ValidationError(
                _("Write a name or address such as login.example.net or 10.5.50.1.")
            )
        return base

    def clean_template(self) -> str:
        text = str(self.cleaned_data["template"]).replace("\r\n", "\n")
        try:
            template.read(text)
        except BadTemplate as error:
            raise ValidationError(words_for(error)) from None
        return text

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and values.get("kind") == Layout.Kind.GRID:
            try:
                paper.grid(
                    values["columns"],
                    values["rows"],
                    margin_mm=values["margin_mm"],
                    gap_mm=values["gap_mm"],
                )
            except paper.TooSmall as error:
                size = {"width": error.args[0], "height": error.args[1]}
                self.add_error(
                    "columns",
                    _(
                        "Each ticket would be %(width)s x %(height)s mm; nobody can read less than"
                        " 24 x 14 mm. Take fewer columns or rows, or a smaller margin."
                    )
                    % size,
                )
        return values

    def _get_validation_exclusions(self) -> set[str]:
        # The name is checked above, in words that say what to do.
        return {*super()._get_validation_exclusions(), "name"}  # type: ignore[misc]


def _between(least: int, most: int) -> Any:
    def check(value: int) -> None:
        if not least <= value <= most:
            raise ValidationError(
                _("Between %(least)d and %(most)d.") % {"least": least, "most": most}
            )

    return check


def _one_of(value: Any, known: Any) -> Any:
    if value not in known:
        raise ValidationError(_("Choose one of the list."))
    return value


def _is_place(text: str) -> bool:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]/_~")
    return bool(text) and set(text) <= allowed and not text.startswith(("/", ".", ":"))


class PrintForm(forms.Form):
    """What is to be printed, and on what."""

    layout = forms.ChoiceField(label=gettext_lazy("Layout"), required=False)
    first = forms.IntegerField(label=gettext_lazy("From number"), required=False, min_value=1)
    last = forms.IntegerField(label=gettext_lazy("To number"), required=False, min_value=1)
    unsold = forms.BooleanField(label=gettext_lazy("Only unsold ones"), required=False)
    unprinted = forms.BooleanField(label=gettext_lazy("Only those never printed"), required=False)
    batch = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    voucher = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.layouts = layouts.present()
        field = self.fields["layout"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- stated above
        field.choices = [(str(one.pk), one.name) for one in self.layouts]
        for name in ("first", "last"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", _("It is below the first number."))
        return values

    def chosen_layout(self) -> Layout:
        """The layout that was chosen, the first without a choice."""
        wanted = str(self.cleaned_data.get("layout") or "")
        return next((one for one in self.layouts if str(one.pk) == wanted), self.layouts[0])

    def selection(self) -> Selection:
        """What was chosen; only after it was found valid."""
        names = ("batch", "voucher", "first", "last", "unsold", "unprinted")
        return Selection(**{name: self.cleaned_data[name] for name in names})
