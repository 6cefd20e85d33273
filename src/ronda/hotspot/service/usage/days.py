"""The days of the installation's zone."""

from datetime import date, datetime

from django.utils import timezone


def local_day(at: datetime) -> date:
    """The day of the installation's zone that a moment lies in."""
    return at.astimezone(timezone.get_default_timezone()).date()
