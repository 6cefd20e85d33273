"""How many ONTs are believed up at each site, and what share of its probes a site loses."""

from __future__ import annotations

from collections import Counter

from ronda.monitoring.rules.belief import State, Watch
from ronda.monitoring.rules.loss import SiteLoss
from ronda.monitoring.service.addresses import Member


class Tally:
    """Counts that follow every change of a belief."""

    def __init__(self) -> None:
        self.not_up: set[int] = set()
        self._up: Counter[int] = Counter()
        self._lost: Counter[int] = Counter()
        self._losses: dict[int, SiteLoss] = {}

    def count(self, watch: Watch, member: Member) -> None:
        """Take a belief in."""
        if watch.state in (State.UP, State.SUSPECT):
            self._up[member.site] += 1
        else:
            self.not_up.add(watch.ont)

    def uncount(self, watch: Watch, member: Member) -> None:
        """Take it out again, before it changes or goes."""
        if watch.state in (State.UP, State.SUSPECT):
            self._up[member.site] -= 1
        else:
            self.not_up.discard(watch.ont)

    def lose(self, member: Member, misses: int) -> None:
        """These probes were lost on the way: the ONT answered again."""
        self._lost[member.site] += misses

    def after_round(self) -> None:
        """Reckon each site's loss anew."""
        for site, count in self._up.items():
            loss = self._losses.get(site, SiteLoss())
            self._losses[site] = loss.after_sweep(count, self._lost[site])
        self._lost.clear()

    def loss(self, member: Member | None) -> float | None:
        """The share of probes (0-1) that this ONT's site loses just now; None: not known."""
        loss = self._losses.get(member.site) if member else None
        return loss.share if loss else None
