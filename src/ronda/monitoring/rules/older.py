"""The older system's words for a belief: its status texts, and how it counted failures."""

from ronda.monitoring.rules.belief import State

# The older system asked up to three times before it counted one failure.
PROBES_OF_A_FAILURE = 3


def legacy_failures(misses: int) -> int:
    """Failures in a row as the older system counted them: three silent probes, then each one more."""
    return max(0, misses - PROBES_OF_A_FAILURE + 1)


def legacy_status(state: State, failures: int) -> str:
    """The status word of the older JSON API, which counts failures in a row (`legacy_failures`).

    Up to 1 is "OFF(Waiting Connection)", 2-5 "OFF(RTO)", 6 or more "OFF". A confirmed DOWN is "OFF"
    whatever its count; what nobody watches or knows is "UNKNOWN", never offline.
    """
    if state is State.UP:
        return "ON"
    if state in (State.DOWN, State.UNREACHABLE):
        return "OFF"
    if state is not State.SUSPECT:
        return "UNKNOWN"
    if failures <= 1:
        return "OFF(Waiting Connection)"
    return "OFF(RTO)" if failures <= 5 else "OFF"
