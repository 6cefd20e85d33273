"""What every page knows from the settings that can be changed live."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ronda.shop.service.branding import branding
from ronda.work import tuning


def tuned(_request: HttpRequest) -> dict[str, Any]:
    """Template context of every page: the site's name in force, and the shop's look, asked for when it is shown."""
    return {"site_name": tuning.value("site_name"), "look": SimpleLazyObject(branding)}
