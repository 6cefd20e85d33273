"""What was sold: limits and clocks, kept with every voucher, so that editing a package changes no sold one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self


class AtEnd(StrEnum):
    """What becomes of a voucher whose time or data is used up."""

    REMOVE = "remove"
    BLOCK = "block"
    SLOW = "slow"
    NOTICE = "notice"


class SpanUnit(StrEnum):
    """What a span counts; months are those of the calendar, all others are fixed lengths."""

    MINUTE = "m"
    HOUR = "h"
    DAY = "d"
    WEEK = "w"
    MONTH = "mo"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of calendar time, as in "30 days after the first login"."""

    count: int
    unit: SpanUnit

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"a span is 1 or more, not {self.count}")

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits of a package as they were when a voucher was made; None or "" is "no limit".

    `valid_for` runs from the first login by the calendar; `online_s` is time online, in seconds
    (`limit-uptime`); quotas are bytes (upload is what the router receives from the customer,
    `limit-bytes-in`). `rate_limit` is RouterOS's text, "" for that of the profile. `windows` is a list of
    `[[days…], start, end]` in `zone`, as `hotspot.rules.windows` reads it.
    """

    profile: str = "default"
    valid_for: Span | None = None
    online_s: int | None = None
    quota_bytes: int | None = None
    quota_upload_bytes: int | None = None
    quota_download_bytes: int | None = None
    rate_limit: str = ""
    devices: int = 1
    windows: Sequence[Any] = field(default_factory=list)
    zone: str = "WIB"
    at_end: AtEnd = AtEnd.REMOVE
    slow_profile: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is stored; `from_json` reads it."""
        told = asdict(self)
        told["valid_for"] = str(self.valid_for) if self.valid_for else None
        told["windows"] = list(self.windows)
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """The terms that `as_json` wrote; keys that an older version did not write keep their defaults."""
        values = {key: told[key] for key in cls.__dataclass_fields__ if key in told}
        if values.get("valid_for"):
            count, unit = split_span(values["valid_for"])
            values["valid_for"] = Span(count, unit)
        if "at_end" in values:
            values["at_end"] = AtEnd(values["at_end"])
        return cls(**values)


def split_span(text: str) -> tuple[int, SpanUnit]:
    """The parts of a stored span such as `30d`.

    Raises:
        ValueError: it is none.
    """
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits), SpanUnit(text[len(digits) :])
