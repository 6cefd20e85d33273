"""Values as RouterOS prints and takes them: durations, bytes, booleans, rates, dates, versions; pure.

Reading gives None for what is not of the kind, so that an odd row costs its value and never a page.
Writing gives what every version takes. Source: MikroTik manual "Scripting", and rows of 6.42 to 7.24.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_UNIT = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
    "us": timedelta(microseconds=1),
}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|us|[wdhms])")
_CLOCK = re.compile(r"(?:(\d{1,9}):)?(\d{1,9}):(\d{1,2}(?:\.\d{1,9})?)$")
_SIZE = re.compile(r"(\d{1,18})([kKMG]?)$")
_SCALE = {"": 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_VERSION = re.compile(r"(\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OLD_DATE = re.compile(r"([A-Za-z]{3})/(\d{1,2})/(\d{4})$")
_NEW_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$")
_TRUE = frozenset({"true", "yes"})
_FALSE = frozenset({"false", "no"})


def duration_of(text: str) -> timedelta | None:
    """A duration: `1w2d3h4m5s`, `170ms`, `01:30:00`, `1d 02:00:00`, bare seconds.

    None for words such as `none`, `never` and `unlimited`, which mean that there is no duration.
    """
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return timedelta(seconds=int(text))
    total = timedelta()
    at = 0
    while part := _PART.match(text, at):
        total += (
            float(part[1]) * _UNIT[part[2]] if "." in part[1] else int(part[1]) * _UNIT[part[2]]
        )
        at = part.end()
    rest = text[at:].strip()
    if not rest:
        return total if at else None
    clock = _CLOCK.match(rest)
    if not clock:
        return None
    hours = int(clock[1] or 0)
    return total + timedelta(hours=hours, minutes=int(clock[2]), seconds=float(clock[3]))


def duration(value: timedelta) -> str:
    """As RouterOS prints it: `1w2d3h4m5s`, no part that is zero, `0s`; milliseconds below a second.

    Raises:
        ValueError: the duration is negative.
    """
    if value < timedelta():
        raise ValueError(f"a router knows no negative duration ({value})")
    parts = []
    for unit in ("w", "d", "h", "m", "s", "ms"):
        count, value = divmod(value, _UNIT[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def integer_of(text: str) -> int | None:
    """A whole number, also with a sign."""
    try:
        return int(text) if text.isascii() and len(text) <= 24 and "_" not in text else None
    except ValueError:
        return None


def boolean_of(text: str) -> bool | None:
    """`true` and `yes`, `false` and `no`."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def flag_of(text: str | None) -> bool:
    """A flag that is absent when false and may be an empty text when true."""
    return text is not None and text not in _FALSE


def rate_of(text: str) -> int | None:
    """Bits a second, or bytes: `512k`, `2M`, `0`; k, M and G are powers of ten here."""
    match = _SIZE.match(text.strip().removesuffix("bps"))
    return int(match[1]) * _SCALE[match[2].replace("K", "k")] if match else None


def rate(bits_a_second: int) -> str:
    """The shortest text that says the same: 2000000 is `2M`, 1500 is `1500`."""
    for unit in ("G", "M", "k"):
        count, rest = divmod(bits_a_second, _SCALE[unit])
        if count and not rest:
            return f"{count}{unit}"
    return str(bits_a_second)


def pair_of(text: str) -> tuple[str, str] | None:
    """Both halves of `a/b`, or of `a,b` as wireless rows print it."""
    for mark in ("/", ","):
        first, found, second = text.partition(mark)
        if found:
            return first, second
    return None


@dataclass(frozen=True, slots=True)
class Speed:
    """Limits as the customer sees them, in bits a second; 0 means none."""

    upload: int
    download: int


def speed_of(text: str) -> Speed | None:
    """The first part of a `rate-limit` or `max-limit`: the router's rx/tx is upload/download.

    One value alone stands for both. What follows it (burst, priority) is not read here.
    """
    head = text.split()[:1]
    if not head:
        return None
    up, _, down = head[0].partition("/")
    upload, download = rate_of(up), rate_of(down or up)
    return None if upload is None or download is None else Speed(upload, download)


def list_of(text: str) -> list[str]:
    """The parts of a comma list; none of an empty one."""
    return text.split(",") if text else []


def date_of(text: str) -> date | None:
    """`nov/21/2026` (up to 7.9) and `2026-11-21` (from 7.10)."""
    text = text.strip()
    try:
        if old := _OLD_DATE.match(text):
            return date(int(old[3]), _MONTHS.index(old[1].lower()) + 1, int(old[2]))
        if new := _NEW_DATE.match(text):
            return date(int(new[1]), int(new[2]), int(new[3]))
    except ValueError:  # no such month or day
        return None
    return None


def moment_of(text: str, *, today: date | None = None) -> datetime | None:
    """A date and time in the router's own zone, without a zone: `nov/21/2026 10:11:12` or ISO.

    With `today`, the router's own date, the short forms of v6 logs are read too: `10:11:12` is of
    today, and `jan/02 10:11:12` of the last such day.
    """
    day_text, _, clock_text = text.strip().rpartition(" ")
    clock = _CLOCK.match(clock_text)
    if not clock or clock[1] is None:
        return None
    day = _day_of(day_text, today)
    hour, minute, second = int(clock[1]), int(clock[2]), int(float(clock[3]))
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 -- the router's own zone


def _day_of(text: str, today: date | None) -> date | None:
    if not text:
        return today
    if text.count("/") == 1 and today is not None:
        day = date_of(f"{text}/{today.year}")
        if day is None or day > today:
            return date_of(f"{text}/{today.year - 1}")
        return day
    return date_of(text)


def version_of(text: str) -> tuple[int, int, int] | None:
    """Of `6.49.10 (long-term)` 6, 49, 10; a `rc` or `beta` counts as its release."""
    match = _VERSION.match(text.strip())
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None
