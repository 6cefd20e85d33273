"""What a reader hands on: the kind of list it recognised, and its records."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ronda.devices.rules.rows import RawRow

MEGABYTE = 1_000_000


class Kind(StrEnum):
    """What a file lists; all but ONTS belong to other parts of the product."""

    ONTS = "onts"
    STATUS_CACHE = "status_cache"
    NOTIFICATIONS = "notifications"
    OUTAGES = "outages"
    HISTORY = "history"
    USER_LOG = "user_log"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken; more is refused before it costs memory."""

    file_bytes: int = 25 * MEGABYTE
    rows: int = 200_000
    columns: int = 200
    unpacked_bytes: int = 250 * MEGABYTE
    ratio: int = 200
    depth: int = 60


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole file, understood.

    `format` is json, csv, xlsx, kml, kmz or geojson. `remarks` are things worth telling about the
    file as a whole (code and value): a guessed encoding, other sheets left aside.
    """

    kind: Kind
    format: str
    rows: list[RawRow]
    remarks: tuple[tuple[str, str], ...] = field(default=())

    @property
    def headings(self) -> list[str]:
        """All column names, in the order in which they first come up."""
        names: dict[str, None] = {}
        for row in self.rows:
            names.update(dict.fromkeys(row.values))
        return list(names)
