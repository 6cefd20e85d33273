"""Filters of the pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ronda.upkeep.rules.logs import SEVERITIES

WORDS = {
    "critical": _("Critical"),
    "error": _("Error or worse"),
    "warning": _("Warning or worse"),
    "info": _("Information or worse"),
    "debug": _("Everything"),
}


class LogFilters(forms.Form):
    """Which lines of a log."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    severity = forms.ChoiceField(
        label=_("How serious"),
        required=False,
        choices=[("", _("Everything")), *((word, WORDS[word]) for word in SEVERITIES[:4])],
    )
    topic = forms.CharField(label=_("Topic"), required=False, max_length=40)

    def wanted(self) -> dict[str, str]:
        """For `rules.logs.chosen`; a wrong filter filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        return {
            "text": given.get("q", ""),
            "severity": given.get("severity", ""),
            "topic": given.get("topic", "").strip(),
        }
