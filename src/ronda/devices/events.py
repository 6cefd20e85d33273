"""What happened to the list of ONTs, for the slices above."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Feed topic of every change of ONTs; one event names at most `CHUNK` of them.
CHANGED = "devices.changed"
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class OntsChanged:
    """ONTs that were created, edited, deleted or brought back by one change."""

    onts: tuple[int, ...]
    kind: str
    change: int

    def payload(self) -> dict[str, Any]:
        """What the feed carries."""
        return {"onts": list(self.onts), "kind": self.kind, "change": self.change}


def onts_changed(onts: Sequence[int], kind: str, change: int) -> list[tuple[str, dict[str, Any]]]:
    """The feed events of one change, in chunks that stay small enough to pass on."""
    return [
        (CHANGED, OntsChanged(tuple(onts[start : start + CHUNK]), kind, change).payload())
        for start in range(0, len(onts), CHUNK)
    ]
