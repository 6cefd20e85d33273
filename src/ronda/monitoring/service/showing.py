"""What is shown of the beliefs, and what must be written because that changes.

Shown is what stands in the database and on the pages. It differs from what is believed in two ways:
a suspicion is shown only when the second confirm probe stayed silent too, so that single lost
packets make no noise and cost nothing; and an ONT that is down while planned work is done there is
shown as under maintenance. Its outage is written all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from ronda.monitoring.events import (
    Degraded,
    Reason,
    Regained,
    SettledDown,
    StartedFlapping,
    moment,
)
from ronda.monitoring.rules.belief import Folded, State, Watch
from ronda.monitoring.service.batch import Batch, Change
from ronda.monitoring.service.evidence import dated, evidence, of_overlay, outage, reason
from ronda.monitoring.service.shown import NOTHING, Shown, shown_state

Overlay = StartedFlapping | SettledDown | Degraded | Regained


class Showing:
    """What is shown of each ONT, and the batch in which its changes are gathered."""

    def __init__(self) -> None:
        self.shown: dict[int, Shown] = {}
        self.maintained: set[int] = set()
        self.batch = Batch()

    def take_batch(self) -> Batch:
        """What is to be written since the last call."""
        batch, self.batch = self.batch, Batch()
        return batch

    def note(
        self,
        before: Watch,
        folded: Folded,
        at: float,
        *,
        loss: float | None,
        rtt_us: int | None = None,
        state: State | None = None,
    ) -> None:
        """Write down what changed in what is shown, with the outage that begins or ends by it.

        Args:
            loss: the share that the site loses, as evidence.
            state: what to show instead of what is believed (set aside, without an address).
        """
        watch = folded.watch
        shown = self.shown.get(watch.ont, NOTHING)
        after = state or self._shown_state(watch)
        opens, closes = outage(folded.events)
        if after == shown.state and opens is None and closes is None:
            return
        unwatched = after in (State.PAUSED, State.UNKNOWN)
        new = Shown(after) if unwatched else shown._replace(state=after)
        if after in (State.DOWN, State.MAINTENANCE):
            new = new._replace(degraded=False)
        self.shown[watch.ont] = new
        event = folded.events[-1] if folded.events else None
        self.batch.add(
            Change(
                ont=watch.ont,
                before=shown.state,
                after=after,
                shown=new,
                watch=watch,
                at=dated(watch, event, at),
                decided_at=moment(at),
                reason=str(Reason.OPERATOR) if state else reason(before, watch, event),
                evidence=evidence(watch, event, loss),
                rtt_us=rtt_us,
                opens=opens,
                closes=closes,
            )
        )

    def overlay(
        self,
        watch: Watch,
        event: Overlay,
        at: float,
    ) -> None:
        """Put an overlay on an ONT or take it off; nothing when it is so already."""
        shown = self.shown.get(watch.ont, NOTHING)
        if isinstance(event, Degraded | Regained):
            new = shown._replace(degraded=isinstance(event, Degraded))
        else:
            new = shown._replace(flapping=isinstance(event, StartedFlapping))
        if new == shown:
            return
        self.shown[watch.ont] = new
        self.batch.add(
            Change(
                ont=watch.ont,
                before=shown.state,
                after=shown.state,
                shown=new,
                watch=watch,
                at=event.since if isinstance(event, StartedFlapping) else event.at,
                decided_at=moment(at),
                reason=event.kind,
                evidence=of_overlay(event),
            )
        )

    def maintain(self, onts: set[int], watches: Mapping[int, Watch], at: float) -> None:
        """Take in where planned work is done now: what is down there is shown as under maintenance."""
        changed = onts ^ self.maintained
        self.maintained = onts
        for ont in sorted(changed):
            watch, shown = watches.get(ont), self.shown.get(ont, NOTHING)
            if watch is None or (after := self._shown_state(watch)) == shown.state:
                continue
            self.shown[ont] = shown._replace(state=after)
            self.batch.add(
                Change(
                    ont=ont,
                    before=shown.state,
                    after=after,
                    shown=self.shown[ont],
                    watch=watch,
                    at=moment(at),
                    decided_at=moment(at),
                    reason=str(Reason.MAINTENANCE),
                    evidence={},
                )
            )

    def _shown_state(self, watch: Watch) -> State:
        state = shown_state(watch)
        at_work = state is State.DOWN and watch.ont in self.maintained
        return State.MAINTENANCE if at_work else state
