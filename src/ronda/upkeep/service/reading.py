"""What a router's rows say of its health, in the shapes of v6 and v7.

Sources: the MikroTik manual, "Resource", "Health" and "Clock"; v6 has one row of
sensors with their names as keys, v7 (from 7.0) a row per sensor with name, value and type.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ronda.routeros.port import Row
from ronda.routeros.values import date_of, duration_of, integer_of

# (name, value, unit): value is a number, or a word such as "ok".
Sensor = tuple[str, float | str, str]

UNITS = (
    ("temperature", "C"),
    ("voltage", "V"),
    ("current", "A"),
    ("power", "W"),
    ("fan", "RPM"),
)
#: No board takes more volts than this; v6 gives tenths of a volt over the API on some boards.
MOST_VOLTS = 80.0
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})$")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})$")


@dataclass(frozen=True, slots=True)
class Health:
    """One look at a router; None where it has no such thing. Units as `models.Reading`."""

    uptime_s: int | None = None
    cpu: float | None = None
    memory_free: int | None = None
    memory_total: int | None = None
    disk_free: int | None = None
    disk_total: int | None = None
    sensors: tuple[Sensor, ...] = ()
    clock_off_s: float | None = None

    @property
    def temperature(self) -> float | None:
        """The hottest of its temperatures."""
        return max(self._numbers("C"), default=None)

    @property
    def voltage(self) -> float | None:
        """The supply's voltage; of several the highest, since an unused input shows nearly nothing."""
        return max(self._numbers("V"), default=None)

    def _numbers(self, unit: str) -> list[float]:
        return [
            value for _name, value, of in self.sensors if of == unit and not isinstance(value, str)
        ]


def health_of(
    resource: Sequence[Row], sensors: Sequence[Row], clock: Sequence[Row], now: datetime
) -> Health:
    """What the rows of `/system/resource`, `/system/health` and `/system/clock` say at `now`."""
    row: Mapping[str, str] = resource[0] if resource else {}
    uptime = duration_of(row.get("uptime", ""))
    cpu = number_of(row.get("cpu-load", "").removesuffix("%"))
    return Health(
        uptime_s=None if uptime is None else int(uptime.total_seconds()),
        cpu=cpu,
        memory_free=integer_of(row.get("free-memory", "")),
        memory_total=integer_of(row.get("total-memory", "")),
        disk_free=integer_of(row.get("free-hdd-space", "")),
        disk_total=integer_of(row.get("total-hdd-space", "")),
        sensors=tuple(sensors_of(sensors)),
        clock_off_s=clock_off(clock[0], now) if clock else None,
    )


def sensors_of(rows: Sequence[Row]) -> list[Sensor]:
    """The sensors of either shape, in the router's order."""
    found: list[Sensor] = []
    for row in rows:
        if "name" in row:
            found.append(_sensor(row["name"], row.get("value", ""), row.get("type", "")))
        else:
            found.extend(
                _sensor(name, value, _unit_of(name))
                for name, value in row.items()
                if not name.startswith(".")
            )
    return found


def _sensor(name: str, text: str, unit: str) -> Sensor:
    number = number_of(text.rstrip("CVAWRPM%"))
    if number is None:
        return name, text, unit
    if unit == "V" and number > MOST_VOLTS:
        number /= 10
    return name, number, unit


def _unit_of(name: str) -> str:
    if name.endswith(("-state", "-status", "-mode", "use-fan", "active-fan")):
        return ""
    return next((unit for part, unit in UNITS if part in name), "")


def number_of(text: str) -> float | None:
    """A plain decimal number, else None."""
    if not text.isascii() or not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", text.strip()):
        return None
    return float(text)


def clock_off(row: Mapping[str, str], now: datetime) -> float | None:
    """Seconds by which the router's clock is ahead of ours; None when its row cannot be read."""
    day, clock = date_of(row.get("date", "")), _CLOCK.match(row.get("time", ""))
    offset = _OFFSET.match(row.get("gmt-offset", ""))
    if day is None or clock is None or offset is None:
        return None
    sign = -1 if offset[1] == "-" else 1
    zone = timezone(sign * timedelta(hours=int(offset[2]), minutes=int(offset[3])))
    hour, minute, second = (int(part) for part in clock.groups())
    if hour > 23 or minute > 59 or second > 59:
        return None
    theirs = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
    # They print whole seconds: half of one is what they have on average beyond it.
    return round((theirs - now).total_seconds() + 0.5, 1)
