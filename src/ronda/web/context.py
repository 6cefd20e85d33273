"""What every page knows without being told by its view."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


def page(request: HttpRequest) -> dict[str, Any]:
    """Template context of every page: site name, demo mark, the person's role and chosen theme."""
    theme = request.COOKIES.get("theme", "")
    return {
        "site_name": settings.RONDA.site_name,
        "demo": settings.RONDA.demo,
        "person_role": getattr(getattr(request, "user", None), "role", ""),
        "live_version": getattr(request, "live_version", None),
        "time_zone": timezone.get_current_timezone_name(),
        "theme": theme if theme in {"light", "dark"} else "auto",
    }
