"""From what a form holds to what a change needs; the page and the API enter by the same words."""

from collections.abc import Mapping
from typing import Any

from ronda.devices.service import sites


def values_of_form(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of an ONT for `changes.apply`; the name of a new area makes the area.

    Call it inside the transaction of the change, so that a refused one leaves no area behind.
    """
    values = {name: value for name, value in cleaned.items() if name != "version"}
    if "site" in values:
        values["site_id"] = values.pop("site").pk
        area = sites.area_named(values["site_id"], values.pop("area"))
        values["area_id"] = area.pk if area else None
    return values
