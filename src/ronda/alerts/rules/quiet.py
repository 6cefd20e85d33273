"""A person's quiet hours, by the wall clock of their zone: pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `begin` to before `end` of every day; over midnight where `begin` is the later one."""

    begin: time
    end: time
    zone: str


def quiet_until(quiet: Quiet | None, at: datetime) -> datetime | None:
    """When the quiet hours that are on at that time end, None where none are."""
    if quiet is None or quiet.begin == quiet.end:
        return None
    zone = ZoneInfo(quiet.zone)
    local = at.astimezone(zone)
    now, day = local.time(), local.date()
    if quiet.begin < quiet.end:
        inside = quiet.begin <= now < quiet.end
    else:
        inside = now >= quiet.begin or now < quiet.end
        if now >= quiet.begin:
            day += timedelta(days=1)
    if not inside:
        return None
    return datetime.combine(day, quiet.end, zone).astimezone(UTC)
