"""What is believed about one ONT, and the step that folds one reading into it.

```
UNKNOWN --reply--> UP --miss--> SUSPECT --reply--> UP
   |                               |
   +--all confirm probes missed----+--> DOWN --two replies >= 5 s apart--> UP
any --pause--> PAUSED --resume--> UNKNOWN
```

Guarantees, kept by properties in tests/monitoring/test_watch.py:

* an outage is dated from the *first* missed probe, not from the one that convinced us: uptime
  figures must not lose the seconds spent making sure; it ends at the first good reply of the two;
* outages of one ONT never overlap, and `since <= until` always;
* `step` of a settled UP watch with a reply, and of a settled DOWN watch with a miss, return the
  same watch and nothing else. The caller may skip them lawfully, which is what keeps its cost
  proportional to change and not to the fleet;
* a probe that was never sent proves nothing; nothing goes DOWN while the poller's sight is
  doubtful, and nothing changes at all while it is blind.

How often to ask. With 28.8 million sweep probes a day (10,000 ONTs every 30 s), independent loss
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
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from ronda.monitoring.events import (
    Appeared,
    CameBack,
    Cleared,
    OntEvent,
    Paused,
    Probe,
    Reason,
    Resumed,
    Suspected,
    WentDown,
    moment,
)

# The prober's causes (ronda.probing.port.Cause); rules know only these numbers.
UNREACHABLE = 2
SEND_FAILED = 4


class State(StrEnum):
    """What is believed about one ONT.

    MAINTENANCE is only ever shown, never believed (`service.fold`): an ONT that is DOWN while planned
    work is done there. UNREACHABLE is for a slice to come.
    """

    UNKNOWN = "unknown"
    UP = "up"
    SUSPECT = "suspect"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    MAINTENANCE = "maintenance"
    PAUSED = "paused"


class Sight(IntEnum):
    """Can the poller see? Decided by `blind.Guard`; belongs to the poller, never to an ONT."""

    CLEAR = 0
    DOUBTFUL = 1  # misses count, but nothing goes DOWN yet
    BLIND = 2  # nothing changes


class Reading(Protocol):
    """One probe's result, as `ronda.probing.port.Reading` has it (the key is the ONT's id)."""

    @property
    def at(self) -> float:
        """Epoch seconds UTC at which the probe was sent."""

    @property
    def rtt_us(self) -> int | None:
        """Round trip in microseconds; None: no reply in time."""

    @property
    def cause(self) -> int:
        """0 reply, 1 silent, 2 ICMP unreachable, 3 TTL exceeded, 4 could not be sent."""

    @property
    def confirm(self) -> bool:
        """True for a probe that `Folded.again` asked for."""


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

# A confirm probe counts as sent at its time when it left this little too early (timer grain).
GRAIN = 0.5

# Probes kept as evidence: enough for the first ones and all confirm probes of a lossy site.
EVIDENCE = 12


@dataclass(frozen=True, slots=True)
class Watch:
    """What is believed about one ONT. Make one with `fresh` or `restored`."""

    ont: int
    state: State = State.UNKNOWN
    since: float = 0.0
    """Since when it is up (first reply), down (first missed probe), unknown or paused.

    A suspicion does not end being up: SUSPECT keeps the time of UP, `first_miss` has its own."""
    last_at: float = 0.0
    """Sending time of the last reading that changed anything; older ones are dropped."""
    last_ok: float | None = None
    """Last reply known here. Replies of a settled UP watch do not come here one by one."""
    misses: int = 0
    """Misses in a row while suspecting; kept as the verdict's count in DOWN."""
    first_miss: float | None = None
    """Set while a silence is being confirmed (SUSPECT, or UNKNOWN that never answered) and DOWN."""
    answered: float | None = None
    """DOWN only: the first good reply, while the second is awaited."""
    due: float = 0.0
    """Time of the probe asked for last; no other is asked for before it."""
    provisional: bool = False
    """Taken from the database at a restart and not confirmed by a reading since."""
    probes: tuple[Probe, ...] = ()
    """The evidence of the transition under way, or of the last one."""

    @property
    def steady(self) -> bool:
        """True when a reply would change nothing: the prober need not report it."""
        return self.state is State.UP and not self.provisional

    @property
    def suspecting(self) -> bool:
        """True while confirm probes are being waited for (SUSPECT, or UNKNOWN and silent)."""
        return self.first_miss is not None and self.state is not State.DOWN


class Folded(NamedTuple):
    """What a reading led to. `again`: epoch seconds at which one more probe is wanted, or None."""

    watch: Watch
    events: tuple[OntEvent, ...] = ()
    again: float | None = None


def fresh(ont: int, at: float) -> Watch:
    """The watch of an ONT that nothing is known about (new, resumed, or its address changed)."""
    return Watch(ont, since=at)


def restored(
    ont: int, state: State, since: float, *, last_ok: float | None = None, misses: int = 0
) -> Watch:
    """The watch as the database had it before a restart, to be confirmed by what comes.

    A SUSPECT of before is UP again: its confirm probes died with the process. What the first
    readings then change is on record, but marked `silent`.
    """
    if state is State.SUSPECT:
        state, misses = State.UP, 0
    return Watch(
        ont,
        state,
        since,
        last_ok=last_ok,
        misses=misses,
        first_miss=since if state is State.DOWN else None,
        provisional=state in (State.UP, State.DOWN),
    )


def step(
    watch: Watch,
    reading: Reading,
    policy: Policy = DEFAULT,
    *,
    loss: float | None = None,
    sight: Sight = Sight.CLEAR,
    certain: bool = True,
    last_ok: float | None = None,
) -> Folded:
    """Fold one reading into what we believe.

    Args:
        loss: share of probes the site loses just now (`loss.SiteLoss`); None: not known.
        sight: what the blind guard says.
        certain: False when the kernel dropped replies in this round: a miss then proves nothing.
        last_ok: a reply known from a sweep's column that is later than those seen here.
    """
    if sight is Sight.BLIND or watch.state is State.PAUSED:
        return Folded(watch)
    if reading.rtt_us is not None:
        if watch.steady or reading.at <= watch.last_at:
            return Folded(watch)
        return _fold_reply(watch, reading, policy)
    settled_down = watch.state is State.DOWN and watch.answered is None and not watch.provisional
    if settled_down or reading.at <= watch.last_at:
        return Folded(watch)
    if reading.cause == SEND_FAILED or not certain:
        return _ask_once_more(watch, reading, policy)
    if watch.state is State.DOWN:
        return Folded(_down_after_all(watch, reading))
    if watch.first_miss is None:
        return _first_miss(watch, reading, policy.confirms(loss), last_ok)
    times = policy.confirms(loss)
    return _next_miss(watch, watch.first_miss, reading, policy, times, sight)


def _fold_reply(watch: Watch, reading: Reading, policy: Policy) -> Folded:
    if watch.state is State.DOWN:
        return _reply_while_down(watch, reading, policy)
    up = replace(
        watch,
        state=State.UP,
        last_at=reading.at,
        last_ok=reading.at,
        misses=0,
        first_miss=None,
        due=0.0,
        provisional=False,
        probes=(),
    )
    at = moment(reading.at)
    if watch.state is State.UNKNOWN:
        return Folded(replace(up, since=reading.at), (Appeared(ont=watch.ont, at=at),))
    if watch.first_miss is None:
        return Folded(up)
    since = moment(watch.first_miss)
    return Folded(up, (Cleared(ont=watch.ont, at=at, since=since, misses=watch.misses),))


def _reply_while_down(watch: Watch, reading: Reading, policy: Policy) -> Folded:
    """One reply is a hope, two far enough apart are an end."""
    probes = _with(watch.probes, reading)
    if watch.answered is None:
        again = reading.at + policy.recover_after
        hoping = replace(watch, last_at=reading.at, answered=reading.at, due=again, probes=probes)
        return Folded(hoping, again=again)
    if reading.at - watch.answered < policy.recover_after:
        again = watch.answered + policy.recover_after
        hoping = replace(watch, last_at=reading.at, probes=probes, due=again)
        # The probe asked for left early by the timer's grain: ask for another, else wait for it.
        return Folded(hoping, again=again if reading.at >= watch.due - GRAIN else None)
    up = replace(
        watch,
        state=State.UP,
        since=watch.answered,
        last_at=reading.at,
        last_ok=reading.at,
        misses=0,
        first_miss=None,
        answered=None,
        due=0.0,
        provisional=False,
        probes=(),
    )
    back = CameBack(
        ont=watch.ont,
        at=moment(reading.at),
        since=moment(watch.since),
        until=moment(max(watch.answered, watch.since)),  # the clock may have been set back
        reason=Reason.FOUND_AFTER_RESTART if watch.provisional else Reason.TWO_REPLIES,
        probes=tuple(probe for probe in probes if probe.at >= watch.answered),
        silent=watch.provisional,
    )
    return Folded(up, (back,))


def _ask_once_more(watch: Watch, reading: Reading, policy: Policy) -> Folded:
    """The probe proved nothing. Where an answer is being waited for, ask again soon."""
    waiting = watch.suspecting or watch.answered is not None
    if not waiting or reading.at < watch.due - GRAIN:
        return Folded(watch)
    again = reading.at + policy.extra_every
    return Folded(replace(watch, due=again), again=again)


def _down_after_all(watch: Watch, reading: Reading) -> Watch:
    """A reply or two came, then silence again (or the first miss after a restart)."""
    probes = watch.probes
    if watch.answered is not None:
        probes = tuple(probe for probe in probes if probe.at < watch.answered)
    return replace(
        watch, last_at=reading.at, answered=None, due=0.0, provisional=False, probes=probes
    )


def _first_miss(
    watch: Watch, reading: Reading, times: tuple[float, ...], last_ok: float | None
) -> Folded:
    again = reading.at + times[0]
    seen = [ok for ok in (watch.last_ok, last_ok) if ok is not None and ok < reading.at]
    suspected = replace(
        watch,
        state=State.SUSPECT if watch.state is State.UP else watch.state,
        last_at=reading.at,
        last_ok=max(seen, default=None),
        misses=1,
        first_miss=reading.at,
        due=again,
        probes=_with((), reading),
    )
    if watch.state is not State.UP:
        return Folded(suspected, again=again)
    event = Suspected(ont=watch.ont, at=moment(reading.at), last_ok=_moment(suspected.last_ok))
    return Folded(suspected, (event,), again)


def _next_miss(
    watch: Watch,
    first: float,
    reading: Reading,
    policy: Policy,
    times: tuple[float, ...],
    sight: Sight,
) -> Folded:
    missed = replace(
        watch,
        last_at=reading.at,
        misses=watch.misses + 1,
        probes=_with(watch.probes, reading),
    )
    sure = missed.misses > len(times) and reading.at - first >= times[-1] - GRAIN
    if sure and sight is Sight.CLEAR:
        return _down(missed, first, reading)
    if reading.at < watch.due - GRAIN:  # a sweep's own probe; the one asked for is still to come
        return Folded(missed)
    again = first + times[min(missed.misses, len(times)) - 1]
    if again <= reading.at + GRAIN:  # late already, because time-outs are long; or held by doubt
        again = reading.at + (policy.extra_every if sure else GRAIN)
    return Folded(replace(missed, due=again), again=again)


def _down(watch: Watch, first: float, reading: Reading) -> Folded:
    causes = Counter(probe.cause for probe in watch.probes)
    cause = max(causes, key=lambda code: (causes[code], code))
    if watch.provisional:
        reason = Reason.FOUND_AFTER_RESTART
    elif watch.state is State.UNKNOWN:
        reason = Reason.NEVER_ANSWERED
    elif cause == UNREACHABLE:
        reason = Reason.CONFIRMED_UNREACHABLE
    else:
        reason = Reason.CONFIRMED_SILENT
    event = WentDown(
        ont=watch.ont,
        at=moment(reading.at),
        since=moment(first),
        last_ok=_moment(watch.last_ok),
        reason=reason,
        cause=cause,
        probes=watch.probes,
        silent=watch.provisional,
    )
    down = replace(watch, state=State.DOWN, since=first, due=0.0, provisional=False)
    return Folded(down, (event,))


def roll_back(watch: Watch, at: float) -> Folded:
    """Drop a suspicion, because the poller turned out to be blind. Others stay as they are."""
    if watch.first_miss is None or watch.state is State.DOWN:
        return Folded(watch)
    certain = replace(
        watch,
        state=State.UP if watch.state is State.SUSPECT else watch.state,
        last_at=max(at, watch.last_at),
        misses=0,
        first_miss=None,
        due=0.0,
        probes=(),
    )
    if watch.state is not State.SUSPECT:
        return Folded(certain)
    event = Cleared(
        ont=watch.ont,
        at=moment(certain.last_at),
        since=moment(watch.first_miss),
        misses=watch.misses,
        reason=Reason.POLLER_WAS_BLIND,
    )
    return Folded(certain, (event,))


def pause(watch: Watch, at: float) -> Folded:
    """Stop watching this ONT on a person's word; an open outage ends there, unexplained."""
    if watch.state is State.PAUSED:
        return Folded(watch)
    since = moment(watch.since) if watch.state is State.DOWN else None
    at = max(at, watch.since, watch.last_at)
    paused = Watch(watch.ont, State.PAUSED, since=at, last_at=at, last_ok=watch.last_ok)
    return Folded(paused, (Paused(ont=watch.ont, at=moment(at), since=since),))


def resume(watch: Watch, at: float) -> Folded:
    """Watch again: nothing is known until it answers or is confirmed silent."""
    if watch.state is not State.PAUSED:
        return Folded(watch)
    at = max(at, watch.since)
    return Folded(Watch(watch.ont, since=at, last_at=at), (Resumed(ont=watch.ont, at=moment(at)),))


def shifted(watch: Watch, by: float, since: float) -> Watch:
    """The watch after the wall clock jumped by `by` seconds.

    Only times from `since` on (this process's start, on the old clock) move: those before were
    stamped by a clock that was presumably right.
    """

    def move(at: float) -> float:
        return at + by if at >= since else at

    def move_known(at: float | None) -> float | None:
        return None if at is None else move(at)

    return replace(
        watch,
        since=move(watch.since),
        last_at=move(watch.last_at),
        last_ok=move_known(watch.last_ok),
        first_miss=move_known(watch.first_miss),
        answered=move_known(watch.answered),
        due=move(watch.due),
        probes=tuple(probe._replace(at=move(probe.at)) for probe in watch.probes),
    )


# The older system asked up to three times before it counted one failure.
PROBES_OF_A_FAILURE = 3


def legacy_failures(misses: int) -> int:
    """Failures in a row as the older system counted them: three silent probes, then each one more."""
    return max(0, misses - PROBES_OF_A_FAILURE + 1)


def legacy_status(state: State, failures: int) -> str:
    """The status word of the older JSON API, which counts failures in a row (`legacy_failures`).

    Up to 1 is "OFF(Waiting Connection)", 2-5 "OFF(RTO)", 6 or more "OFF". A confirmed DOWN is "OFF"
    whatever its count; what nobody watches or knows is "UNKNOWN", never offline.
    """
    if state is State.UP:
        return "ON"
    if state in (State.DOWN, State.UNREACHABLE):
        return "OFF"
    if state is not State.SUSPECT:
        return "UNKNOWN"
    if failures <= 1:
        return "OFF(Waiting Connection)"
    return "OFF(RTO)" if failures <= 5 else "OFF"


def _with(probes: tuple[Probe, ...], reading: Reading) -> tuple[Probe, ...]:
    """The evidence with one more probe; the first one stays, the oldest of the rest give way."""
    probe = Probe(reading.at, reading.rtt_us, int(reading.cause), reading.confirm)
    if len(probes) < EVIDENCE:
        return (*probes, probe)
    return (probes[0], *probes[2:], probe)


def _moment(at: float | None) -> datetime | None:
    return None if at is None else moment(at)
