"""What a test of a router saw, as plain values that JSON can hold; the findings are made from it.

It is kept as seen and judged when it is shown, so that a report reads in each person's language and
by the newest rules. It holds nothing secret: RouterOS never prints passwords of its users, and the
hotspot's users are only counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One step of connecting: stage as in `ronda.routeros.detect`, `error` the class of what failed."""

    transport: str
    port: int
    stage: str
    ms: float
    error: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReadSeen:
    """One menu: its rows, or the class of the error and the router's sentence."""

    rows: tuple[Row, ...] = ()
    error: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything one test saw. `transport` is "" when there was no connection.

    `server` is our own address as far as we know it: from the router where it told, else from our
    side. `kept_tls` says that only TLS was tried, because it was used before.
    """

    at: datetime
    host: str
    user: str
    trust: str = "pin"
    pinned: bool = False
    kept_tls: bool = False
    server: str = ""
    version_hint: str = ""
    hotspot_name: str = ""
    hotspot_interface: str = ""
    default_profile: str = ""
    steps: Sequence[StepSeen] = ()
    transport: str = ""
    certificate: str = ""
    version: str = ""
    release: tuple[int, ...] = ()
    identity: str = ""
    board: str = ""
    reads: Mapping[str, ReadSeen] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        """Whether it logged in."""
        return bool(self.transport)

    @property
    def major(self) -> int:
        """6 or 7; what a person said where the router did not."""
        if self.release:
            return self.release[0]
        return 6 if self.version_hint == "v6" else 7

    def rows(self, menu: str) -> tuple[Row, ...] | None:
        """Rows of a menu; None when it was not read."""
        seen = self.reads.get(menu)
        return None if seen is None or seen.error else seen.rows

    def first(self, menu: str) -> Row:
        """The row of a menu that is one item; empty when it was not read."""
        rows = self.rows(menu)
        return rows[0] if rows else {}


def to_json(observed: Observed) -> dict[str, Any]:
    """As JSON holds it."""
    return asdict(observed) | {"at": observed.at.isoformat()}


def from_json(kept: Mapping[str, Any]) -> Observed:
    """What `to_json` gave."""
    values = dict(kept)
    values["at"] = datetime.fromisoformat(values["at"]).astimezone(UTC)
    values["steps"] = tuple(StepSeen(**step) for step in values["steps"])
    values["release"] = tuple(values["release"])
    values["reads"] = {
        menu: ReadSeen(**read | {"rows": tuple(read["rows"])})
        for menu, read in values["reads"].items()
    }
    return Observed(**values)
