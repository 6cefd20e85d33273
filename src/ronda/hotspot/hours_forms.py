"""Hours of access as people type them: days, from, till, and the zone they are meant in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.hotspot.models import AccessHours
from ronda.hotspot.rules.windows import NoTime, Window, Zone, parse_time, write_time
from ronda.hotspot.service.hours import windows_of

DAY_NAMES = (
    ("0", gettext_lazy("Mon")),
    ("1", gettext_lazy("Tue")),
    ("2", gettext_lazy("Wed")),
    ("3", gettext_lazy("Thu")),
    ("4", gettext_lazy("Fri")),
    ("5", gettext_lazy("Sat")),
    ("6", gettext_lazy("Sun")),
)
#: As many windows as fit a form; a week rarely needs more than two.
WINDOWS = 3


class TimeField(forms.CharField):
    """A time of day, minutes; None when left empty."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.TextInput(attrs={"placeholder": "08:00", "inputmode": "numeric"}),
        )

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        if not text:
            return None
        try:
            return parse_time(text)
        except NoTime:
            raise ValidationError(
                _("“%(text)s” is no time of day. Write 08:00 or 17.30.") % {"text": text[:20]}
            ) from None


class HoursForm(forms.Form):
    """Up to three windows; with none of them access is always open."""

    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[
            ("WIB", gettext_lazy("WIB (western Indonesia, UTC+7)")),
            ("WITA", gettext_lazy("WITA (central Indonesia, UTC+8)")),
            ("WIT", gettext_lazy("WIT (eastern Indonesia, UTC+9)")),
        ],
    )

    def __init__(self, data: Any = None, *, hours: AccessHours | None = None) -> None:
        initial: dict[str, Any] = {"zone": hours.zone if hours else "WIB"}
        for place, window in enumerate(windows_of(hours) if hours else ()):
            initial[f"days_{place}"] = [str(day) for day in sorted(window.days)]
            initial[f"from_{place}"] = write_time(window.start)
            initial[f"till_{place}"] = write_time(window.end)
        super().__init__(data, initial=initial)
        for place in range(WINDOWS):
            self.fields[f"days_{place}"] = forms.MultipleChoiceField(
                label=gettext_lazy("Days"),
                required=False,
                choices=DAY_NAMES,
                widget=forms.CheckboxSelectMultiple,
            )
            self.fields[f"from_{place}"] = TimeField(gettext_lazy("From"))
            self.fields[f"till_{place}"] = TimeField(gettext_lazy("Till"))

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The bound fields of each window, for the page."""
        return [
            (self[f"days_{place}"], self[f"from_{place}"], self[f"till_{place}"])
            for place in range(WINDOWS)
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for place in range(WINDOWS):
            given = [values.get(f"{name}_{place}") for name in ("days", "from", "till")]
            filled = [
                given[0] != [] and given[0] is not None,
                given[1] is not None,
                given[2] is not None,
            ]
            failed = {f"from_{place}", f"till_{place}"} & self.errors.keys()
            if any(filled) and not all(filled) and not failed:
                self.add_error(
                    f"from_{place}",
                    _("Choose days, and write both times; or leave the line empty."),
                )
        return values

    def windows(self) -> list[Window]:
        """What was typed; only after it was found valid."""
        given = self.cleaned_data
        return [
            Window(
                frozenset(int(day) for day in given[f"days_{place}"]),
                given[f"from_{place}"],
                given[f"till_{place}"],
            )
            for place in range(WINDOWS)
            if given[f"days_{place}"]
        ]

    def chosen_zone(self) -> Zone:
        """The zone that was chosen."""
        return Zone(self.cleaned_data["zone"])
