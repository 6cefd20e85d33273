"""Times in notices."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format


def clock(iso: object) -> str:
    """The local time of day, with the date when it is not today's."""
    if not isinstance(iso, str):
        return "?"
    at = timezone.localtime(datetime.fromisoformat(iso))
    if at.date() == timezone.localdate():
        return date_format(at, "H:i")
    return date_format(at, "j M H:i")
