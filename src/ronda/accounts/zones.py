"""The time zones offered to people: Indonesia's first, then those of neighbours and of who helps from afar."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

HOME = [
    ("Asia/Jakarta", _("WIB: Jakarta, Sumatra, Java, West and Central Kalimantan")),
    ("Asia/Makassar", _("WITA: Makassar, Bali, Nusa Tenggara, Sulawesi")),
    ("Asia/Jayapura", _("WIT: Jayapura, Maluku, Papua")),
]
ELSEWHERE = (
    "Asia/Singapore",
    "Asia/Kuala_Lumpur",
    "Asia/Dili",
    "Asia/Manila",
    "Asia/Bangkok",
    "Asia/Hong_Kong",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Asia/Riyadh",
    "Australia/Darwin",
    "Australia/Perth",
    "Australia/Sydney",
    "Europe/Amsterdam",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)


def choices(present: str) -> list[Any]:
    """The choices of a form field; `present` is among them whatever it is."""
    known = {*ELSEWHERE, *(name for name, _label in HOME)}
    others = sorted({*ELSEWHERE} | ({present} - known - {""}))
    return [
        ("", _("As the installation (%(zone)s)") % {"zone": settings.TIME_ZONE}),
        (_("Indonesia"), HOME),
        (_("Elsewhere"), [(name, name.replace("_", " ")) for name in others]),
    ]
