"""When something about a router becomes a trouble, and when it is over: pure.

Each kind has a value that is worse the higher it is. It becomes a trouble at `begins` in so many
readings in a row, and is over below `ends`, so that a value at the limit does not tell again and
again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What may be wrong with a router; the names are kept in the database and on the feed."""

    LOST = "lost"
    DISK = "disk"
    MEMORY = "memory"
    CPU = "cpu"
    TEMPERATURE = "temperature"
    CLOCK = "clock"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Limit:
    """A trouble begins at `begins` in `readings` readings in a row and ends below `ends`."""

    begins: float
    ends: float
    readings: int = 1


#: Percent used, percent of the processor, degrees Celsius, seconds, failed backups in a row.
LIMITS = {
    Kind.MEMORY: Limit(92, 85, 3),
    Kind.CPU: Limit(90, 70, 3),
    Kind.TEMPERATURE: Limit(80, 72, 2),
    Kind.CLOCK: Limit(120, 30, 2),
    Kind.BACKUP: Limit(1, 1),
}
DISK = Limit(90, 85, 2)
SMALL_DISK_BYTES = 32 * 1024 * 1024
# Boards with 16 MB of flash are nearly full from the factory; only the last drops matter there.
SMALL_DISK = Limit(99, 98, 2)

LOST_AFTER = timedelta(seconds=60)
LOST_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Condition:
    """How one kind of trouble of one router stands; `streak` counts bad readings in a row."""

    on: bool = False
    streak: int = 0
    since: datetime | None = None


def step(
    condition: Condition, value: float | None, limit: Limit, at: datetime
) -> tuple[Condition, bool]:
    """The condition after one more reading, and whether there is something to tell.

    A trouble is dated from the first bad reading. None, a value the router does not have, changes
    nothing.
    """
    if value is None:
        return condition, False
    if condition.on:
        if value < limit.ends:
            return Condition(False, 0, at), True
        return condition, False
    if value < limit.begins:
        return replace(condition, streak=0), False
    began = condition.since if condition.streak else at
    streak = condition.streak + 1
    on = streak >= limit.readings
    return Condition(on, streak, began), on


def disk_limit(total_bytes: int | None) -> Limit:
    """The limit for a disk of this size."""
    return SMALL_DISK if total_bytes is not None and total_bytes <= SMALL_DISK_BYTES else DISK


def used_share(free: int | None, total: int | None) -> float | None:
    """Percent used; None where it is not known or makes no sense."""
    if free is None or total is None or total <= 0 or not 0 <= free <= total:
        return None
    return 100 * (1 - free / total)


def is_lost(failing_since: datetime, attempts: int, now: datetime) -> bool:
    """Whether people should be told that a router which was connected before is gone.

    Not for a reboot after an update, nor for one lost packet.
    """
    return attempts >= LOST_ATTEMPTS and now - failing_since >= LOST_AFTER
