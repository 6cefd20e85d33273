"""What a router's clock says, in the spellings of every RouterOS."""

import re
from datetime import UTC, datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OLD = re.compile(r"([a-z]{3})/(\d\d)/(\d{4})")  # up to 7.9: nov/21/2026
_NEW = re.compile(r"(\d{4})-(\d\d)-(\d\d)")  # from 7.10: 2026-11-21
_OFFSET = re.compile(r"([+-]?)(\d\d):(\d\d)")


def read_clock(date: str, time: str, offset: str) -> tuple[datetime, int] | None:
    """The router's moment in UTC, and how many minutes its zone is ahead; None if it cannot be read.

    The three texts are `date`, `time` and `gmt-offset` of /system/clock.
    """
    day = read_date(date)
    parts = time.strip().split(":")
    ahead = read_offset(offset)
    if day is None or len(parts) != 3 or not all(part.isdigit() for part in parts) or ahead is None:
        return None
    hours, minutes, seconds = (int(part) for part in parts)
    local = day + timedelta(hours=hours, minutes=minutes, seconds=seconds - ahead * 60)
    return local, ahead


def read_offset(text: str) -> int | None:
    """Minutes ahead of UTC of `+07:00`, `-03:30` or `25200` (seconds)."""
    tidy = text.strip()
    if found := _OFFSET.fullmatch(tidy):
        minutes = int(found[2]) * 60 + int(found[3])
        return -minutes if found[1] == "-" else minutes
    if re.fullmatch(r"-?\d{1,6}", tidy):
        # Old ones print an unsigned number of seconds, also west of Greenwich.
        return int(tidy) // 60
    return None


def date_for(moment: datetime, *, iso: bool) -> str:
    """A date as this RouterOS writes and reads it."""
    if iso:
        return f"{moment:%Y-%m-%d}"
    return f"{_MONTHS[moment.month - 1]}/{moment:%d/%Y}"


def read_date(text: str) -> datetime | None:
    """The midnight of a date as any RouterOS prints it, as if it were UTC; None if it cannot be read."""
    tidy = text.strip().lower()
    if found := _OLD.fullmatch(tidy):
        year, month, day = int(found[3]), found[1], int(found[2])
        if month not in _MONTHS:
            return None
        number = _MONTHS.index(month) + 1
    elif found := _NEW.fullmatch(tidy):
        year, number, day = int(found[1]), int(found[2]), int(found[3])
    else:
        return None
    try:
        return datetime(year, number, day, tzinfo=UTC)
    except ValueError:
        return None
