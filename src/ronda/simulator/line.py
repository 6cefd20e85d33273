"""How the way to one address behaves at one moment, and what can be done to it."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Line(NamedTuple):
    """The round trip to one address: delay, up to `jitter_ms` more, and the share that is lost."""

    delay_ms: float = 5.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    dead: bool = False


STEADY = Line()
SILENT = Line(dead=True)


@dataclass(frozen=True, slots=True)
class Effect:
    """What trouble does to a line while it lasts."""

    dead: bool = False
    slower: float = 1.0
    jitter_ms: float = 0.0
    loss: float = 0.0

    def on(self, line: Line) -> Line:
        """The line under this trouble; two losses on one way add up as chances do."""
        return Line(
            line.delay_ms * self.slower,
            line.jitter_ms + self.jitter_ms,
            1 - (1 - line.loss) * (1 - self.loss),
            line.dead or self.dead,
        )


DEAD = Effect(dead=True)


class World(Protocol):
    """Anything that knows how the line to an index behaves so many seconds after the start."""

    def line(self, index: int, since: float) -> Line:
        """The line at that moment."""
        ...


@dataclass(frozen=True, slots=True)
class Still:
    """A world in which every address of the prefix answers, always in the same way."""

    always: Line = STEADY

    def line(self, index: int, since: float) -> Line:
        """The same line, whoever and whenever."""
        return self.always
