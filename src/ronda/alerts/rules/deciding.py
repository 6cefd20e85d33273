"""Who is told of an occurrence now, who is not and why, and when to look again: pure.

`decide` is a function of what is known at one moment, and may be asked at any time: an event came, a
clock ran out, a worker was away for hours. What it says was told is given back to it the next time,
so asking twice tells nobody twice.

Everybody whom a rule reaches is either told or held back for one reason. A first message holds back
the others to the same person; what is held back by the hour, a snooze or a limit is told when that ends
and it is still open; the end is told to those who were told of the beginning, and to nobody else.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ronda.alerts.rules.occurrences import By, Occurrence, Rule, Step, Target, matches
from ronda.alerts.rules.quiet import Quiet, quiet_until
from ronda.alerts.rules.verdicts import Decision, Delivery, Held, Kind, Reason

#: While something holds back that has no end of its own (maintenance, a parent).
LOOK_AGAIN = timedelta(minutes=5)
#: More messages than this in `BUDGET_WINDOW` help nobody.
BUDGET = 10
BUDGET_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, or a chat that belongs to nobody. `sites` None is every site.

    `recent` are the times of what they were sent lately. `bundled`: what they are told now goes out in one
    message, which counts once.
    """

    key: str
    role: str = ""
    sites: frozenset[int] | None = None
    reachable: bool = True
    active: bool = True
    quiet: Quiet | None = None
    recent: tuple[datetime, ...] = ()
    bundled: bool = False


NOBODY = Recipient("", active=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What one recipient heard of one occurrence. `woken`: in their quiet hours, and so is the end.

    `by` are the rules and steps that told them. `reached` is false once every message to them is known to
    have failed.
    """

    last: datetime
    by: frozenset[tuple[int, int]] = frozenset()
    recovered: bool = False
    reached: bool = True
    woken: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What is known besides the occurrence. `on_call` gives a rota's person at a time; `members` all its people."""

    rules: Sequence[Rule]
    people: Mapping[str, Recipient]
    on_call: Callable[[str, datetime], str | None] = lambda _rota, _at: None
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wish:
    """That a step of a rule wants to tell somebody from `due` on, or not because of `reason`."""

    rule: Rule
    step: int
    to: str
    due: datetime
    reason: Reason | None


def decide(
    occurrence: Occurrence, world: World, told: Mapping[str, Told], now: datetime
) -> Decision:
    """What to do about this occurrence at this moment; `told` is by recipient."""
    wishes = sorted(
        _wishes(occurrence, world, now), key=lambda one: (one.due, one.rule.id, one.step)
    )
    if occurrence.closed_at is not None:
        return _at_the_end(occurrence, wishes, world, told, now)
    deliveries: dict[str, Delivery] = {}
    held: list[Held] = []
    looks: list[datetime] = []
    for wish in wishes:
        if wish.due > now:
            looks.append(wish.due)
            continue
        found = _one(occurrence, wish, world, told, deliveries, now)
        if isinstance(found, Delivery):
            deliveries[wish.to] = found
        elif isinstance(found, Held):
            held.append(found)
        looks.extend(_next_looks(occurrence, wish, found, told, now))
    return Decision(tuple(deliveries.values()), tuple(held), min(looks, default=None))


def _wishes(occurrence: Occurrence, world: World, now: datetime) -> Iterator[_Wish]:
    for rule in world.rules:
        if rule.gathered or not matches(rule, occurrence):
            continue
        # What does not last cannot be acknowledged either: nobody waits for the second step.
        steps = rule.steps if occurrence.lasting else rule.steps[:1]
        for number, step in enumerate(steps):
            due = occurrence.opened_at + rule.hold + step.after
            for to, reason in reached(rule, step, world, due, now).items():
                off = None if rule.active else Reason.OFF
                yield _Wish(rule, number, to, due, off or reason)


def reached(
    rule: Rule, step: Step, world: World, due: datetime, now: datetime
) -> dict[str, Reason | None]:
    """Whom a step reaches, each once; whoever is reached in one way is not held back in another."""
    found: dict[str, Reason | None] = {}
    for target in step.to:
        for to, reason in _meant(rule, target, world, due, now):
            if found.get(to, Reason.OFF) is not None:
                found[to] = reason
    return found


def _meant(
    rule: Rule, target: Target, world: World, due: datetime, now: datetime
) -> Iterator[tuple[str, Reason | None]]:
    if target.by in (By.PERSON, By.CHAT):
        if target.value in world.people:
            yield target.value, None
    elif target.by == By.ROLE:
        yield from ((key, None) for key, who in world.people.items() if who.role == target.value)
    else:
        # Whoever takes over while it is still open hears of it where the rule repeats itself.
        again = rule.repeat is not None and now >= due + rule.repeat
        on = world.on_call(target.value, now if again else due)
        for key in sorted(world.members.get(target.value, frozenset()) | ({on} if on else set())):
            if key in world.people:
                yield key, None if key == on else Reason.NOT_ON_CALL


def _one(
    occurrence: Occurrence,
    wish: _Wish,
    world: World,
    told: Mapping[str, Told],
    deliveries: Mapping[str, Delivery],
    now: datetime,
) -> Delivery | Held | None:
    """What becomes of one wish whose time has come."""
    before = told.get(wish.to)
    who = world.people[wish.to]
    if wish.reason is not None:
        return _held(Kind.ALARM, wish, wish.reason)
    if before is None:
        reason, until = _hindrance(occurrence, wish.rule, who, now)
        if reason is not None:
            return _held(Kind.ALARM, wish, reason, until)
        if wish.to in deliveries:
            return _held(Kind.ALARM, wish, Reason.ALREADY)
        return _delivery(Kind.ALARM, wish, who, now)
    pause = wish.rule.repeat if occurrence.lasting else None
    if pause is None or now < before.last + pause or wish.to in deliveries:
        told_by_it = (wish.rule.id, wish.step) in before.by
        return None if told_by_it else _held(Kind.ALARM, wish, Reason.ALREADY)
    reason, until = _hindrance(occurrence, wish.rule, who, now)
    if reason is not None:
        return _held(Kind.REPEAT, wish, reason, until)
    return _delivery(Kind.REPEAT, wish, who, now)


def _hindrance(
    occurrence: Occurrence, rule: Rule, who: Recipient, now: datetime
) -> tuple[Reason | None, datetime | None]:
    """The first reason not to tell this recipient now, and when it ends."""
    if not who.active:
        return Reason.INACTIVE, None
    if who.sites is not None and not who.sites & occurrence.sites:
        return Reason.SCOPE, None
    if not who.reachable:
        return Reason.NO_ADDRESS, None
    explained = _explained(occurrence)
    if explained is not None:
        # What lasts may outlast what explains it.
        return explained, now + LOOK_AGAIN if occurrence.lasting else None
    if occurrence.acknowledged_at is not None:
        return Reason.ACKNOWLEDGED, None
    if occurrence.snoozed_until is not None and occurrence.snoozed_until > now:
        return Reason.SNOOZED, occurrence.snoozed_until
    quiet = quiet_until(who.quiet, now)
    if quiet is not None and not rule.wakes:
        return Reason.QUIET, quiet
    recent = sorted(at for at in who.recent if at > now - BUDGET_WINDOW)
    if len(recent) >= BUDGET and not who.bundled:
        return Reason.RATE, recent[-BUDGET] + BUDGET_WINDOW
    return None, None


def _explained(occurrence: Occurrence) -> Reason | None:
    if occurrence.maintenance:
        return Reason.MAINTENANCE
    return Reason.PARENT if occurrence.parent else None


def _next_looks(
    occurrence: Occurrence,
    wish: _Wish,
    found: Delivery | Held | None,
    told: Mapping[str, Told],
    now: datetime,
) -> Iterator[datetime]:
    """When this wish may turn out differently."""
    if isinstance(found, Held) and found.until is not None:
        yield found.until
    pause = wish.rule.repeat if occurrence.lasting and wish.rule.active else None
    if pause is not None and occurrence.acknowledged_at is None:
        before = told.get(wish.to)
        last = now if before is None or isinstance(found, Delivery) else before.last
        yield last + pause if last + pause > now else now + pause


def _at_the_end(
    occurrence: Occurrence,
    wishes: Sequence[_Wish],
    world: World,
    told: Mapping[str, Told],
    now: datetime,
) -> Decision:
    """It is over: tell those who were told, and say of the others why they never were.

    What turned out to be a part of something larger has no end of its own: that of the whole is told.
    """
    deliveries: list[Delivery] = []
    held: list[Held] = []
    looks: list[datetime] = []
    for to, heard in told.items():
        if heard.recovered or not occurrence.lasting or occurrence.parent:
            continue
        who = world.people.get(to, NOBODY)
        quiet = None if heard.woken else quiet_until(who.quiet, now)
        if not who.active:
            held.append(Held(Kind.RECOVERY, to, 0, 0, Reason.INACTIVE))
        elif not heard.reached:
            held.append(Held(Kind.RECOVERY, to, 0, 0, Reason.NOT_REACHED))
        elif quiet is not None:
            held.append(Held(Kind.RECOVERY, to, 0, 0, Reason.QUIET, quiet))
            looks.append(quiet)
        else:
            deliveries.append(Delivery(Kind.RECOVERY, to, 0, 0, heard.woken))
    over = Reason.ACKNOWLEDGED if occurrence.acknowledged_at else Reason.GONE
    over = _explained(occurrence) or over
    for wish in wishes:
        if wish.to not in told:
            held.append(_held(Kind.ALARM, wish, wish.reason or over))
        elif (wish.rule.id, wish.step) not in told[wish.to].by:
            held.append(_held(Kind.ALARM, wish, Reason.ALREADY))
    return Decision(tuple(deliveries), tuple(held), min(looks, default=None))


def _held(kind: Kind, wish: _Wish, reason: Reason, until: datetime | None = None) -> Held:
    return Held(kind, wish.to, wish.rule.id, wish.step, reason, until)


def _delivery(kind: Kind, wish: _Wish, who: Recipient, now: datetime) -> Delivery:
    woken = quiet_until(who.quiet, now) is not None
    return Delivery(kind, wish.to, wish.rule.id, wish.step, woken)
