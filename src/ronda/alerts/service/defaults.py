"""The rules that an installation begins with: sensible for one owner as for a crew, and changed at will."""

from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronda.alerts.models import AlertRule
from ronda.alerts.rules.occurrences import What

MINUTE = 60


def enter() -> int:
    """Make them where no rule was ever made; how many. Those that people removed do not come back."""
    if AlertRule.objects.exists():
        return 0
    now = timezone.now()
    with translation.override(settings.LANGUAGE_CODE):
        rows = [AlertRule(since=now, digested_at=now, **values) for values in _rules()]
    return len(AlertRule.objects.bulk_create(rows))


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "origin": "outages",
            "name": _("Outages"),
            "whats": [What.OUTAGE, What.REPEATED],
            "hold_s": 2 * MINUTE,
            "steps": [_step(0, "technician"), _step(15, "noc"), _step(60, "owner")],
        },
        {
            "origin": "routers",
            "name": _("Routers"),
            "whats": [What.ROUTER],
            "hold_s": MINUTE,
            "wakes": True,
            "steps": [_step(0, "technician", "noc"), _step(15, "owner", "admin")],
        },
        {
            "origin": "mass",
            "name": _("Mass outages and Ronda itself"),
            "whats": [What.MASS, What.BLIND, What.DISK, What.BACKUP],
            "mass_from": 20,
            "hold_s": 2 * MINUTE,
            "repeat_s": 4 * 60 * MINUTE,
            "wakes": True,
            "steps": [_step(0, "owner", "admin")],
        },
        {
            "origin": "money",
            "name": _("Money without service"),
            "whats": [What.PAYMENT],
            "hold_s": MINUTE,
            "steps": [_step(0, "owner", "admin", "cashier")],
        },
        {
            "origin": "limits",
            "name": _("Limits and the health of routers"),
            "whats": [What.LIMIT, What.HEALTH],
            "hold_s": 10 * MINUTE,
            "steps": [_step(0, "noc")],
        },
        {
            "origin": "digest",
            "name": _("Every morning, what happened"),
            "whats": [what for what in What if what != What.MASS],
            "hold_s": 0,
            "digest": AlertRule.Digest.DAY,
            "steps": [_step(0, "owner")],
        },
    ]


def _step(minutes: int, *roles: str) -> dict[str, Any]:
    return {"after_s": minutes * MINUTE, "to": [["role", role] for role in roles]}
