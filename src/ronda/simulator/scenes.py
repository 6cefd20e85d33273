"""The scenes a scenario is made of: each takes some people and gives one episode of trouble.

Times are seconds since the start of a lap. Pure; the generator passed in decides who and how long.
"""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ronda.simulator.ground import metres
from ronda.simulator.line import DEAD, Effect
from ronda.simulator.people import People, Subscriber

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Episode:
    """One piece of trouble: who suffers when, and how it is told.

    `spans` gives each index its own times, because power returns house by house and a loose
    connector comes and goes. `blinds` means that nothing answers at all, canaries included.
    """

    kind: str
    start: float
    stop: float
    begins: str
    ends: str
    effect: Effect = DEAD
    spans: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    blinds: bool = False


def fails(one: Subscriber, start: float, stop: float) -> Episode:
    """One ONT is silent."""
    return Episode(
        "fail",
        start,
        stop,
        f"{one.name} fails",
        f"{one.name} is back",
        spans={one.index: ((start, stop),)},
    )


def flaps(one: Subscriber, start: float, stop: float, generator: random.Random) -> Episode:
    """One ONT comes and goes about every minute: a loose connector."""
    spans = []
    at = start
    while at < stop:
        down = min(stop, at + generator.uniform(40, 75))
        spans.append((at, down))
        at = down + generator.uniform(35, 70)
    return Episode(
        "flap",
        start,
        stop,
        f"{one.name} starts to flap",
        f"{one.name} is steady again",
        spans={one.index: tuple(spans)},
    )


def slows(name: str, members: Sequence[Subscriber], start: float, stop: float) -> Episode:
    """Everyone on one PON port is slow and loses some packets: somebody fills the line."""
    return Episode(
        "slow",
        start,
        stop,
        f"{name} is slow and lossy: {_onts(members)}",
        f"{name} is fast again",
        effect=Effect(slower=14.0, jitter_ms=30.0, loss=0.04),
        spans=_together(members, start, stop),
    )


def cut(name: str, members: Sequence[Subscriber], start: float, stop: float) -> Episode:
    """The fibre of a box is cut, and spliced later: all its ONTs leave and return together."""
    return Episode(
        "cut",
        start,
        stop,
        f"{name} is cut: {_onts(members)} silent",
        f"{name} is spliced: {_onts(members)} back",
        spans=_together(members, start, stop),
    )


def power_fails(
    people: People, count: int, start: float, back: float, generator: random.Random
) -> Episode:
    """Power goes over a disc at once, and returns house by house over the following 90 s."""
    middle = generator.choice(people.subscribers)
    members = people.nearest(middle.spot, count)
    radius = metres(middle.spot, members[-1].spot)
    spans = {one.index: ((start, back + generator.uniform(0, 90)),) for one in members}
    return Episode(
        "power",
        start,
        max(span[0][1] for span in spans.values()),
        f"power fails {radius:,.0f} m around {middle.name}: {_onts(members)} silent",
        f"power is back around {middle.name}: the last of {_onts(members)} answers",
        spans=spans,
    )


def goes_blind(start: float, stop: float) -> Episode:
    """The poller's own uplink is down: nothing answers, the canaries neither."""
    return Episode(
        "blind",
        start,
        stop,
        "the poller goes blind: nothing answers, the canaries neither",
        "the poller sees again",
        blinds=True,
    )


def storm(people: People, start: float, stop: float) -> Episode:
    """Every ONT is silent while the canaries answer."""
    return Episode(
        "storm",
        start,
        stop,
        f"everything is down: {_onts(people.subscribers)} silent, the canaries answer",
        f"everything is back: {_onts(people.subscribers)}",
        spans=_together(people.subscribers, start, stop),
    )


def _together(members: Iterable[Subscriber], start: float, stop: float) -> dict[int, tuple[Span]]:
    return {one.index: ((start, stop),) for one in members}


def _onts(members: Sequence[Subscriber]) -> str:
    return "1 ONT" if len(members) == 1 else f"{len(members):,} ONTs"
