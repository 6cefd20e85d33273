"""The order of steps of the watch, and its answers to the pages; rules are reached only through here."""

from ronda.monitoring.history.charts import newest_rtt_ms as newest
from ronda.monitoring.rules.belief import State
from ronda.monitoring.rules.older import legacy_failures
from ronda.monitoring.rules.older import legacy_status as _legacy_status

__all__ = ["legacy_status", "newest_rtt_ms"]


def legacy_status(state: str, misses: int = 0) -> str:
    """The status word of the older JSON API: ON, OFF(Waiting Connection), OFF(RTO), OFF, UNKNOWN.

    `misses` are the probes missed in a row.
    """
    return _legacy_status(State(state), legacy_failures(misses))


def newest_rtt_ms(ont_id: int) -> float | None:
    """Round trip of the newest sweep, in ms; None when it was silent or not probed."""
    return newest(ont_id)
