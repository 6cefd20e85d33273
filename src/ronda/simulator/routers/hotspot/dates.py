"""Dates as RouterOS takes and prints them: `nov/21/2026` up to 7.9, ISO from 7.10 on. Pure."""

import re
from datetime import datetime

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
OLD = re.compile(r"([a-z]{3})/(\d{1,2})/(\d{4})")
NEW = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def date_text(moment: datetime, *, iso: bool) -> str:
    """The date of a moment."""
    return f"{moment:%Y-%m-%d}" if iso else f"{MONTHS[moment.month - 1]}/{moment:%d/%Y}"


def short_text(moment: datetime, now: datetime, *, iso: bool) -> str:
    """A moment near now: before 7.10 without what it shares with now, day or year."""
    if iso:
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    if moment.date() == now.date():
        return f"{moment:%H:%M:%S}"
    day = date_text(moment, iso=False)
    return f"{day if moment.year != now.year else day[:6]} {moment:%H:%M:%S}"


def taken(date: str, clock: str, now: datetime) -> datetime | None:
    """The moment that a date and a time of day mean, in the zone of `now`; None if they are none.

    Both forms of dates are read, whatever the version prints; an empty date is today.
    """
    time = CLOCK.fullmatch(clock)
    if time is None:
        return None
    old, new = OLD.fullmatch(date.lower()), NEW.fullmatch(date)
    if old is not None and old[1] in MONTHS:
        year, month, day = int(old[3]), MONTHS.index(old[1]) + 1, int(old[2])
    elif new is not None:
        year, month, day = int(new[1]), int(new[2]), int(new[3])
    elif not date:
        year, month, day = now.year, now.month, now.day
    else:
        return None
    try:
        return now.replace(
            year=year,
            month=month,
            day=day,
            hour=int(time[1]),
            minute=int(time[2]),
            second=int(time[3] or 0),
            microsecond=0,
        )
    except ValueError:
        return None
