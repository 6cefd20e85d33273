"""What stands in the database and on the pages about one ONT, as against what is believed."""

from typing import NamedTuple

from ronda.monitoring.rules.belief import State, Watch

# Misses in a row from which a suspicion is shown: the first one and two confirm probes.
SHOWN_FROM = 3


class Shown(NamedTuple):
    """What stands in the database about one ONT."""

    state: str
    flapping: bool = False
    degraded: bool = False


NOTHING = Shown(State.UNKNOWN)


def shown_state(watch: Watch) -> State:
    """What the pages say: a suspicion only after the second confirm probe."""
    if watch.state is State.SUSPECT and watch.misses < SHOWN_FROM:
        return State.UP
    return watch.state
