"""What an import would change: the file's rows beside the ONTs the site has.

The key is site and customer id, never the name (names repeat). An empty cell never erases what is
known. Nothing is deleted by being absent: those ONTs are only reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ronda.devices.rules.areas import AreaProposal, propose_areas
from ronda.devices.rules.findings import RANK, Finding, Severity, Value
from ronda.devices.rules.rows import FIELDS, Candidate, RowReading

#: What stands for "all repairs" and "all held rows" among the accepted keys.
ALL_REPAIRS = "*"
ALL_HELD = "held:*"
ALL = (ALL_REPAIRS, ALL_HELD)
#: Degrees (0.1 mm) by which spreadsheets, which keep 15 digits, may change a number.
SAME_DEGREES = 1e-9


class Outcome(StrEnum):
    """What happens to one row; exactly one of these."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class KnownOnt:
    """An ONT of the site as it stands."""

    id: int
    customer_id: str
    name: str = ""
    location: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    category: str = "general"
    area: str = ""
    notes: str = ""
    monitored: bool = True


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after."""

    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the preview."""

    row: int
    outcome: Outcome
    candidate: Candidate | None
    ont_id: int | None
    changes: tuple[FieldChange, ...]
    findings: tuple[Finding, ...]
    accepted: frozenset[str] = frozenset()
    customer_id: str = ""

    @property
    def suspicious(self) -> bool:
        """Is there something left that a person should look at?"""
        return any(
            f.severity in (Severity.SUSPICIOUS, Severity.HELD) and f.key not in self.accepted
            for f in self.findings
        )

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts the worst first, then by row."""
        open_ = [RANK[f.severity] for f in self.findings if f.key not in self.accepted]
        return min(open_, default=len(RANK)), self.row


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole preview, in the file's order."""

    lines: tuple[Line, ...]
    missing: tuple[KnownOnt, ...]
    areas: tuple[AreaProposal, ...]
    accepted_areas: frozenset[str] = frozenset()

    def count(self, outcome: Outcome) -> int:
        """How many rows have this outcome."""
        return sum(line.outcome is outcome for line in self.lines)

    @property
    def counts(self) -> dict[str, int]:
        """All counts by name: the outcomes add up to `rows`; `suspicious` and `repairs` overlap."""
        return {
            "rows": len(self.lines),
            **{outcome.value: self.count(outcome) for outcome in Outcome},
            "suspicious": sum(line.suspicious for line in self.lines),
            "repairs": sum(f.repair is not None for line in self.lines for f in line.findings),
            "missing": len(self.missing),
            "areas": len(self.areas),
        }

    @property
    def worst_first(self) -> list[Line]:
        """Lines in the order a person should read them."""
        return sorted(self.lines, key=lambda line: line.rank)


def compare(
    readings: Iterable[RowReading],
    known: Iterable[KnownOnt],
    *,
    known_areas: Iterable[str] = (),
    accepted: Collection[str] = (),
    accepted_areas: Collection[str] = (),
) -> Comparison:
    """Lay the rows beside the site's ONTs.

    `accepted` holds the keys of the findings a person agreed to (`Finding.key`), `"*:code"` for all
    of one code, or `"*"` for all repairs; held rows are not among these and need their own key,
    their code or `"held:*"`. `accepted_areas` names area proposals, or
    `"*"`.
    """
    readings = list(readings)
    present = {ont.customer_id: ont for ont in known}
    places = propose_areas(
        {
            r.row: r.candidate.name
            for r in readings
            if r.candidate is not None
            and not r.candidate.area
            and not (r.customer_id in present and present[r.customer_id].area)
        },
        {*known_areas, *(ont.area for ont in present.values() if ont.area)},
    )
    area_names = frozenset(
        p.name for p in places if p.name in accepted_areas or "*" in accepted_areas
    )
    area_of = {row: p.name for p in places if p.name in area_names for row in p.rows}
    lines = [_line(r, present, accepted, area_of.get(r.row)) for r in readings]
    mentioned = {r.customer_id for r in readings}
    missing = tuple(ont for key, ont in present.items() if key not in mentioned)
    return Comparison(tuple(lines), missing, tuple(places), area_names)


def _line(
    reading: RowReading,
    present: Mapping[str, KnownOnt],
    accepted: Collection[str],
    area: str | None,
) -> Line:
    candidate = reading.candidate
    if candidate is None:
        return Line(
            reading.row,
            Outcome.REFUSED,
            None,
            None,
            (),
            reading.findings,
            customer_id=reading.customer_id,
        )
    ont = present.get(candidate.customer_id)
    taken = set()
    for finding in reading.findings:
        agreed = (
            finding.key in accepted
            or f"{ALL_REPAIRS}:{finding.code}" in accepted
            or ALL[finding.severity is Severity.HELD] in accepted
        )
        if finding.repair is not None and (agreed or _settled(ont, finding.repair)):
            candidate = candidate.repaired(finding.repair)
            taken.add(finding.key)
        elif finding.severity is Severity.HELD and agreed:
            taken.add(finding.key)
    if area is not None:
        candidate = candidate.repaired({"area": area})
    candidate = candidate.settled()
    changes = changes_between(ont, candidate) if ont is not None else ()
    held = any(f.severity is Severity.HELD and f.key not in taken for f in reading.findings)
    if ont is not None and not changes:
        outcome = Outcome.SAME
    elif held:
        outcome = Outcome.HELD
    else:
        outcome = Outcome.NEW if ont is None else Outcome.CHANGED
    return Line(
        reading.row,
        outcome,
        candidate,
        ont.id if ont is not None else None,
        changes,
        reading.findings,
        frozenset(taken),
        candidate.customer_id,
    )


def _settled(ont: KnownOnt | None, repair: Mapping[str, Value]) -> bool:
    """Does the ONT already stand as the repair proposes? Then the doubt was settled before."""
    return ont is not None and all(getattr(ont, name) == value for name, value in repair.items())


def changes_between(ont: KnownOnt, candidate: Candidate) -> tuple[FieldChange, ...]:
    """The fields that would differ, in reading order; only what the row speaks of."""
    return tuple(
        FieldChange(name, getattr(ont, name), getattr(candidate, name))
        for name in FIELDS
        if name in candidate.given and _differ(getattr(ont, name), getattr(candidate, name))
    )


def _differ(before: Value, after: Value) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return abs(before - after) > SAME_DEGREES
    return before != after
