"""Which automatic backups stay: many of the last hours, one of each day before. Pure."""

from collections.abc import Iterable
from datetime import datetime


def kept(taken: Iterable[datetime], keep: int) -> set[datetime]:
    """The moments whose backups stay, at most `keep`: never fewer than one, always the newest.

    Two thirds of the places go to the newest, so that a bad morning can be taken back step by step;
    the rest to the last backup of each day before those, newest days first.
    """
    newest_first = sorted(set(taken), reverse=True)
    keep = max(1, keep)
    recent = newest_first[: max(1, keep - keep // 3)]
    chosen = set(recent)
    days = {moment.date() for moment in recent}
    for moment in newest_first[len(recent) :]:
        if len(chosen) >= keep:
            break
        if moment.date() not in days:
            days.add(moment.date())
            chosen.add(moment)
    for moment in newest_first:
        if len(chosen) >= keep:
            break
        chosen.add(moment)
    return chosen
