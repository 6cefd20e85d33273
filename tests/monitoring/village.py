"""A keeper in miniature over an imagined fleet: the real rules, a heap for time, no sleeping.

It probes as the prober does (sweeps spread over the interval, confirm probes when asked, canaries
every five seconds, misses known after the time-out, replies of steady ONTs only at sweep's end)
and steps the real watches under the real guard. Replies of steady ONTs are not stepped: a property
in test_watch proves that they change nothing.
"""

import heapq
import itertools
import random  # noqa: TID251 -- seeded simulation
from collections.abc import Callable
from dataclasses import dataclass, field

from ronda.monitoring.events import BlindBegan, BlindEnded, CameBack, Cleared, Probe, WentDown
from ronda.monitoring.rules.belief import State, Watch, fresh
from ronda.monitoring.rules.blind import Fleet, guarding, judge
from ronda.monitoring.rules.policy import DEFAULT, Policy
from ronda.monitoring.rules.watch import roll_back, step

TIMEOUT = 1.0
CANARY_EVERY = 5.0

Answers = Callable[[int, float], bool]
"""Would this key (ONT, or a canary's negative key) answer a probe sent at this time?"""


@dataclass
class Village:
    """Runs `onts` ONTs from time 0 on; look at `went_down`, `came_back` and `blind` afterwards."""

    onts: int
    answers: Answers
    canaries: dict[int, str] = field(default_factory=dict)
    interval: float = 30.0
    policy: Policy = DEFAULT
    loss: float | None = None
    lose: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.watches: dict[int, Watch] = {ont: fresh(ont, 0.0) for ont in range(self.onts)}
        self.suspects: dict[int, float] = {}
        self.guard = guarding(self.canaries)
        self.went_down: list[WentDown] = []
        self.came_back: list[CameBack] = []
        self.cleared: list[Cleared] = []
        self.blind: list[BlindBegan | BlindEnded] = []
        self.up = 0
        self.count = itertools.count()
        self.heap: list[tuple[float, int, str, int, float, bool]] = []
        self.answered = 0
        for key in self.canaries:
            self._push(self.random.uniform(0, CANARY_EVERY), "canary", key)
        self._push(0.0, "sweep", 0)

    def run(self, until: float) -> "Village":
        """Let time pass until `until`, seconds."""
        while self.heap and self.heap[0][0] <= until:
            now, _, what, key, sent, answered = heapq.heappop(self.heap)
            getattr(self, "_" + what)(now, key, sent, answered)
        return self

    def _push(
        self, at: float, what: str, key: int, sent: float = 0.0, answered: bool = False
    ) -> None:
        heapq.heappush(self.heap, (at, next(self.count), what, key, sent, answered))

    def _probe(self, now: float, key: int, report: str) -> bool:
        answered = self.answers(key, now) and (
            self.lose == 0.0 or self.random.random() >= self.lose
        )
        self._push(now + (0.006 if answered else TIMEOUT), report, key, now, answered)
        return answered

    def _sweep(self, now: float, key: int, sent: float, answered: bool) -> None:
        """The sweep's next ONT; `key` counts them."""
        if key == self.onts:
            self._push(now + TIMEOUT, "swept", 0, now - self.interval)
            key = 0
        believed = self.watches[key]
        if self._probe(now, key, "swept_one") and believed.state in (State.UP, State.SUSPECT):
            self.answered += 1
        self._push(now + self.interval / self.onts, "sweep", key + 1)

    def _swept(self, now: float, key: int, sent: float, answered: bool) -> None:
        self.guard = self.guard.swept(sent, now, up=self.up, answered=min(self.answered, self.up))
        self.answered = 0
        self._judge(now)

    def _swept_one(self, now: float, key: int, sent: float, answered: bool) -> None:
        if answered and self.watches[key].steady:
            return
        self._fold(now, Probe(sent, 6000 if answered else None, 0 if answered else 1, False), key)

    def _confirm(self, now: float, key: int, sent: float, answered: bool) -> None:
        self._probe(now, key, "confirmed")

    def _confirmed(self, now: float, key: int, sent: float, answered: bool) -> None:
        self._fold(now, Probe(sent, 6000 if answered else None, 0 if answered else 1, True), key)

    def _canary(self, now: float, key: int, sent: float, answered: bool) -> None:
        self._probe(now, key, "canary_heard")
        self._push(now + CANARY_EVERY, "canary", key)

    def _canary_heard(self, now: float, key: int, sent: float, answered: bool) -> None:
        probe = Probe(sent, 6000 if answered else None, 0 if answered else 1, False)
        self.guard = self.guard.heard(probe, key)
        self._judge(now)

    def _judge(self, now: float) -> None:
        fleet = Fleet(
            self.up, len(self.suspects), min(self.suspects.values(), default=None), self.interval
        )
        self.guard, events = judge(self.guard, now, fleet)
        self.blind += events
        if any(isinstance(event, BlindBegan) for event in events):
            for ont in list(self.suspects):
                self.watches[ont] = roll_back(self.watches[ont], now).watch
            self.suspects.clear()

    def _fold(self, now: float, probe: Probe, ont: int) -> None:
        self._judge(now)
        before = self.watches[ont]
        watch, events, again = step(
            before, probe, self.policy, loss=self.loss, sight=self.guard.sight
        )
        self.watches[ont] = watch
        believed = (State.UP, State.SUSPECT)
        self.up += (watch.state in believed) - (before.state in believed)
        if watch.state is State.SUSPECT and watch.first_miss is not None:
            self.suspects[ont] = watch.first_miss
        else:
            self.suspects.pop(ont, None)
        for event in events:
            if isinstance(event, WentDown):
                self.went_down.append(event)
            elif isinstance(event, CameBack):
                self.came_back.append(event)
            elif isinstance(event, Cleared):
                self.cleared.append(event)
        if again is not None:
            self._push(max(again, now), "confirm", ont)


def unobserved(village: Village) -> list[tuple[float, float]]:
    """The closed unobserved intervals."""
    return [
        (event.unobserved_from.timestamp(), event.unobserved_until.timestamp())
        for event in village.blind
        if isinstance(event, BlindEnded)
    ]
