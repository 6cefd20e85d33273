"""What every page knows from the settings that can be changed live."""

from typing import Any

from django.http import HttpRequest

from ronda.work import tuning


def tuned(_request: HttpRequest) -> dict[str, Any]:
    """Template context of every page: the site's name in force."""
    return {"site_name": tuning.value("site_name")}
