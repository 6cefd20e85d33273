"""Hours of access: when a profile or a user may be online, in a time zone that is said.

A week is counted in minutes from Monday 00:00 of the zone. Indonesia has three zones and no summer
time, so a zone is a fixed distance from UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

DAY = 1_440
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: A router whose clock is further off than this does not keep hours by itself.
MOST_OFF = timedelta(minutes=2)


class Zone(StrEnum):
    """A zone of Indonesia."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"

    @property
    def minutes(self) -> int:
        """Ahead of UTC by so many minutes."""
        return {"WIB": 420, "WITA": 480, "WIT": 540}[self.value]


class NoTime(ValueError):
    """The text is no time of day."""


@dataclass(frozen=True, slots=True)
class Window:
    """Open on these days (0 is Monday) from `start` to `end`, minutes of the day.

    An `end` not after `start` lies on the next day; the same minute twice is a whole day.
    """

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A moment of the week at which access opens or closes, in minutes of some zone's week."""

    minute: int
    opens: bool


def spans(windows: Iterable[Window]) -> list[tuple[int, int]]:
    """When it is open, as (start, end) minutes of the week, merged and in order.

    A span that runs past Sunday midnight has an `end` above a week; the whole week is one span.
    """
    marked = sorted(_marked(windows))
    merged: list[tuple[int, int]] = []
    for start, end in marked:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    # What runs past the end of the week may meet the first spans of it.
    while len(merged) > 1 and merged[-1][1] - WEEK >= merged[0][0]:
        first = merged.pop(0)
        merged[-1] = (merged[-1][0], max(merged[-1][1], first[1] + WEEK))
    if merged and merged[-1][1] - merged[-1][0] >= WEEK:
        return [(0, WEEK)]
    return merged


def _marked(windows: Iterable[Window]) -> Iterable[tuple[int, int]]:
    for window in windows:
        length = (window.end - window.start) % DAY or DAY
        for day in window.days:
            start = day * DAY + window.start
            yield start, start + length


def edges(windows: Iterable[Window]) -> list[Edge]:
    """Every opening and closing of the week, in order; none where it is always open or always closed."""
    open_spans = spans(windows)
    if open_spans in ([], [(0, WEEK)]):
        return []
    found = [
        edge
        for start, end in open_spans
        for edge in (Edge(start % WEEK, opens=True), Edge(end % WEEK, opens=False))
    ]
    return sorted(found, key=lambda edge: edge.minute)


def minute_of_week(moment: datetime, minutes_ahead: int) -> int:
    """Minutes since Monday 00:00, that far ahead of UTC."""
    local = moment.astimezone(timezone(timedelta(minutes=minutes_ahead)))
    return local.weekday() * DAY + local.hour * 60 + local.minute


def is_open(windows: Sequence[Window], zone: Zone, moment: datetime) -> bool:
    """Whether access is allowed at this moment; without windows it always is."""
    if not windows:
        return True
    now = minute_of_week(moment, zone.minutes)
    return any(
        start <= minute < end for start, end in spans(windows) for minute in (now, now + WEEK)
    )


def next_change(windows: Sequence[Window], zone: Zone, moment: datetime) -> datetime | None:
    """When it opens or closes next, strictly after `moment`; None where it never changes."""
    now = minute_of_week(moment, zone.minutes)
    ahead = [(edge.minute - now - 1) % WEEK + 1 for edge in edges(windows)]
    if not ahead:
        return None
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=min(ahead))


def tells_of_staff(
    windows: Sequence[Window],
    zone: Zone,
    was_open: bool | None,
    checked_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether whoever is disabled now was disabled by staff, not by the hours.

    It is so before the hours are first kept, and while it stayed open since the last look with no edge
    near: a router's clock may be `MOST_OFF` wrong, and an opening may be missed while Ronda is away.
    """
    if was_open is None:
        return True
    if not was_open or checked_at is None or not is_open(windows, zone, now):
        return False
    change = next_change(windows, zone, checked_at - MOST_OFF)
    return change is None or change > now + MOST_OFF


def shifted(found: Iterable[Edge], zone: Zone, router_ahead: int) -> list[Edge]:
    """The edges in the week of a router whose own clock is `router_ahead` minutes ahead of UTC."""
    move = router_ahead - zone.minutes
    moved = [Edge((edge.minute + move) % WEEK, edge.opens) for edge in found]
    return sorted(moved, key=lambda edge: edge.minute)


def clock_is_right(off: timedelta | None) -> bool:
    """Whether a router so far from our clock can keep hours by itself; None: it was not read."""
    return off is not None and abs(off) <= MOST_OFF


def parse_time(text: str) -> int:
    """Minutes of the day of `08:00` or `8.30`; `24:00` is the next midnight.

    Raises:
        NoTime: it is no time of day.
    """
    hours, _colon, minutes = text.strip().replace(".", ":").partition(":")
    if not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        raise NoTime(text)
    value = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or value > DAY:
        raise NoTime(text)
    return value % DAY


def write_time(minute: int) -> str:
    """`08:00`."""
    return f"{minute // 60:02}:{minute % 60:02}"
