"""The beliefs about the fleet in memory, and what each batch of readings changes about them.

`Fold` holds one rules' `Watch` per ONT, steps it with what the prober reports and gathers three
things for the keeper: the batch of what must be written (`showing`, `ledger`), `asks` (probes wanted
soon) and `steadied`/`unsteadied` (whose replies need not be reported one by one). It touches no
database and reads no clock.

The cost follows what changes: a settled ONT costs one dictionary look-up per reported reading, and
the prober reports none for those that answer.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

from ronda.monitoring.events import (
    CameBack,
    Cleared,
    Reason,
    WentDown,
)
from ronda.monitoring.rules import flapping
from ronda.monitoring.rules.belief import Folded, Sight, State, Watch, fresh, shifted
from ronda.monitoring.rules.blind import Fleet
from ronda.monitoring.rules.flapping import FlapMemory
from ronda.monitoring.rules.policy import DEFAULT, Policy
from ronda.monitoring.rules.watch import pause, resume, roll_back, step
from ronda.monitoring.service.addresses import Addresses, Member
from ronda.monitoring.service.batch import Batch
from ronda.monitoring.service.showing import Overlay, Showing
from ronda.monitoring.service.shown import NOTHING, SHOWN_FROM, Shown
from ronda.monitoring.service.tally import Tally
from ronda.probing.port import Reading, SweepDone


class Fold:
    """What is believed about the fleet, and what the last readings changed about it."""

    def __init__(self, policy: Policy = DEFAULT, *, interval: float = 30.0) -> None:
        """Begin with an empty fleet; `adopt` fills it."""
        self.policy = policy
        self.interval = interval
        self.sight = Sight.CLEAR
        self.watches: dict[int, Watch] = {}
        self.members: dict[int, Member] = {}
        self.addresses = Addresses()
        self.showing = Showing()
        self.tally = Tally()
        self.flaps: dict[int, FlapMemory] = {}
        # Insertion order is the order of the first misses, so the first entry is the oldest.
        self.suspects: dict[int, float] = {}
        self.last_sweep: SweepDone | None = None
        self.asks: list[tuple[int, float]] = []
        self.steadied: set[int] = set()
        self.unsteadied: set[int] = set()

    # Who is watched

    def restore(
        self,
        watches: Iterable[Watch],
        shown: Mapping[int, Shown],
        flaps: Mapping[int, FlapMemory] | None = None,
    ) -> None:
        """Take over what the database knew before `adopt` says who is still watched."""
        self.showing.shown.update(shown)
        self.flaps.update(flaps or {})
        for watch in watches:
            self.watches[watch.ont] = watch

    def adopt(self, members: Iterable[Member], at: float) -> None:
        """Begin to watch these, or take in that their address or site changed."""
        for member in members:
            ont = member.ont
            old = self.members.get(ont)
            if old == member:
                continue
            watch = self.watches.get(ont)
            if watch is None:
                watch = self.watches[ont] = fresh(ont, at)
                if self.showing.shown.get(ont, NOTHING).state == State.PAUSED:
                    watch = self.watches[ont] = Watch(ont, State.PAUSED, since=at)
            if old is not None:
                self.tally.uncount(watch, old)
            moved = old is None or old.address != member.address
            if old is not None and moved:
                self._leave(old)
            self.members[ont] = member
            self.tally.count(watch, member)
            if moved:
                self._join(member)
                self.asks.append((self.addresses.key(ont), at))
            if watch.state is State.PAUSED:
                self._settle(watch, resume(watch, at), at)
            elif old is not None and moved:
                # Nothing is known of the new address; an open outage was the old one's.
                paused = pause(watch, at)
                resumed = resume(paused.watch, at)
                both = Folded(resumed.watch, (*paused.events, *resumed.events))
                self._settle(watch, both, at)

    def dismiss(self, onts: Iterable[int], at: float, *, shown_as: State = State.PAUSED) -> None:
        """Stop watching these: set aside (PAUSED), or without an address (UNKNOWN)."""
        for ont in onts:
            member = self.members.pop(ont, None)
            watch = self.watches.pop(ont, None) or fresh(ont, at)
            if member is not None:
                self._leave(member)
                self.tally.uncount(watch, member)
            self.suspects.pop(ont, None)
            self.flaps.pop(ont, None)
            self.showing.note(watch, pause(watch, at), at, loss=None, state=shown_as)

    def forget(self, onts: Iterable[int]) -> None:
        """Stop watching these without a word: their rows are gone for good."""
        for ont in onts:
            member = self.members.pop(ont, None)
            watch = self.watches.pop(ont, None)
            if member is not None:
                self._leave(member)
                if watch is not None:
                    self.tally.uncount(watch, member)
            for memory in (self.suspects, self.flaps, self.showing.shown):
                memory.pop(ont, None)

    def _join(self, member: Member) -> None:
        self._shared_by_others(self.addresses.join(member))

    def _leave(self, member: Member) -> None:
        self._shared_by_others(self.addresses.leave(member))

    def _shared_by_others(self, key: int | None) -> None:
        if key is not None:
            self.unsteadied.add(key)
            self._steady(key)

    # What is heard

    def hear(self, reading: Reading) -> None:
        """Fold one reading of the fleet into the ONTs that have its address."""
        for ont in self.addresses.onts(reading.key):
            watch = self.watches.get(ont)
            if watch is None:
                continue
            if reading.rtt_us is None:
                # Lawful, says `step`: a settled DOWN learns nothing from one more silence.
                if watch.state is State.DOWN and watch.answered is None and not watch.provisional:
                    continue
            elif watch.steady:
                continue
            folded = step(
                watch,
                reading,
                self.policy,
                loss=self.tally.loss(self.members.get(ont)),
                sight=self.sight,
                last_ok=self._last_ok(reading),
            )
            if folded.watch is not watch or folded.again is not None:
                self._settle(watch, folded, reading.at, rtt_us=reading.rtt_us)

    def swept(self, sweep: SweepDone) -> tuple[int, int]:
        """Take in a finished round; how many were believed up, and how many of these answered."""
        up = len(self.members) - len(self.tally.not_up)
        column = sweep.rtts
        answered = sweep.answered
        answered += sum(
            len(onts) - 1 for key, onts in self.addresses.sharing.items() if _answered(column, key)
        )
        answered -= sum(
            1 for ont in self.tally.not_up if _answered(column, self.addresses.key(ont))
        )
        if not sweep.uncertain:
            self.last_sweep = sweep
            self.tally.after_round()
        return up, max(0, min(up, answered))

    def fleet(self) -> Fleet:
        """What the blind guard must know of the fleet."""
        oldest = next(iter(self.suspects.values()), None)
        return Fleet(
            len(self.members) - len(self.tally.not_up), len(self.suspects), oldest, self.interval
        )

    def go_blind(self, at: float) -> None:
        """Drop all suspicions: they are our own blindness."""
        self.sight = Sight.BLIND
        for ont in [ont for ont, watch in self.watches.items() if watch.suspecting]:
            watch = self.watches[ont]
            self._settle(watch, roll_back(watch, at), at)

    def shift(self, by: float, since: float) -> None:
        """Move the times of the watches after the wall clock jumped."""
        for ont, watch in self.watches.items():
            self.watches[ont] = shifted(watch, by, since)
        self.suspects = {
            ont: self.watches[ont].first_miss or at for ont, at in self.suspects.items()
        }

    def settle_flaps(self, now: float) -> None:
        """Let time pass for ONTs that were flapping; call it every minute or so."""
        for ont, memory in list(self.flaps.items()):
            settled = flapping.settle(memory, now)
            if settled.events or settled.memory.changes:
                self.flaps[ont] = settled.memory
            if not settled.memory.changes and not settled.memory.flapping:
                del self.flaps[ont]
            for event in settled.events:
                self.overlay(ont, event, now)

    def overlay(self, ont: int, event: Overlay, at: float) -> None:
        """Put an overlay on an ONT or take it off; nothing when it is so already."""
        watch = self.watches.get(ont)
        if watch is not None:
            self.showing.overlay(watch, event, at)

    @property
    def batch(self) -> Batch:
        """What is to be written next."""
        return self.showing.batch

    def maintain(self, onts: set[int], at: float) -> None:
        """Take in where planned work is done now: what is down there is shown as under maintenance."""
        self.showing.maintain(onts, self.watches, at)

    def take_batch(self) -> Batch:
        """What is to be written since the last call."""
        return self.showing.take_batch()

    # How a change is taken in

    def _settle(
        self, before: Watch, folded: Folded, at: float, *, rtt_us: int | None = None
    ) -> None:
        """Take over the new belief: counts, wishes to the prober, and what must be written."""
        watch = folded.watch
        ont = watch.ont
        member = self.members[ont]
        self.tally.uncount(before, member)
        self.watches[ont] = watch
        self.tally.count(watch, member)
        if watch.state is State.SUSPECT and watch.first_miss is not None:
            self.suspects.setdefault(ont, watch.first_miss)
        else:
            self.suspects.pop(ont, None)
        if folded.again is not None:
            self.asks.append((self.addresses.key(ont), folded.again))
        if watch.steady != before.steady:
            self._steady(self.addresses.key(ont))
        for event in folded.events:
            if isinstance(event, Cleared) and event.reason is Reason.ANSWERED_AGAIN:
                self.tally.lose(member, event.misses)
        loss = self.tally.loss(member)
        self.showing.note(before, folded, at, loss=loss, rtt_us=rtt_us)
        if watch.state is State.SUSPECT and watch.misses > max(before.misses, SHOWN_FROM):
            self.showing.batch.misses[ont] = watch.misses
        for event in folded.events:
            if isinstance(event, WentDown | CameBack):
                self._flap(ont, event)

    def _flap(self, ont: int, event: WentDown | CameBack) -> None:
        memory = self.flaps.get(ont) or FlapMemory(ont)
        if ont in self.showing.maintained:
            return
        at = max(event.at.timestamp(), memory.changes[-1] if memory.changes else 0.0)
        flapped = flapping.changed(memory, at)
        self.flaps[ont] = flapped.memory
        for started in flapped.events:
            self.overlay(ont, started, at)

    def _steady(self, key: int) -> None:
        """Tell the prober whether single replies of this key matter."""
        onts = self.addresses.onts(key)
        if all((watch := self.watches.get(ont)) is not None and watch.steady for ont in onts):
            self.steadied.add(key)
            self.unsteadied.discard(key)
        else:
            self.unsteadied.add(key)
            self.steadied.discard(key)

    def _last_ok(self, reading: Reading) -> float | None:
        """When the target answered in the last round, which ran about one interval before."""
        sweep = self.last_sweep
        if sweep is None or reading.rtt_us is not None or not _answered(sweep.rtts, reading.key):
            return None
        return min(sweep.finished_at, max(sweep.started_at, reading.at - self.interval))


def _answered(column: array[int], key: int) -> bool:
    return key < len(column) and column[key] > 1
