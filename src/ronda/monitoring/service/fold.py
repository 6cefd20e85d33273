"""The beliefs about the fleet in memory, and what each batch of readings changes about them.

`Fold` holds one rules' `Watch` per ONT, steps it with what the prober reports and gathers three
things for the keeper: `batch` (what must be written, see `ledger`), `asks` (probes wanted soon) and
`steadied`/`unsteadied` (whose replies need not be reported one by one). It touches no database and
reads no clock.

What is *shown* (written and published) differs from what is believed in two ways: a suspicion is
shown only when the second confirm probe stayed silent too, so that single lost packets make no
noise and cost nothing; and an ONT that is down while planned work is done there is shown as under
maintenance. Its outage is written all the same.

The cost follows what changes: a settled ONT costs one dictionary look-up per reported reading, and
the prober reports none for those that answer.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from ronda.monitoring.events import (
    Appeared,
    CameBack,
    Cleared,
    Degraded,
    OntEvent,
    Paused,
    Reason,
    Regained,
    Resumed,
    SettledDown,
    StartedFlapping,
    WentDown,
    moment,
)
from ronda.monitoring.rules import flapping
from ronda.monitoring.rules.belief import Folded, Sight, State, Watch, fresh, shifted
from ronda.monitoring.rules.blind import Fleet
from ronda.monitoring.rules.flapping import FlapMemory
from ronda.monitoring.rules.loss import SiteLoss
from ronda.monitoring.rules.policy import DEFAULT, Policy
from ronda.monitoring.rules.watch import pause, resume, roll_back, step
from ronda.monitoring.service.batch import Batch, Change, Opening
from ronda.probing.port import Cause, Reading, SweepDone

# Misses in a row from which a suspicion is shown: the first one and two confirm probes.
SHOWN_FROM = 3

CAUSES = {
    Cause.SILENT: "silent",
    Cause.UNREACHABLE: "unreachable",
    Cause.TTL_EXCEEDED: "loop",
    Cause.SEND_FAILED: "not-sent",
}


class Member(NamedTuple):
    """One watched ONT: where it is probed and to which site its losses count."""

    ont: int
    address: str
    site: int


class Shown(NamedTuple):
    """What stands in the database about one ONT."""

    state: str
    flapping: bool = False
    degraded: bool = False


NOTHING = Shown(State.UNKNOWN)


class Fold:
    """What is believed about the fleet, and what the last readings changed about it."""

    def __init__(self, policy: Policy = DEFAULT, *, interval: float = 30.0) -> None:
        """Begin with an empty fleet; `adopt` fills it."""
        self.policy = policy
        self.interval = interval
        self.sight = Sight.CLEAR
        self.watches: dict[int, Watch] = {}
        self.members: dict[int, Member] = {}
        self.keys: dict[str, int] = {}  # address -> the key it is probed under
        self.sharing: dict[int, list[int]] = {}  # key -> its ONTs, where there are several
        self.key_of: dict[int, int] = {}  # ONT -> key, where they differ
        self.shown: dict[int, Shown] = {}
        self.maintained: set[int] = set()
        self.flaps: dict[int, FlapMemory] = {}
        # Insertion order is the order of the first misses, so the first entry is the oldest.
        self.suspects: dict[int, float] = {}
        self.not_up: set[int] = set()
        self.up_by_site: Counter[int] = Counter()
        self.lost_by_site: Counter[int] = Counter()
        self.losses: dict[int, SiteLoss] = {}
        self.last_sweep: SweepDone | None = None
        self.batch = Batch()
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
        self.shown.update(shown)
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
                if self.shown.get(ont, NOTHING).state == State.PAUSED:
                    watch = self.watches[ont] = Watch(ont, State.PAUSED, since=at)
            if old is not None:
                self._uncount(watch, old)
            moved = old is None or old.address != member.address
            if old is not None and moved:
                self._leave_address(old)
            self.members[ont] = member
            self._count(watch, member)
            if moved:
                self._join_address(member)
                self.asks.append((self.key(ont), at))
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
                self._leave_address(member)
                self._uncount(watch, member)
            self.suspects.pop(ont, None)
            self.flaps.pop(ont, None)
            self._note(watch, pause(watch, at), at, state=shown_as)

    def forget(self, onts: Iterable[int]) -> None:
        """Stop watching these without a word: their rows are gone for good."""
        for ont in onts:
            member = self.members.pop(ont, None)
            watch = self.watches.pop(ont, None)
            if member is not None:
                self._leave_address(member)
                if watch is not None:
                    self._uncount(watch, member)
            for memory in (self.suspects, self.flaps, self.shown):
                memory.pop(ont, None)

    def key(self, ont: int) -> int:
        """The key under which this ONT's address is probed."""
        return self.key_of.get(ont, ont)

    def targets(self) -> dict[int, str]:
        """Key to address of everything to be probed, each address once."""
        return {key: address for address, key in self.keys.items()}

    def _join_address(self, member: Member) -> None:
        key = self.keys.get(member.address)
        if key is None:
            self.keys[member.address] = member.ont
            return
        onts = sorted({*self.sharing.get(key, [key]), member.ont})
        self._share(member.address, onts, key)

    def _leave_address(self, member: Member) -> None:
        key = self.keys.pop(member.address)
        onts = [ont for ont in self.sharing.pop(key, [key]) if ont != member.ont]
        self.key_of.pop(member.ont, None)
        if onts:
            self._share(member.address, onts, key)

    def _share(self, address: str, onts: list[int], old_key: int) -> None:
        key = onts[0]
        self.keys[address] = key
        self.sharing.pop(old_key, None)
        if len(onts) > 1:
            self.sharing[key] = onts
        for ont in onts:
            if ont == key:
                self.key_of.pop(ont, None)
            else:
                self.key_of[ont] = key
        self.unsteadied.add(key)
        self._steady(key)

    # What is heard

    def hear(self, reading: Reading) -> None:
        """Fold one reading of the fleet into the ONTs that have its address."""
        for ont in self.sharing.get(reading.key) or (reading.key,):
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
                loss=self._loss(ont),
                sight=self.sight,
                last_ok=self._last_ok(reading),
            )
            if folded.watch is not watch or folded.again is not None:
                self._settle(watch, folded, reading.at, rtt_us=reading.rtt_us)

    def swept(self, sweep: SweepDone) -> tuple[int, int]:
        """Take in a finished round; how many were believed up, and how many of these answered."""
        up = len(self.members) - len(self.not_up)
        column = sweep.rtts
        answered = sweep.answered
        answered += sum(
            len(onts) - 1 for key, onts in self.sharing.items() if _answered(column, key)
        )
        answered -= sum(1 for ont in self.not_up if _answered(column, self.key(ont)))
        if not sweep.uncertain:
            self.last_sweep = sweep
            for site, count in self.up_by_site.items():
                loss = self.losses.get(site, SiteLoss())
                self.losses[site] = loss.after_sweep(count, self.lost_by_site[site])
            self.lost_by_site.clear()
        return up, max(0, min(up, answered))

    def fleet(self) -> Fleet:
        """What the blind guard must know of the fleet."""
        oldest = next(iter(self.suspects.values()), None)
        return Fleet(
            len(self.members) - len(self.not_up), len(self.suspects), oldest, self.interval
        )

    def maintain(self, onts: set[int], at: float) -> None:
        """Take in where planned work is done now: what is down there is shown as under maintenance."""
        changed = onts ^ self.maintained
        self.maintained = onts
        for ont in sorted(changed):
            watch, shown = self.watches.get(ont), self.shown.get(ont, NOTHING)
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

    def take_batch(self) -> Batch:
        """What is to be written since the last call."""
        batch, self.batch = self.batch, Batch()
        return batch

    # How a change is taken in

    def _settle(
        self, before: Watch, folded: Folded, at: float, *, rtt_us: int | None = None
    ) -> None:
        """Take over the new belief: counts, wishes to the prober, and what must be written."""
        watch = folded.watch
        ont = watch.ont
        member = self.members[ont]
        self._uncount(before, member)
        self.watches[ont] = watch
        self._count(watch, member)
        if watch.state is State.SUSPECT and watch.first_miss is not None:
            self.suspects.setdefault(ont, watch.first_miss)
        else:
            self.suspects.pop(ont, None)
        if folded.again is not None:
            self.asks.append((self.key(ont), folded.again))
        if watch.steady != before.steady:
            self._steady(self.key(ont))
        for event in folded.events:
            self._take_event(event)
        self._note(before, folded, at, rtt_us=rtt_us)
        if watch.state is State.SUSPECT and watch.misses > max(before.misses, SHOWN_FROM):
            self.batch.misses[ont] = watch.misses
        for event in folded.events:
            if isinstance(event, WentDown | CameBack):
                self._flap(ont, event)

    def _take_event(self, event: OntEvent) -> None:
        if isinstance(event, Cleared) and event.reason is Reason.ANSWERED_AGAIN:
            member = self.members.get(event.ont)
            if member is not None:
                self.lost_by_site[member.site] += event.misses

    def _flap(self, ont: int, event: WentDown | CameBack) -> None:
        memory = self.flaps.get(ont) or FlapMemory(ont)
        if ont in self.maintained:
            return
        at = max(event.at.timestamp(), memory.changes[-1] if memory.changes else 0.0)
        flapped = flapping.changed(memory, at)
        self.flaps[ont] = flapped.memory
        for started in flapped.events:
            self.overlay(ont, started, at)

    def overlay(
        self, ont: int, event: StartedFlapping | SettledDown | Degraded | Regained, at: float
    ) -> None:
        """Put an overlay on an ONT or take it off; nothing when it is so already."""
        shown = self.shown.get(ont, NOTHING)
        watch = self.watches.get(ont)
        if isinstance(event, Degraded | Regained):
            new = shown._replace(degraded=isinstance(event, Degraded))
        else:
            new = shown._replace(flapping=isinstance(event, StartedFlapping))
        if watch is None or new == shown:
            return
        self.shown[ont] = new
        self.batch.add(
            Change(
                ont=ont,
                before=shown.state,
                after=shown.state,
                shown=new,
                watch=watch,
                at=event.since if isinstance(event, StartedFlapping) else event.at,
                decided_at=moment(at),
                reason=event.kind,
                evidence=_of_overlay(event),
            )
        )

    def _note(
        self,
        before: Watch,
        folded: Folded,
        at: float,
        *,
        rtt_us: int | None = None,
        state: State | None = None,
    ) -> None:
        """Write down what changed in what is shown, with the outage that begins or ends by it."""
        watch = folded.watch
        shown = self.shown.get(watch.ont, NOTHING)
        after = state or self._shown_state(watch)
        opens, closes = _outage(folded.events)
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
                at=_dated(watch, event, at),
                decided_at=moment(at),
                reason=str(Reason.OPERATOR) if state else _reason(before, watch, event),
                evidence=_evidence(watch, event, self._loss(watch.ont)),
                rtt_us=rtt_us,
                opens=opens,
                closes=closes,
            )
        )

    def _count(self, watch: Watch, member: Member) -> None:
        if watch.state in (State.UP, State.SUSPECT):
            self.up_by_site[member.site] += 1
        else:
            self.not_up.add(watch.ont)

    def _uncount(self, watch: Watch, member: Member) -> None:
        if watch.state in (State.UP, State.SUSPECT):
            self.up_by_site[member.site] -= 1
        else:
            self.not_up.discard(watch.ont)

    def _steady(self, key: int) -> None:
        """Tell the prober whether single replies of this key matter."""
        onts = self.sharing.get(key) or (key,)
        if all((watch := self.watches.get(ont)) is not None and watch.steady for ont in onts):
            self.steadied.add(key)
            self.unsteadied.discard(key)
        else:
            self.unsteadied.add(key)
            self.steadied.discard(key)

    def _loss(self, ont: int) -> float | None:
        member = self.members.get(ont)
        loss = self.losses.get(member.site) if member else None
        return loss.share if loss else None

    def _last_ok(self, reading: Reading) -> float | None:
        """When the target answered in the last round, which ran about one interval before."""
        sweep = self.last_sweep
        if sweep is None or reading.rtt_us is not None or not _answered(sweep.rtts, reading.key):
            return None
        return min(sweep.finished_at, max(sweep.started_at, reading.at - self.interval))


def shown_state(watch: Watch) -> State:
    """What the pages say: a suspicion only after the second confirm probe."""
    if watch.state is State.SUSPECT and watch.misses < SHOWN_FROM:
        return State.UP
    return watch.state


def _answered(column: array[int], key: int) -> bool:
    return key < len(column) and column[key] > 1


def _outage(events: Iterable[OntEvent]) -> tuple[Opening | None, datetime | None]:
    """The outage that begins, and the end of the one that was open."""
    for event in events:
        if isinstance(event, WentDown):
            cause = CAUSES.get(Cause(event.cause), "silent")
            return Opening(event.since, event.at, event.last_ok, cause), None
        if isinstance(event, CameBack):
            return None, event.until
        if isinstance(event, Paused) and event.since is not None:
            return None, event.at
    return None, None


def _dated(watch: Watch, event: OntEvent | None, at: float) -> datetime:
    """The moment a change is dated to, which lies before the moment we were sure."""
    if isinstance(event, WentDown):
        return event.since
    if isinstance(event, CameBack):
        return event.until
    if watch.state is State.SUSPECT and watch.first_miss is not None:
        return moment(watch.first_miss)
    return moment(at)


def _reason(before: Watch, watch: Watch, event: OntEvent | None) -> str:
    if isinstance(event, Appeared | Cleared | WentDown | CameBack | Paused | Resumed):
        return str(event.reason)
    if watch.state is State.SUSPECT:
        return str(Reason.MISSED)
    return str(Reason.FOUND_AFTER_RESTART if before.provisional else Reason.ANSWERED_AGAIN)


def _of_overlay(event: StartedFlapping | SettledDown | Degraded | Regained) -> dict[str, object]:
    if isinstance(event, Degraded):
        return {"what": event.what, "value": event.value, "usual": event.usual}
    if isinstance(event, Regained):
        return {"since": event.since.isoformat()}
    return {"changes": event.changes, "since": event.since.isoformat()}


def _evidence(watch: Watch, event: OntEvent | None, loss: float | None) -> dict[str, object]:
    """What the decision rests on, as `why` reads it."""
    evidence: dict[str, object] = {}
    probes = event.probes if isinstance(event, WentDown | CameBack) else watch.probes
    if probes:
        evidence["probes"] = [list(probe) for probe in probes]
    if isinstance(event, WentDown):
        evidence["cause"] = event.cause
        evidence["last_ok"] = event.last_ok.isoformat() if event.last_ok else None
    if isinstance(event, CameBack):
        evidence["since"] = event.since.isoformat()
    if isinstance(event, Cleared):
        evidence["misses"] = event.misses
    if loss is not None:
        evidence["loss"] = round(loss, 5)
    return evidence
