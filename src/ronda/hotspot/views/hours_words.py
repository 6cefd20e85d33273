"""Hours of access in people's words."""

from typing import Any

from django.utils import timezone

from ronda.hotspot.hours_forms import DAY_NAMES
from ronda.hotspot.models import AccessHours
from ronda.hotspot.rules.windows import Zone, next_change, write_time
from ronda.hotspot.service import hours


def line_of(row: AccessHours) -> dict[str, Any]:
    """One row in people's words."""
    names = dict(DAY_NAMES)
    return {
        "row": row,
        "windows": [
            {
                "days": ", ".join(str(names[str(day)]) for day in sorted(window.days)),
                "start": write_time(window.start),
                "end": write_time(window.end),
            }
            for window in hours.windows_of(row)
        ],
        "next": next_change(hours.windows_of(row), Zone(row.zone), timezone.now()),
    }
