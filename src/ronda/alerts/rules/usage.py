"""How many limits of hotspot users become few notices: pure.

Of each kind there is at most one notice of what began and one of what is well again. What began and
ended within the batch is not told, and the end of a user's own limits never is: it helps nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

QUIET_ENDS = frozenset({"high", "shared"})


@dataclass(frozen=True, slots=True)
class LimitNews:
    """One notice: `items` are the payloads, the highest value first."""

    kind: str
    on: bool
    items: tuple[Mapping[str, Any], ...]


def tell_limits(payloads: Sequence[Mapping[str, Any]]) -> list[LimitNews]:
    """What a batch of `hotspot.limit` amounts to, in the order in which it came."""
    stories: dict[tuple[str, int, str], list[Mapping[str, Any]]] = {}
    for payload in payloads:
        story = (payload["kind"], payload["router"], payload["subject"])
        stories.setdefault(story, []).append(payload)
    told: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}
    for (kind, _router, _subject), steps in stories.items():
        last = steps[-1]
        on = bool(last["on"])
        if len(steps) % 2 and (on or kind not in QUIET_ENDS):
            told.setdefault((kind, on), []).append(last)
    return [
        LimitNews(
            kind, on, tuple(sorted(items, key=lambda item: (-item["value"], item["subject"])))
        )
        for (kind, on), items in told.items()
    ]
