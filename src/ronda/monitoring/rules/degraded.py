"""It answers, but worse than its own past: round trip or loss drifting away from the usual.

Judged once per window (10 minutes of readings summed up), not per probe. The usual is learned
slowly and only while nothing is wrong, so that a slow poisoning cannot become the new normal
within days. Hysteresis on both sides: two bad windows begin it, three good ones end it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from ronda.monitoring.events import Degraded, Regained, moment


@dataclass(frozen=True, slots=True)
class DegradePolicy:
    """What counts as worse. Shares 0-1, round trips in ms."""

    rtt_factor: float = 3.0
    rtt_least_ms: float = 20.0
    """Below this much more than usual nobody cares, whatever the factor."""
    rtt_good_factor: float = 1.5
    loss_bad: float = 0.05
    loss_good: float = 0.02
    windows_bad: int = 2
    windows_good: int = 3
    windows_to_learn: int = 12
    learning: float = 0.02
    """Weight of one window in the usual (once learned): half is forgotten in about six hours."""
    probes_least: int = 10
    """A window with fewer probes than this says nothing."""


class Window(NamedTuple):
    """One ONT's readings of one window. `rtt_ms` is their median, None if none was answered."""

    at: float
    probes: int
    answered: int
    rtt_ms: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """What is usual for one ONT, and whether it is worse now. Begin with `Health(ont)`."""

    ont: int
    usual_log_rtt: float = 0.0
    """Natural logarithm of the usual round trip in ms: means of ratios, not of sums."""
    learned: int = 0
    """Windows learned from."""
    since: float | None = None
    """While degraded: the first bad window."""
    first_bad: float | None = None
    bad: int = 0
    good: int = 0

    @property
    def degraded(self) -> bool:
        """True while the overlay is shown."""
        return self.since is not None

    @property
    def usual_rtt_ms(self) -> float | None:
        """The usual round trip; None until anything was learned."""
        return math.exp(self.usual_log_rtt) if self.learned else None


class Weighed(NamedTuple):
    """Health after a window, and the one event it may give."""

    health: Health
    events: tuple[Degraded | Regained, ...] = ()


DEFAULT = DegradePolicy()


def weigh(health: Health, window: Window, policy: DegradePolicy = DEFAULT) -> Weighed:
    """Fold one window in. Windows in which it was down or hardly probed say nothing here."""
    if window.rtt_ms is None or window.probes < policy.probes_least:
        return Weighed(health)
    loss = 1.0 - window.answered / window.probes
    usual = health.usual_rtt_ms
    knows = health.learned >= policy.windows_to_learn
    slow = knows and usual is not None and _is_slow(window.rtt_ms, usual, policy)
    if health.since is None:
        if not slow and loss < policy.loss_bad:
            return Weighed(_learn(replace(health, bad=0, first_bad=None), window.rtt_ms, policy))
        return _bad(health, window, loss, usual if slow else None, policy)
    fine = loss < policy.loss_good and not (
        knows and usual is not None and _is_still_slow(window.rtt_ms, usual, policy)
    )
    if not fine:
        return Weighed(replace(health, good=0))
    if health.good + 1 < policy.windows_good:
        return Weighed(replace(health, good=health.good + 1))
    over = Regained(ont=health.ont, at=moment(window.at), since=moment(health.since))
    return Weighed(replace(health, since=None, first_bad=None, bad=0, good=0), (over,))


def _bad(
    health: Health, window: Window, loss: float, usual: float | None, policy: DegradePolicy
) -> Weighed:
    first = window.at if health.first_bad is None else health.first_bad
    worse = replace(health, bad=health.bad + 1, first_bad=first)
    if worse.bad < policy.windows_bad:
        return Weighed(worse)
    if usual is not None and window.rtt_ms is not None:
        what, value, normal = "rtt", window.rtt_ms, usual
    else:
        what, value, normal = "loss", loss, 0.0
    event = Degraded(
        ont=health.ont,
        at=moment(window.at),
        what=what,
        value=round(value, 4),
        usual=round(normal, 4),
    )
    return Weighed(replace(worse, since=first, good=0), (event,))


def _is_slow(rtt_ms: float, usual: float, policy: DegradePolicy) -> bool:
    return rtt_ms > max(usual * policy.rtt_factor, usual + policy.rtt_least_ms)


def _is_still_slow(rtt_ms: float, usual: float, policy: DegradePolicy) -> bool:
    return rtt_ms > max(usual * policy.rtt_good_factor, usual + policy.rtt_least_ms / 2)


def _learn(health: Health, rtt_ms: float, policy: DegradePolicy) -> Health:
    """Plain mean over the first windows, slow fading after."""
    weight = max(policy.learning, 1.0 / (health.learned + 1))
    log_rtt = math.log(max(rtt_ms, 0.001))
    return replace(
        health,
        usual_log_rtt=health.usual_log_rtt + weight * (log_rtt - health.usual_log_rtt),
        learned=health.learned + 1,
    )
