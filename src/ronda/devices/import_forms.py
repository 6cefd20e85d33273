"""The forms of import and export."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ronda.devices.fields import SeenField
from ronda.devices.formats.writing import WRITERS
from ronda.devices.models import Site
from ronda.devices.service.scope import mine

#: What a file dialog offers first; the content decides, not the name.
ACCEPT = ".json,.csv,.txt,.xlsx,.kml,.kmz,.geojson"
FORMAT_NAMES = {
    "xlsx": _("Excel workbook (.xlsx)"),
    "csv": _("CSV table"),
    "json": _("JSON in the older system's shape"),
    "onts-json": _("JSON in the older system's shape, with state"),
    "geojson": _("GeoJSON for maps"),
    "kml": _("KML for Google Earth"),
}


class UploadForm(forms.Form):
    """A file and the site its ONTs belong to; an unknown site is made."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT, "data-upload": ""}),
        help_text=_("JSON of the older systems, CSV, Excel (.xlsx), KML, KMZ or GeoJSON."),
        # Kept by its own words below: an empty file gets the same sentence as elsewhere.
        allow_empty_file=True,
        max_length=255,
    )
    site = forms.CharField(
        label=_("Site"),
        max_length=80,
        widget=forms.TextInput(attrs={"list": "sites", "autocomplete": "off"}),
        help_text=_("The town or project; a name that does not exist yet makes a new site."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = list(mine(Site.objects.all(), "pk").values_list("name", flat=True)[:200])
        if len(self.sites) == 1:
            self.fields["site"].initial = self.sites[0]

    def clean_site(self) -> str:
        """The name with single spaces."""
        name = " ".join(str(self.cleaned_data["site"]).split())
        if not name.isprintable():
            raise forms.ValidationError(_("The name holds a control character."))
        return name


class ExportForm(forms.Form):
    """Which ONTs, in which format."""

    format = forms.ChoiceField(
        label=_("Format"), choices=[(name, FORMAT_NAMES[name]) for name in FORMAT_NAMES]
    )
    site = SeenField(
        Site.objects.all(), path="pk", label=_("Site"), required=False, empty_label=_("All sites")
    )


class DuplicatesForm(forms.Form):
    """Where to look for duplicates."""

    site = SeenField(
        Site.objects.all(), path="pk", label=_("Site"), required=False, empty_label=_("All sites")
    )


assert FORMAT_NAMES.keys() == WRITERS.keys()  # noqa: S101 -- a format without a name stops the start
