"""Which sites a person sees."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Site


class SitesForm(forms.Form):
    """One box for each site."""

    sites = forms.ModelMultipleChoiceField(
        label=_("Sites they see"),
        queryset=Site.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a tick they see every site."),
    )
