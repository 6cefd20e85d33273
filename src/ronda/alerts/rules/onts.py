"""How many changes become few notices: pure.

One batch is what was gathered during the hold. Each ONT is told of once, by what became of it in
the whole batch, and each kind of news is one notice however many ONTs it names, so that a cut cable
is one message and not a thousand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What became of an ONT, in the order in which people want to hear it."""

    DOWN = "down"
    UP = "up"
    BRIEF = "brief"  # went down and came back within the hold
    FLAPPING = "flapping"
    SETTLED = "settled"
    AWAY = "away"  # changed while nobody watched
    NEVER = "never"  # silent since the watch began


TYPES = {
    Kind.DOWN: "danger",
    Kind.UP: "success",
    Kind.BRIEF: "warning",
    Kind.FLAPPING: "warning",
    Kind.SETTLED: "info",
    Kind.AWAY: "info",
    Kind.NEVER: "info",
}

FOUND_AFTER_RESTART = "found-after-restart"
NEVER_ANSWERED = "never-answered"
STARTED_FLAPPING = "started-flapping"
SETTLED_DOWN = "settled-down"
FLAPPING_BIT = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one ONT as the feed tells it; `since` is an ISO time."""

    ont: int
    before: str
    after: str
    since: str
    reason: str
    flapping: bool


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told of one ONT."""

    ont: int
    kind: Kind
    since: str


def tell(steps: Iterable[Step]) -> dict[Kind, list[News]]:
    """What a batch amounts to: for each kind that occurred, its ONTs, longest first.

    Steps are in the order in which they happened. Changes without meaning for people (a suspicion
    that was wrong, a pause) tell nothing; nor do those of an ONT that is known to be flapping.
    """
    told: dict[Kind, list[News]] = {}
    for ont_steps in _by_ont(steps).values():
        news = _of_one(ont_steps)
        if news is not None:
            told.setdefault(news.kind, []).append(news)
    return {
        kind: sorted(told[kind], key=lambda n: (n.since, n.ont)) for kind in Kind if kind in told
    }


def _by_ont(steps: Iterable[Step]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in steps:
        found.setdefault(step.ont, []).append(step)
    return found


def _of_one(steps: list[Step]) -> News | None:
    last = steps[-1]
    reasons = {step.reason for step in steps}
    if STARTED_FLAPPING in reasons and last.flapping:
        return News(last.ont, Kind.FLAPPING, last.since)
    if last.flapping:
        return None
    if SETTLED_DOWN in reasons:
        return News(last.ont, Kind.SETTLED, last.since)
    falls = [step for step in steps if step.after == "down" and step.before != "down"]
    rises = [step for step in steps if step.before == "down" and step.after == "up"]
    if not falls and not rises:
        return None
    was_down = steps[0].before == "down"
    is_down = last.after == "down"
    if was_down == is_down:
        # Down before and after: people believe the right thing already.
        return None if is_down else News(last.ont, Kind.BRIEF, falls[0].since)
    decisive = (falls if is_down else rises)[-1]
    news = News(last.ont, Kind.DOWN if is_down else Kind.UP, decisive.since)
    if decisive.reason == FOUND_AFTER_RESTART:
        return replace(news, kind=Kind.AWAY)
    if decisive.reason == NEVER_ANSWERED:
        return replace(news, kind=Kind.NEVER)
    return news
