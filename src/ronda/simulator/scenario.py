"""Named scenarios: what goes wrong when, for everybody on the fibre, for as long as it runs.

A scenario is told in laps of some minutes that never end. Each lap has the same course and other
victims, so that a viewer always sees something soon and never the same evening twice. Pure and
deterministic: seed, people and seconds since the start decide everything.
"""

import random  # noqa: TID251 -- seeded simulation
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from ronda.simulator import scenes
from ronda.simulator.line import DEAD, SILENT, Effect, Line
from ronda.simulator.network import CANARIES
from ronda.simulator.people import People, Subscriber
from ronda.simulator.scenes import Episode, Span

Plan = Callable[[People, random.Random], list[Episode]]

CANARY_LINE = Line(delay_ms=1.2, jitter_ms=0.4)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name, what a viewer will see, the length of a lap in seconds, and the plan of one lap.

    `long_dead` is the share of ONTs that nobody has repaired for months: every real list has some.
    """

    name: str
    shows: str
    lap: float
    plan: Plan
    long_dead: float = 0.0


@dataclass(frozen=True, slots=True)
class Happening:
    """Trouble begins or ends, told in one line; `since` is seconds after the start."""

    since: float
    text: str
    kind: str
    begins: bool


def _quiet(people: People, generator: random.Random) -> list[Episode]:
    return []


def _evening(people: People, generator: random.Random) -> list[Episode]:
    """Twenty minutes: singles, a cut ODP, flapping, a slow PON, power, and the poller blind."""
    draw = _Draw(people, generator)
    cut, second_cut = draw.odps(2)
    slow = draw.pon()
    single = [
        scenes.fails(one, start, stop)
        for one, start, stop in zip(
            draw.people(8),
            (25, 30, 40, 290, 330, 520, 860, 910),
            (150, 260, 420, 390, 560, 640, 1_010, 1_060),
            strict=False,
        )
    ]
    flapping = [scenes.flaps(one, 100, 700, generator) for one in draw.people(3)]
    return [
        *single,
        *flapping,
        scenes.cut(cut, people.by_odp[cut], 55, 230),
        scenes.slows(slow, people.by_pon[slow], 170, 420),
        scenes.power_fails(people, draw.share(0.08), 450, 560, generator),
        scenes.goes_blind(730, 820),
        scenes.cut(second_cut, people.by_odp[second_cut], 880, 1_040),
    ]


def _odp_cut(people: People, generator: random.Random) -> list[Episode]:
    odp, _ = _Draw(people, generator).odps(2)
    return [scenes.cut(odp, people.by_odp[odp], 30, 180)]


def _power(people: People, generator: random.Random) -> list[Episode]:
    share = _Draw(people, generator).share(0.15)
    return [scenes.power_fails(people, share, 30, 150, generator)]


def _blind(people: People, generator: random.Random) -> list[Episode]:
    return [scenes.goes_blind(45, 135)]


def _storm(people: People, generator: random.Random) -> list[Episode]:
    return [scenes.storm(people, 30, 180)]


def _flap(people: People, generator: random.Random) -> list[Episode]:
    draw = _Draw(people, generator)
    return [scenes.flaps(one, 20, 560, generator) for one in draw.people(draw.share(0.03))]


DAY_S = 86_400.0


def _week(people: People, generator: random.Random) -> list[Episode]:
    """Seven days from midnight: what a village really sees, from minutes to most of a day."""
    draw = _Draw(people, generator)
    episodes = [scenes.goes_blind(3.4 * DAY_S, 3.4 * DAY_S + 720)]
    for day in range(7):
        midnight = day * DAY_S
        for one in draw.people(generator.randint(3, 7)):
            start = midnight + generator.uniform(0.02, 0.9) * DAY_S
            lasts = min(60 * generator.lognormvariate(4.2, 1.1), 0.6 * DAY_S)
            episodes.append(scenes.fails(one, start, min(start + lasts, 6.99 * DAY_S)))
        slow = draw.pon()
        evening = midnight + generator.uniform(18.5, 19.5) * 3600
        episodes.append(scenes.slows(slow, people.by_pon[slow], evening, evening + 9_000))
        if day % 2:
            odp = draw.odps(1)[0]
            start = midnight + generator.uniform(7, 17) * 3600
            spliced = start + generator.uniform(2_400, 14_000)
            episodes.append(scenes.cut(odp, people.by_odp[odp], start, spliced))
    for day in (1, 4):
        start = (day + generator.uniform(0.3, 0.8)) * DAY_S
        back = start + generator.uniform(900, 4_000)
        episodes.append(scenes.power_fails(people, draw.share(0.08), start, back, generator))
    return episodes


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("quiet", "nothing goes wrong", 3_600, _quiet),
        Scenario(
            "evening",
            "ONTs fail, flap and slow down, ODPs are cut, power goes, the poller goes blind",
            1_200,
            _evening,
            long_dead=0.012,
        ),
        Scenario("odp-cut", "one ODP is cut and spliced", 300, _odp_cut),
        Scenario("power", "power goes over a disc and returns house by house", 360, _power),
        Scenario("blind", "nothing answers for 90 s, the canaries neither", 240, _blind),
        Scenario("storm", "every ONT is silent while the canaries answer", 360, _storm),
        Scenario("flap", "some ONTs come and go every minute", 600, _flap),
        Scenario(
            "week",
            "a village's week: single ONTs, cut ODPs, slow evenings, power twice, blind once",
            7 * DAY_S,
            _week,
            long_dead=0.012,
        ),
    )
}


class _Draw:
    """Picks victims; who was picked alone is not picked alone again in the same lap."""

    def __init__(self, people: People, generator: random.Random) -> None:
        self._everyone = people
        self._generator = generator
        self._order = generator.sample(people.subscribers, len(people.subscribers))

    def people(self, wanted: int) -> list[Subscriber]:
        chosen, self._order = self._order[:wanted], self._order[wanted:]
        return chosen

    def share(self, part: float) -> int:
        return max(1, round(part * len(self._everyone.subscribers)))

    def odps(self, wanted: int) -> list[str]:
        """Different ones, unless there are too few."""
        names = list(self._everyone.by_odp)
        return (self._generator.sample(names, len(names)) * wanted)[:wanted]

    def pon(self) -> str:
        return self._generator.choice(list(self._everyone.by_pon))


class _Lap:
    """One lap, laid out so that a question about one index is a short look."""

    def __init__(self, episodes: list[Episode]) -> None:
        self.episodes = sorted(episodes, key=lambda episode: episode.start)
        self.blind = [(e.start, e.stop) for e in episodes if e.blinds]
        self.troubles: defaultdict[int, list[tuple[Span, Effect]]] = defaultdict(list)
        for episode in episodes:
            for index, spans in episode.spans.items():
                self.troubles[index].extend((span, episode.effect) for span in spans)


class Story:
    """A scenario that happens to these people, from one seed.

    Raises:
        ValueError: there is no scenario of that name, or there are no people.
    """

    def __init__(self, name: str, people: People, seed: int = 1) -> None:
        if name not in SCENARIOS:
            raise ValueError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
        if not people.subscribers:
            raise ValueError("a scenario needs at least one ONT with an address")
        self.scenario = SCENARIOS[name]
        self.people = people
        self.seed = seed
        generator = random.Random(f"{seed} lines")  # noqa: S311 -- one village, whatever happens to it
        self._lines = {one.index: _line(generator) for one in people.subscribers}
        dead = round(self.scenario.long_dead * len(people.subscribers))
        for one in generator.sample(people.subscribers, dead):
            self._lines[one.index] = DEAD.on(self._lines[one.index])
        self._lines.update(dict.fromkeys(CANARIES, CANARY_LINE))
        self._laps: dict[int, _Lap] = {}

    def line(self, index: int, since: float) -> Line:
        """How the line to this index behaves so many seconds after the start."""
        line = self._lines.get(index, SILENT)
        number, at = divmod(max(0.0, since), self.scenario.lap)
        lap = self._lap(int(number))
        if any(start <= at < stop for start, stop in lap.blind):
            return DEAD.on(line)
        for (start, stop), effect in lap.troubles.get(index, ()):
            if start <= at < stop:
                line = effect.on(line)
        return line

    def episodes(self, since: float) -> list[Episode]:
        """What is going on at this moment, in the order it began."""
        number, at = divmod(max(0.0, since), self.scenario.lap)
        return [e for e in self._lap(int(number)).episodes if e.start <= at < e.stop]

    def happenings(self, after: float, until: float) -> list[Happening]:
        """What begins or ends after the first moment and not after the second, in time order."""
        told: list[Happening] = []
        for number in count(int(max(0.0, after) // self.scenario.lap)):
            begin = number * self.scenario.lap
            if begin > until:
                break
            told.extend(
                happening
                for happening in _told(self._lap(number), begin)
                if after < happening.since <= until
            )
        return sorted(told, key=lambda happening: happening.since)

    def silent(self, since: float) -> list[Subscriber]:
        """Who does not answer at this moment."""
        return [one for one in self.people.subscribers if self.line(one.index, since).dead]

    def _lap(self, number: int) -> _Lap:
        if number not in self._laps:
            # Two laps are enough for those who look back over the seam.
            self._laps = {n: lap for n, lap in self._laps.items() if n == number - 1}
            plan = self.scenario.plan(self.people, self._generator(f"lap {number}"))
            self._laps[number] = _Lap(plan)
        return self._laps[number]

    def _generator(self, purpose: str) -> random.Random:
        text = f"{self.scenario.name} {self.seed} {purpose}"
        return random.Random(text)  # noqa: S311 -- seeded simulation


def _line(generator: random.Random) -> Line:
    """A healthy line: median 5 ms, a few much longer, one packet in five hundred lost."""
    return Line(
        delay_ms=round(1.5 + generator.lognormvariate(1.25, 0.45), 2),
        jitter_ms=round(generator.uniform(0.2, 1.5), 2),
        loss=0.002,
    )


def _told(lap: _Lap, begin: float) -> Iterator[Happening]:
    for episode in lap.episodes:
        yield Happening(begin + episode.start, episode.begins, episode.kind, True)
        yield Happening(begin + episode.stop, episode.ends, episode.kind, False)
