"""The rows of a foreign list: as a reader found them, while they are worked on, and understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ronda.devices.rules.columns import Columns
from ronda.devices.rules.findings import Finding, Severity, Value, shown
from ronda.devices.rules.places import Place

#: Fields of a candidate that go into an ONT, in the order in which people read them.
FIELDS = (
    "name",
    "location",
    "latitude",
    "longitude",
    "address",
    "category",
    "area",
    "notes",
    "monitored",
)
PLACE = frozenset({"latitude", "longitude"})


class RawRow(NamedTuple):
    """One record as a reader found it.

    `number` is what people count by in that format: the line of a CSV, the row of a sheet, the
    position in a JSON list (from 1).
    """

    number: int
    values: Mapping[str, object]
    problems: tuple[tuple[str, str, str], ...] = ()  # code, column, value; see `cells.PROBLEMS`


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row understood; `given` names the fields the row really says something about."""

    row: int
    customer_id: str
    name: str = ""
    location: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    category: str = ""
    area: str = ""
    notes: str = ""
    monitored: bool | None = None
    source_number: int | None = None
    given: frozenset[str] = frozenset()

    def repaired(self, repair: Mapping[str, Value]) -> Candidate:
        """This candidate with a proposal taken over."""
        changes: dict[str, object] = dict(repair)
        return replace(self, **changes, given=self.given | repair.keys())  # type: ignore[arg-type]

    def settled(self) -> Candidate:
        """This candidate as it may be written: half a place says nothing about the place."""
        if len(self.given & PLACE) == 1:
            return replace(self, given=self.given - PLACE)
        return self


@dataclass(frozen=True, slots=True)
class RowReading:
    """A row's candidate (None when refused) and all that was noticed about it."""

    row: int
    candidate: Candidate | None
    findings: tuple[Finding, ...]
    customer_id: str = ""

    @property
    def repairs(self) -> tuple[Finding, ...]:
        """The findings a person can accept."""
        return tuple(f for f in self.findings if f.asks)


@dataclass(slots=True)
class Row:
    """The work on one row: what is known so far."""

    raw: RawRow
    columns: Columns
    fields: dict[str, object] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    refused: bool = False

    def say(
        self,
        code: str,
        severity: Severity,
        heading: str,
        value: object,
        *,
        repair: Mapping[str, Value] | None = None,
        **params: str | float,
    ) -> None:
        """Note a finding about this row."""
        self.refused = self.refused or severity is Severity.REFUSED
        self.findings.append(
            Finding(code, severity, self.raw.number, shown(heading), shown(value), params, repair)
        )

    def cell(self, name: str) -> tuple[str, object]:
        """The heading and the raw value of one of our fields."""
        heading = self.columns.headings.get(name)
        return ("", None) if heading is None else (heading, self.raw.values.get(heading))

    @property
    def place(self) -> Place | None:
        """Where the row says its ONT is, when it says both halves."""
        latitude, longitude = self.fields.get("latitude"), self.fields.get("longitude")
        if isinstance(latitude, float) and isinstance(longitude, float):
            return latitude, longitude
        return None
