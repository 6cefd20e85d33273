"""How sure to be before an ONT counts as down, and so how often it is asked again.

With 28.8 million sweep probes a day (10,000 ONTs every 30 s), independent loss
p and n misses in a row needed there are 28.8e6 * p**n false DOWN a day: at p = 1 %, n = 4 gives
0.29 and n = 5 gives 0.003. But loss comes in bursts, and then a second burst on the last probe is
what convicts: with bursts of 2 s mean length, probes at 1, 3, 10 and 25 s give about 20 false DOWN
a day at 1 % loss, one at 0.2 %; one probe more, 10 s later, gives 0.5 at 1 %. So:

| site's loss    | confirm probes after the first miss | DOWN after it | after the cut (p95, 30 s) |
|----------------|-------------------------------------|---------------|---------------------------|
| up to 0.003 %  | 1, 3, 7, 14 s                       | 15 s          | 44 s                      |
| up to 0.2 %    | 1, 3, 10, 25 s (also: not known)    | 26 s          | 55 s                      |
| 1 %            | ... 35 s                            | 36 s          | 65 s                      |
| more           | ... every 5 s, by the formula       |               |                           |

"After it" includes one second's wait for the last reply. The wait for the sweep's probe is uniform
over the interval, 15 s on average.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How sure to be. Times in seconds after the first missed probe."""

    confirm_after: tuple[float, ...] = (1.0, 3.0, 10.0, 25.0)
    confirm_after_when_quiet: tuple[float, ...] = (1.0, 3.0, 7.0, 14.0)
    quiet_loss: float = 0.00003  # a site at or below this loss is asked in the quicker rhythm
    bursty_loss: float = 0.002  # above it one more probe is asked than independent loss needs
    probes_per_day: float = 28.8e6
    false_down_per_day: float = 0.01
    most_misses: int = 12  # never ask more often than this, however lossy the site
    extra_after: float = 10.0  # the first extra probe of a lossy site, after the last usual one
    extra_every: float = 5.0  # spacing of the further ones, and of retries
    recover_after: float = 5.0  # two replies at least this far apart end an outage

    def __post_init__(self) -> None:
        """Refuse a policy that could not work.

        Raises:
            ValueError: an order or a bound is wrong.
        """
        for times in (self.confirm_after, self.confirm_after_when_quiet):
            if not times or times[0] <= 0 or list(times) != sorted(set(times)):
                raise ValueError(f"confirm times must be positive and rising: {times}")
        if self.most_misses <= len(self.confirm_after):
            raise ValueError("most_misses must be above the number of confirm probes")

    def confirms(self, loss: float | None) -> tuple[float, ...]:
        """When to ask again after a first miss, for a site that now loses this share (0-1).

        None: not known yet. The last time is also the earliest at which DOWN is believed.
        """
        if loss is None:
            return self.confirm_after
        if loss <= max(0.0, self.quiet_loss):
            return self.confirm_after_when_quiet
        times = self.confirm_after
        needed = self._misses_needed(loss)
        if loss > self.bursty_loss:
            needed = max(needed, len(times) + 1) + 1
        extra = min(needed, self.most_misses) - 1 - len(times)
        first = times[-1] + self.extra_after
        return times + tuple(first + self.extra_every * n for n in range(extra))

    def _misses_needed(self, loss: float) -> int:
        """Misses in a row that chance alone gives less than `false_down_per_day` times a day."""
        if loss >= 1.0:
            return self.most_misses
        return math.ceil(math.log(self.false_down_per_day / self.probes_per_day) / math.log(loss))


DEFAULT = Policy()
