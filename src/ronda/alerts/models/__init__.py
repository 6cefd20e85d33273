"""What people were told inside and outside, by which channels, and the rules of alerts."""

from ronda.alerts.models.notices import (
    Address,
    Channel,
    ChatLink,
    Notice,
    Outgoing,
    OwnNotice,
    Pace,
    Wording,
)
from ronda.alerts.models.rules import AlertRule, Rota, RotaTurn, Swap
from ronda.alerts.models.telling import Letter, Occurrence, Suppressed, Told

__all__ = [
    "Address",
    "AlertRule",
    "Channel",
    "ChatLink",
    "Letter",
    "Notice",
    "Occurrence",
    "Outgoing",
    "OwnNotice",
    "Pace",
    "Rota",
    "RotaTurn",
    "Suppressed",
    "Swap",
    "Told",
    "Wording",
]
