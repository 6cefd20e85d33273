"""The filters of the outage pages; whatever does not fit is ignored, never an error page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from ronda.devices.fields import SeenField
from ronda.devices.models import Area, Category, Site
from ronda.kernel.ids import LARGEST_ID
from ronda.monitoring.service.outages import Wanted

if TYPE_CHECKING:
    Choices = ModelChoiceIterator[Area]
else:
    Choices = ModelChoiceIterator


class PlainSelect(forms.Select):
    """A select without a template for each option: 1,250 areas took 100 ms of a page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The whole element."""
        chosen = str(value or "")
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) == chosen else "", label)
                for key, label in self.choices
            ),
        )
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", attributes, options)


class _AreaChoices(Choices):
    """The choices as values: models of hundreds of areas and their sites cost half of a page."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for pk, name, site in self.queryset.values_list("pk", "name", "site__name"):
            yield pk, f"{name} ({site})"


class AreaField(SeenField):
    """Areas by name with their site, read in one query."""

    iterator = _AreaChoices


class OutageFilters(forms.Form):
    """Which outages are shown."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    site = SeenField(
        Site.objects.all(), path="pk", label=_("Site"), required=False, empty_label=_("All sites")
    )
    area = AreaField(
        label=_("Area"),
        required=False,
        queryset=Area.objects.select_related("site"),
        empty_label=_("All areas"),
        widget=PlainSelect,
    )
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("All")), *Category.choices]
    )
    ongoing = forms.ChoiceField(
        label=_("Outage"),
        required=False,
        choices=[("", _("All")), ("yes", _("Still going on")), ("no", _("Over"))],
    )
    start = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    end = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    ont = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput
    )

    def wanted(self) -> Wanted:
        """The question as the service takes it; fields that do not fit are left open."""
        self.is_valid()
        values = self.cleaned_data
        site, area = values.get("site"), values.get("area")
        return Wanted(
            ont=values.get("ont"),
            site=site.pk if site else None,
            area=area.pk if area else None,
            category=values.get("category") or "",
            ongoing={"yes": True, "no": False}.get(values.get("ongoing") or ""),
            start=midnight(values.get("start")),
            end=midnight(values.get("end"), days=1),
            search=values.get("q") or "",
        )


def midnight(day: date | None, *, days: int = 0) -> datetime | None:
    """The beginning of that day (or so many days later) in the installation's zone."""
    if day is None or not date(1971, 1, 1) <= day <= date(9000, 1, 1):
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))
