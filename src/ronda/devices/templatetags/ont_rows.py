"""Rows of the list of ONTs, and the areas that chosen ones can be put into."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ronda.web import rows
from ronda.web.templatetags import ronda

register = template.Library()


@register.simple_tag
def ont_row(ont: Mapping[str, Any], may_edit: bool) -> SafeString:
    """The row of an ONT as `devices.service.onts.told` gives it."""
    watched = bool(ont["monitored"] and ont["address"])
    location = ont["location"]
    return rows.row(
        "devices/ont_row.html",
        (("may_edit", may_edit), ("watched", watched), ("addressed", bool(ont["address"]))),
        id=ont["id"],
        link=ronda.address_at("devices:ont", ont["id"]),
        name=ont["name"],
        location=format_html('<small class="under">{}</small>', location) if location else "",
        status=ronda.status(ont["state"], ont["flapping"], ont["degraded"]),
        since=ronda.lasting(ont["since"]),
        customer=ont["customer_id"],
        address=ont["address"],
        area=ont["area"],
    )


@register.simple_tag
def area_options(areas: Iterable[tuple[int, str, str]]) -> SafeString:
    """An `<option>` for each area, given its id, its name and that of its site."""
    return format_html_join("", '<option value="{}">{} ({})</option>', areas)
