"""How lossy a site is just now: it decides how often a silence must be confirmed.

Only misses that turned out to be nothing are counted (a suspicion that was cleared). A real cut
must not look like loss, or the biggest outages would be confirmed last.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteLoss:
    """Share of lost probes of one site, fading with time. Begin with `SiteLoss()`."""

    probes: float = 0.0
    lost: float = 0.0
    keep: float = 0.95
    """What a sweep's counts are worth one sweep later: 20 sweeps' memory, 10 minutes at 30 s."""
    enough: float = 500.0
    """Below this many probes remembered nothing is said."""

    def after_sweep(self, probes: int, lost: int) -> SiteLoss:
        """With one sweep more: probes sent to ONTs believed up, and misses cleared since."""
        return SiteLoss(
            self.probes * self.keep + probes, self.lost * self.keep + lost, self.keep, self.enough
        )

    @property
    def share(self) -> float | None:
        """Lost probes as a share of all, 0-1; None while too few were seen."""
        return None if self.probes < self.enough else min(1.0, self.lost / self.probes)
