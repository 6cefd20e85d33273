"""What a keeper must be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ronda.monitoring.rules.policy import DEFAULT, Policy


@dataclass(frozen=True, slots=True)
class KeeperSettings:
    """What a keeper must be told. Times in seconds."""

    name: str = "main"
    interval: float = 30.0
    canaries: Sequence[str] = ()
    read_interval: Callable[[], float] | None = None
    """Asked every few seconds; what it answers is the interval from the next round on."""
    policy: Policy = DEFAULT
    wait: float = 0.5
    turn_every: float = 1.0
    """How often a keeper that waits for its turn asks for it."""
    follow_every: float = 1.0
    alive_every: float = 5.0
    canary_every: float = 5.0
    settle_every: float = 60.0
    grace: float = 30.0
    """A gap in watching that is longer than this is unobserved time."""
    most_waiting: int = 50_000
    """Changes that may wait for the database."""
    most_columns: int = 240
