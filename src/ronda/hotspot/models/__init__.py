"""What routers were last seen to hold, what is wanted there, what people asked for, and what was used."""

from ronda.hotspot.models.usage import (
    PrivacyKey,
    SeriesKind,
    UsageAlarm,
    UsageDay,
    UsageHour,
    UsageSample,
    UsageSeries,
    UsageSession,
    UsageTotal,
)

__all__ = [
    "PrivacyKey",
    "SeriesKind",
    "UsageAlarm",
    "UsageDay",
    "UsageHour",
    "UsageSample",
    "UsageSeries",
    "UsageSession",
    "UsageTotal",
]
