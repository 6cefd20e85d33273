"""Can the poller itself see? If its own uplink is cut, every ONT is silent and none is down.

Two witnesses: *canaries*, addresses in separate failure domains probed every few seconds (the LAN
gateway, the router, a name server upstream, a far host), and the *fleet*, the share of what was
believed up that is missing at once.

* Every domain silent once: DOUBTFUL, which only delays DOWN verdicts. Silent twice: BLIND, unless
  the fleet goes on answering (then it is the canaries that are broken, and they are not believed
  until one answers again).
* At least half of the domains newly silent and 95 % of the fleet missing: BLIND. All domains
  answering and the whole fleet missing: a real cut, reported like any other.
* No canary that ever answered: the fleet alone is asked. 95 % of it and at least three ONTs
  missing after one whole interval is BLIND, since we cannot tell a cut of all from our own.

While BLIND nothing changes and suspicions are dropped. The end needs one whole certain sweep begun
after sight returned. The time between the last certain moment and the end of that sweep is
*unobserved*: it counts neither as up nor as down. Order of calls for each batch of reports:

```
guard = guard.heard(reading)  # each canary reading
guard = guard.swept(started, finished, ...)  # each finished sweep
guard, events = judge(guard, now, fleet)  # then decide, before any watch is stepped
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ronda.monitoring.events import BlindBegan, BlindEnded, moment
from ronda.monitoring.rules.belief import Reading, Sight


@dataclass(frozen=True, slots=True)
class Caution:
    """When to doubt. Times in seconds, shares 0-1."""

    missing_share: float = 0.95
    missing_least: int = 3
    doubt_share: float = 0.6
    """Of the ONTs that a total cut would have silenced by now, the share that makes us doubt."""
    settle: float = 8.0
    """The share says nothing before the oldest suspicion is this old (noise clears in 2-3 s)."""
    timeout: float = 3.0
    """The longest a probe is waited for: a miss is known this much after its sending."""
    together: float = 90.0
    """Domains that fell silent longer ago have nothing to do with what is missing now."""


class Fleet(NamedTuple):
    """What the keeper knows at a moment. Count only ONTs that are UP or suspected."""

    up: int
    """Believed up, suspected ones included."""
    suspects: int
    """Of these, the ones in SUSPECT."""
    oldest_miss: float | None
    """First missed probe of the oldest suspicion, epoch seconds; None without suspects."""
    interval: float
    """Seconds in which every ONT is probed once."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One canary's memory. `answered` is None until it has answered once."""

    domain: str
    answered: float | None = None
    missed: int = 0
    silent_since: float | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """The poller's sight, and what it rests on. Make one with `guarding`."""

    canaries: Mapping[int, Canary]
    caution: Caution = Caution()
    sight: Sight = Sight.CLEAR
    why: str = ""
    unobserved_from: float | None = None
    """Set while BLIND: the last certain moment."""
    returned: float | None = None
    """While BLIND: since when we seem to see again; a whole sweep begun later confirms it."""
    returned_by: str = ""
    """ "canaries" or "fleet": who said so."""
    confirmed: float | None = None
    """While BLIND: end of the sweep that confirmed."""
    swept_share: float = 0.0
    """Share of those believed up that answered in the last whole, certain sweep..."""
    swept_from: float = 0.0
    """...and when that sweep began (0: none yet)."""
    distrusted: bool = False
    """The canaries were all silent while the fleet answered."""

    def heard(self, reading: Reading, key: int) -> Guard:
        """With one canary reading. Keys that are no canary, and older readings, change nothing."""
        canary = self.canaries.get(key)
        if canary is None or reading.at <= (canary.answered or 0.0):
            return self
        if reading.rtt_us is not None:
            heard = replace(canary, answered=reading.at, missed=0, silent_since=None)
            return replace(self, canaries={**self.canaries, key: heard}, distrusted=False)
        since = reading.at if canary.silent_since is None else canary.silent_since
        heard = replace(canary, missed=canary.missed + 1, silent_since=since)
        return replace(self, canaries={**self.canaries, key: heard})

    def swept(self, started: float, finished: float, *, up: int, answered: int) -> Guard:
        """With one whole, certain sweep: of `up` ONTs believed up, `answered` did.

        Do not call it for a sweep that was uncertain or did not reach everybody.
        """
        share = answered / up if up else 0.0
        guard = replace(self, swept_share=share, swept_from=started)
        if self.sight is not Sight.BLIND:
            return guard
        answers = 1.0 - share < self.caution.missing_share
        if self.returned is None:
            return replace(guard, returned=finished, returned_by="fleet") if answers else guard
        if started >= self.returned and (answers or self.silent_domains() == set()):
            return replace(guard, confirmed=finished)
        return guard

    def trusted(self) -> list[Canary]:
        """The canaries that have answered at least once, if they are believed at all."""
        if self.distrusted:
            return []
        return [canary for canary in self.canaries.values() if canary.answered is not None]

    def silent_domains(self, missed: int = 1) -> set[str] | None:
        """Domains whose every canary missed at least the last `missed` probes; None: no canary."""
        trusted = self.trusted()
        if not trusted:
            return None
        silent = {canary.domain for canary in trusted}
        return silent - {canary.domain for canary in trusted if canary.missed < missed}


class Judged(NamedTuple):
    """What the guard concludes; `events` begin or end the unobserved interval."""

    guard: Guard
    events: tuple[BlindBegan | BlindEnded, ...] = ()


def guarding(domains: Mapping[int, str], caution: Caution | None = None) -> Guard:
    """A guard over these canaries (key to failure domain); none at all is allowed."""
    canaries = {key: Canary(domain) for key, domain in domains.items()}
    return Guard(canaries, caution or Caution())


def judge(guard: Guard, now: float, fleet: Fleet) -> Judged:
    """Decide what the poller can see at `now` (epoch seconds UTC)."""
    if guard.sight is Sight.BLIND:
        return _while_blind(guard)
    guard = _with_belief_in_canaries(guard, now, fleet)
    sight, why, last_certain = _look(guard, now, fleet)
    if sight is not Sight.BLIND:
        return Judged(replace(guard, sight=sight))
    blind = replace(
        guard,
        sight=sight,
        why=why,
        unobserved_from=last_certain,
        returned=None,
        returned_by="",
        confirmed=None,
    )
    began = BlindBegan(
        at=moment(now), unobserved_from=moment(last_certain), why=why, suspects=fleet.suspects
    )
    return Judged(blind, (began,))


def _while_blind(guard: Guard) -> Judged:
    if guard.confirmed is not None and guard.unobserved_from is not None:
        start = moment(guard.unobserved_from)
        end = moment(max(guard.confirmed, guard.unobserved_from))
        seeing = replace(guard, sight=Sight.CLEAR, why="", unobserved_from=None)
        return Judged(seeing, (BlindEnded(at=end, unobserved_from=start, unobserved_until=end),))
    trusted = guard.trusted()
    answered = [canary.answered or 0.0 for canary in trusted if canary.missed == 0]
    domains = {canary.domain for canary in trusted}
    silent = guard.silent_domains() or set()
    if guard.returned is None and domains and len(silent) * 2 < len(domains):
        return Judged(replace(guard, returned=max(answered), returned_by="canaries"))
    if guard.returned_by == "canaries" and silent == domains:
        return Judged(replace(guard, returned=None, returned_by=""))
    return Judged(guard)


def _with_belief_in_canaries(guard: Guard, now: float, fleet: Fleet) -> Guard:
    """Stop believing canaries that are all silent while the fleet answers."""
    trusted = guard.trusted()
    if not trusted or guard.silent_domains() != {canary.domain for canary in trusted}:
        return guard
    begun = _silent_since(trusted)
    if _agrees(guard.caution, fleet, now, begun) is False:
        return replace(guard, distrusted=True)
    swept = guard.swept_from > begun and guard.swept_share > 1.0 - guard.caution.missing_share
    return replace(guard, distrusted=True) if swept else guard


def _silent_since(canaries: list[Canary]) -> float:
    """When the last of them fell silent: a cut that explains them all came before that."""
    return max(canary.silent_since or 0.0 for canary in canaries)


def _agrees(caution: Caution, fleet: Fleet, now: float, cut: float) -> bool | None:
    """Does the fleet look as if everything was cut before `cut`? None: too few asked since."""
    asked = fleet.up * min(1.0, (now - caution.timeout - cut) / fleet.interval)
    if asked < caution.missing_least:
        return None
    return fleet.suspects >= asked / 2


def _look(guard: Guard, now: float, fleet: Fleet) -> tuple[Sight, str, float]:
    trusted = guard.trusted()
    if not trusted:
        return _look_at_share(guard.caution, now, fleet)
    domains = {canary.domain for canary in trusted}
    last_certain = max(canary.answered or 0.0 for canary in trusted)
    if guard.silent_domains() == domains:
        agrees = _agrees(guard.caution, fleet, now, _silent_since(trusted))
        rounds = 2 if agrees else 3
        if guard.silent_domains(rounds) == domains:
            return Sight.BLIND, "canaries", last_certain
        return Sight.DOUBTFUL, "", 0.0
    together = now - guard.caution.together
    fallen = {
        canary.domain: canary.answered or 0.0
        for canary in trusted
        if (canary.silent_since or 0.0) >= together
    }
    silent = (guard.silent_domains(2) or set()) & set(fallen)
    if len(silent) * 2 < len(domains):
        return Sight.CLEAR, "", 0.0
    sight, _, _ = _look_at_share(guard.caution, now, fleet)
    return sight, "canaries and share", max(fallen[domain] for domain in silent)


def _look_at_share(caution: Caution, now: float, fleet: Fleet) -> tuple[Sight, str, float]:
    """The fleet's own word. Doubt while a total cut is possible, a verdict after one interval."""
    if fleet.oldest_miss is None or fleet.suspects < caution.missing_least:
        return Sight.CLEAR, "", 0.0
    age = now - fleet.oldest_miss
    known = age - caution.timeout
    would_miss = fleet.up * min(1.0, known / fleet.interval)
    if age < caution.settle or fleet.suspects < caution.doubt_share * would_miss:
        return Sight.CLEAR, "", 0.0
    if known < fleet.interval:
        return Sight.DOUBTFUL, "", 0.0
    if fleet.suspects >= caution.missing_share * fleet.up:
        return Sight.BLIND, "share", fleet.oldest_miss
    return Sight.CLEAR, "", 0.0


def unwatched(last_alive: float, now: float, *, grace: float = 30.0) -> tuple[float, float] | None:
    """The unobserved interval of a poller that was not running, or None if it hardly was away.

    The keeper writes a mark of life every 10 s; a gap longer than `grace` is not observed.
    """
    return (last_alive, now) if now - last_alive > grace else None
