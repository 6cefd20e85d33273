"""What an import noticed about one row, as a code with parameters rather than a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

Value = str | float | bool | None

NOTHING: Mapping[str, str | int | float] = MappingProxyType({})
SHOWN = 200


class Severity(StrEnum):
    """How much a finding matters.

    `NOTE`: read without doubt, told for completeness. `SUSPICIOUS`: a person should look; the row
    still goes in, with the doubtful field as the file has it (or left alone when it cannot be
    read). `HELD`: the row stays out until a person says that it is meant so. `REFUSED`: the row
    cannot go in at all.
    """

    NOTE = "note"
    SUSPICIOUS = "suspicious"
    HELD = "held"
    REFUSED = "refused"


RANK: Mapping[Severity, int] = MappingProxyType(
    {Severity.REFUSED: 0, Severity.HELD: 1, Severity.SUSPICIOUS: 2, Severity.NOTE: 3}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed at one row and column.

    `column` is the heading as the file spells it, so that people find the cell again. `repair`
    holds the fields a person may accept, by our field names; it is never applied by itself.
    """

    code: str
    severity: Severity
    row: int
    column: str = ""
    value: str = ""
    params: Mapping[str, str | int | float] = field(default_factory=lambda: NOTHING)
    repair: Mapping[str, Value] | None = None

    @property
    def key(self) -> str:
        """Names this finding within its file, for the accept boxes."""
        return f"{self.row}:{self.code}:{self.column}"

    @property
    def asks(self) -> bool:
        """Is there something a person can accept?"""
        return self.repair is not None or self.severity is Severity.HELD


def shown(value: object) -> str:
    """The value as it may be shown in a message: one line, printable, at most 200 characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if len(text) > SHOWN:
        text = text[: SHOWN - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
