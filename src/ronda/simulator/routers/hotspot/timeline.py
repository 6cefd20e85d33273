"""What happens when: events in the order of their moments, however seldom time is told to go on."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

Act = Callable[[float], None]


@dataclass(order=True, slots=True)
class _Event:
    moment: float
    number: int
    act: Act = field(compare=False)


class Timeline:
    """Moments are seconds since the epoch as the router counts them; time never runs backwards."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._events: list[_Event] = []
        self._number = 0

    def at(self, moment: float, act: Act) -> None:
        """Do something at that moment, or as soon as time goes on if it has passed."""
        self._number += 1
        heapq.heappush(self._events, _Event(moment, self._number, act))

    def advance(self, now: float) -> None:
        """Let everything happen that was due until now; what it plans for then included."""
        while self._events and self._events[0].moment <= now:
            event = heapq.heappop(self._events)
            self.now = max(self.now, event.moment)
            event.act(self.now)
        self.now = max(self.now, now)

    def forget(self, now: float) -> None:
        """Nothing is planned any more, and it is now."""
        self.now = now
        self._events.clear()
