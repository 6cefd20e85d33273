"""The number of unread notices, for the menu of every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ronda.alerts.service import unread_count


def unread(request: HttpRequest) -> dict[str, Any]:
    """Template context: `notices_unread`, counted only where a page shows it to someone signed in."""
    if not getattr(getattr(request, "user", None), "is_authenticated", False):
        return {}
    return {"notices_unread": SimpleLazyObject(unread_count)}
