"""Planned work in words: a sentence about a plan, and its days on a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from ronda.monitoring.models import Window
from ronda.monitoring.rules.windows import Plan, Repeat, Turn, following, turns
from ronda.monitoring.service.maintenance import plan_of
from ronda.web import durations

SHOWN = 3


def describe(plan: Plan) -> str:
    """When the work is done: `Every week on Monday at 21:00 WIB, for 2 h.`"""
    values = {
        "time": f"{plan.at:%H:%M} {plan.zone}",
        "length": durations.short(plan.length),
        "day": formats.date_format(plan.first, "j M Y"),
        "days": "",
    }
    if plan.repeat is Repeat.WEEKLY:
        values["days"] = ", ".join(str(WEEKDAYS[day]) for day in sorted(plan.days))
        text = _("Every week on %(days)s at %(time)s, for %(length)s")
    elif plan.repeat is Repeat.MONTHLY:
        values["days"] = ", ".join(str(day) for day in sorted(plan.days))
        text = _("Every month on day %(days)s at %(time)s, for %(length)s")
    elif plan.repeat is Repeat.DAILY:
        text = _("Every day at %(time)s, for %(length)s")
    else:
        text = _("Once, on %(day)s at %(time)s, for %(length)s")
    said = text % values
    if plan.last is not None and plan.repeat is not Repeat.ONCE:
        said = _("%(text)s, until %(day)s") % {
            "text": said,
            "day": formats.date_format(plan.last, "j M Y"),
        }
    return f"{said}."


def next_ones(plan: Plan, now: datetime) -> str:
    """The next times as one sentence, in the zone of the plan."""
    found = following(plan, now, SHOWN)
    if not found:
        return _("It is not done again.")
    times = "; ".join(_time(turn) for turn in found)
    return _("Next: %(times)s (%(zone)s).") % {"times": times, "zone": plan.zone}


def _time(turn: Turn) -> str:
    begin = turn.start
    end = turn.end.astimezone(begin.tzinfo)
    day = formats.date_format(begin, "D j M")
    if end.date() == begin.date():
        return f"{day} {begin:%H:%M}\N{EN DASH}{end:%H:%M}"
    return f"{day} {begin:%H:%M}\N{EN DASH}{formats.date_format(end, 'D j M')} {end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One turn on the calendar."""

    window: Window
    turn: Turn

    @property
    def time(self) -> str:
        """When it begins, by the clock of the place."""
        return f"{self.turn.start:%H:%M} {self.window.zone}"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar with what begins on it, by time; each in the zone of its place."""

    day: date
    is_today: bool
    is_past: bool
    entries: list[Entry]


def calendar(windows: Iterable[Window], today: date, weeks: int = 5) -> list[list[Day]]:
    """The weeks from this Monday on."""
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(days=number) for number in range(7 * weeks)]
    by_day: dict[date, list[Entry]] = {day: [] for day in days}
    for window in windows:
        plan = plan_of(window)
        begin = datetime.combine(days[0], datetime.min.time(), plan.zone.offset)
        for turn in turns(plan, begin, begin + timedelta(days=len(days))):
            by_day[turn.start.date()].append(Entry(window, turn))
    whole = [
        Day(
            day,
            day == today,
            day < today,
            sorted(by_day[day], key=lambda one: (one.turn.start, one.window.pk)),
        )
        for day in days
    ]
    return [whole[first : first + 7] for first in range(0, len(whole), 7)]
