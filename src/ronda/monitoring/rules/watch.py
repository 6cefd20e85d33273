"""The step that folds one reading into what is believed about an ONT.

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
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from ronda.monitoring.events import (
    Appeared,
    CameBack,
    Cleared,
    Paused,
    Probe,
    Reason,
    Resumed,
    Suspected,
    WentDown,
    moment,
)
from ronda.monitoring.rules.belief import Folded, Reading, Sight, State, Watch
from ronda.monitoring.rules.policy import DEFAULT, Policy

# The prober's causes (ronda.probing.port.Cause); rules know only these numbers.
UNREACHABLE = 2
SEND_FAILED = 4


# A confirm probe counts as sent at its time when it left this little too early (timer grain).
GRAIN = 0.5

# Probes kept as evidence: enough for the first ones and all confirm probes of a lossy site.
EVIDENCE = 12


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


def _with(probes: tuple[Probe, ...], reading: Reading) -> tuple[Probe, ...]:
    """The evidence with one more probe; the first one stays, the oldest of the rest give way."""
    probe = Probe(reading.at, reading.rtt_us, int(reading.cause), reading.confirm)
    if len(probes) < EVIDENCE:
        return (*probes, probe)
    return (probes[0], *probes[2:], probe)


def _moment(at: float | None) -> datetime | None:
    return None if at is None else moment(at)
