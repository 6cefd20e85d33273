"""What is believed about each ONT, its outages, and what the watch itself went through."""

from ronda.monitoring.models.belief import Outage, State, Transition, Watch
from ronda.monitoring.models.history import DayChunk, HourChunk, HourColumn, OutageDay, Sweep
from ronda.monitoring.models.maintenance import Window, Work
from ronda.monitoring.models.poller import Poller, Unobserved

__all__ = [
    "DayChunk",
    "HourChunk",
    "HourColumn",
    "Outage",
    "OutageDay",
    "Poller",
    "State",
    "Sweep",
    "Transition",
    "Unobserved",
    "Watch",
    "Window",
    "Work",
]
