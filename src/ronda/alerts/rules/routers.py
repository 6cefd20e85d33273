"""How many troubles of routers become few notices: pure.

One batch is what was gathered during the hold. Of each kind there is at most one notice of what began
and one of what ended, however many routers it names; a trouble that began and ended within the batch
is not told at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class News:
    """One notice: `items` are the payloads of its routers, the longest troubled first."""

    kind: str
    on: bool
    items: tuple[Mapping[str, Any], ...]


def tell(troubles: Sequence[Mapping[str, Any]]) -> list[News]:
    """What a batch of `upkeep.trouble` amounts to, in the order in which it came."""
    stories: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for trouble in troubles:
        stories.setdefault((trouble["kind"], trouble["router"]), []).append(trouble)
    told: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}
    for (kind, _router), story in stories.items():
        # What ended as it had been before is no news: each step turns it round.
        if len(story) % 2:
            told.setdefault((kind, bool(story[-1]["on"])), []).append(story[-1])
    return [
        News(
            kind,
            on,
            tuple(sorted(items, key=lambda item: (item.get("since") or "", item["router"]))),
        )
        for (kind, on), items in told.items()
    ]
