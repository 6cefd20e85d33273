"""What people may ask of the list of notices."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ronda.alerts.models import Notice

KINDS = [
    ("", _("All")),
    ("down", _("Went down")),
    ("up", _("Came back")),
    ("brief", _("Down for a moment")),
    ("flapping", _("Unstable")),
    ("settled", _("Stable again")),
    ("away", _("While the watch was off")),
    ("never", _("Never answered")),
    ("poller", _("The watch itself")),
    ("import", _("Imports")),
    ("restore", _("Restores")),
    ("undo", _("Undone changes")),
    ("delete", _("Deletions")),
    ("backup", _("Backups")),
    ("cleared", _("Hidden outages")),
    ("manual", _("Written by people or programs")),
]


class Filters(forms.Form):
    """Filters of the list; whatever does not fit is taken as "all"."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("About"), choices=KINDS, required=False)
    type = forms.ChoiceField(
        label=_("Type"), choices=[("", _("All")), *Notice.Type.choices], required=False
    )
    unread = forms.BooleanField(label=_("Only unread"), required=False)
    ont = forms.IntegerField(required=False, widget=forms.HiddenInput)
