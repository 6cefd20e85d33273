"""Asking routers for something: the instruction, its audit rows and the durable jobs, in one transaction.

What became of an instruction is settled here too, in one transaction with what the router holds now and
what is wanted from now on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.service.scope import here
from ronda.hotspot.models import (
    Action,
    HotspotProfile,
    HotspotUser,
    Instruction,
    Kind,
    Outcome,
    Verb,
    Wanted,
)
from ronda.hotspot.rules.properties import whole
from ronda.hotspot.rules.values import is_true
from ronda.hotspot.service import drifting, hours, secrets, storing
from ronda.hotspot.service.performing import PARTS, Result, Task
from ronda.routers.models import Router
from ronda.work import jobs
from ronda.work.models import Job

JOB = "hotspot.act"
#: More at once nobody chooses by hand.
MOST_AT_ONCE = 2000
#: A kick that comes ten minutes late hits the wrong moment; the rest may wait for a router to return.
KICK_WITHIN = timedelta(minutes=10)
REST_WITHIN = timedelta(days=7)
_OF_THE_MOMENT = frozenset({Verb.KICK, Verb.RELOGIN, Verb.REFRESH})
#: An attempt counts when the connection was refused before anything was done.
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Target:
    """One item an instruction is about; `after` are the texts to be sent, None where the verb says it all."""

    router: Router
    name: str
    kind: str = Kind.USER
    server: str = "all"
    before: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None
    password: str | None = field(default=None, repr=False)
    sealed: str = field(default="", repr=False)
    ros_id: str = ""


class NothingChosen(ValueError):
    """There is nothing an instruction could be about."""


def ask(
    verb: Verb,
    targets: Sequence[Target],
    person: Person | None,
    *,
    source: str = "",
    actor: str = "",
    undoes: Instruction | None = None,
) -> Instruction:
    """Write the instruction and hand it to the routers; returns at once, `jobs_of` tells what becomes of it.

    Raises:
        NothingChosen: there are no targets.
    """
    if not targets:
        raise NothingChosen
    now = timezone.now()
    within = KICK_WITHIN if verb in _OF_THE_MOMENT else REST_WITHIN
    with transaction.atomic():
        instruction = Instruction.objects.create(
            verb=verb,
            made_at=now,
            person=person,
            actor=person.username if person else actor or audit.SYSTEM,
            source=source,
            count=len(targets),
            undoes=undoes,
        )
        numbers = {
            router: jobs.enqueue(
                JOB,
                {"instruction": instruction.pk, "router": router},
                lock=f"router:{router}",
                start_by=now + within,
                max_attempts=ATTEMPTS,
            )
            for router in sorted({target.router.pk for target in targets})
        }
        Action.objects.bulk_create(
            [
                Action(
                    instruction=instruction,
                    router=target.router,
                    verb=verb,
                    kind=target.kind,
                    name=target.name,
                    server=target.server,
                    ros_id=target.ros_id,
                    before=None if target.before is None else dict(target.before),
                    after=None if target.after is None else dict(target.after),
                    secret=secrets.seal(target.password) if target.password else target.sealed,
                    job=numbers[target.router.pk],
                )
                for target in targets
            ],
            batch_size=200,
        )
        if verb is not Verb.REFRESH:
            for target in targets:
                audit.record(
                    person,
                    f"hotspot-{target.kind}.{verb}",
                    f"{target.name} @ {target.router.name}",
                    target.before,
                    target.after,
                    source,
                )
    return instruction


def target_of(row: HotspotUser | HotspotProfile, after: Mapping[str, str] | None = None) -> Target:
    """A held user or profile as a target; `after` are the properties that shall change."""
    kind = Kind.USER if isinstance(row, HotspotUser) else Kind.PROFILE
    before = drifting.values_of(row)
    if after is not None:
        before = {name: before.get(name, "") for name in after}
    name, server = drifting.key_of(row)
    return Target(row.router, name, kind, server, before, after)


def tasks_of(instruction: int, router: int) -> list[Task]:
    """What of an instruction is still to be done on a router, passwords opened."""
    rows = Action.objects.filter(
        instruction=instruction, router=router, outcome__in=(Outcome.WAITING, Outcome.UNKNOWN)
    )
    return [
        Task(
            row.pk,
            Verb(row.verb),
            row.kind,
            row.name,
            row.server,
            row.after or {},
            None if row.verb == Verb.DELETE else secrets.open_sealed(row.secret),
            row.ros_id,
            row.outcome == Outcome.UNKNOWN,
        )
        for row in rows
    ]


def begin(tasks: Sequence[Task]) -> None:
    """Note that items are being made: from now on what is found there may be ours."""
    pks = [task.id for task in tasks if task.verb is Verb.CREATE]
    if pks:
        Action.objects.filter(pk__in=pks, outcome=Outcome.WAITING).update(outcome=Outcome.UNKNOWN)


def settle(router_id: int, results: Mapping[int, Result], *, look: bool = True) -> None:
    """Note what became of actions, what the router holds now, and what is wanted from now on.

    With `look` all that is wanted of the router is compared again: once for many results will do.
    """
    now = timezone.now()
    with transaction.atomic():
        router = Router.objects.get(pk=router_id)
        for action in Action.objects.filter(pk__in=results).select_related("instruction"):
            result = results[action.pk]
            ended = result.outcome in (Outcome.DONE, Outcome.REFUSED)
            action.outcome = result.outcome
            action.code, action.text = result.code[:40], result.text[:500]
            action.ended_at = now if ended else None
            if result.outcome == Outcome.DONE:
                _want(action, result)
                _tell_hours(action, result)
            if ended and action.verb != Verb.DELETE:
                action.secret = ""
            action.save()
            if ended and action.verb not in (Verb.FORGET, Verb.UNBIND, Verb.REFRESH):
                held = result.held
                if (
                    held is not None
                    or result.outcome == Outcome.DONE
                    or result.code in ("NoSuchItem", "NoPassword")
                ):
                    part = PARTS[Kind(action.kind)]
                    storing.store_one(router, part, action.name, action.server, held, now)
        for kind in Kind if look else ():
            drifting.look(router, kind, now)
        storing.tell(router)


def _tell_hours(action: Action, result: Result) -> None:
    if action.kind == Kind.USER and action.after and "disabled" in action.after:
        profile = (result.held or {}).get("profile", "default")
        off = is_true(action.after["disabled"])
        hours.switched(action.router_id, action.name, profile, off=off)


def _want(action: Action, result: Result) -> None:
    """Keep what is wanted in step with what was done."""
    mine = Wanted.objects.filter(
        router=action.router_id, kind=action.kind, name=action.name, server=action.server
    )
    if action.verb == Verb.DELETE:
        item = mine.first()
        if item is not None and item.secret:
            action.secret = item.secret
        elif result.password:
            action.secret = secrets.seal(result.password)
        mine.delete()
        return
    if action.verb in _OF_THE_MOMENT or action.verb in (Verb.RESET, Verb.FORGET, Verb.UNBIND):
        return
    item = mine.first()
    if item is None and action.verb == Verb.CREATE:
        item = Wanted(
            router_id=action.router_id, kind=action.kind, name=action.name, server=action.server
        )
        item.since, item.actor = timezone.now(), action.instruction.actor
        item.values = whole(action.kind, {})
    if item is not None:
        item.values = {**item.values, **(action.after or {})}
        item.secret = action.secret or item.secret
        item.save()


def give_up() -> int:
    """End what waits for a job that will not come any more; how many.

    What a job of unknown outcome left is unknown, and over; it may have been done.
    """
    open_ = Action.objects.filter(
        outcome__in=(Outcome.WAITING, Outcome.UNKNOWN), ended_at=None
    ).exclude(job=None)
    asked = list(open_.values_list("pk", "job", "outcome", "verb"))
    states = {row.pk: row for row in Job.objects.filter(pk__in={row[1] for row in asked})}
    ends: dict[tuple[str, str, str, str, bool], list[int]] = {}
    for pk, job, was, verb in asked:
        state = states.get(job or 0)
        if state is not None and state.state in jobs.UNFINISHED:
            continue
        # Of a job that was forgotten nobody can say any more what it did.
        unsure = state is None or Outcome.UNKNOWN in (was, state.state)
        outcome: str = Outcome.UNKNOWN if unsure else Outcome.REFUSED
        code, text = (state.code, state.error[:500]) if state else (jobs.ABANDONED, "")
        ends.setdefault((was, outcome, code, text, verb == Verb.DELETE), []).append(pk)
    now, ended = timezone.now(), 0
    for (was, outcome, code, text, deleting), pks in ends.items():
        fields: dict[str, Any] = {"outcome": outcome, "code": code, "text": text, "ended_at": now}
        if not deleting:
            fields["secret"] = ""
        for first in range(0, len(pks), 200):
            # Only what is still as it was read: somebody may have settled it meanwhile.
            same = Action.objects.filter(pk__in=pks[first : first + 200], outcome=was)
            ended += same.update(**fields)
    return ended


def wait(instruction: Instruction, within: float) -> None:
    """Wait until everything of an instruction ended, at most `within` seconds; blocks."""
    numbers = sorted({row.job for row in instruction.actions.all() if row.job})
    deadline = timezone.now() + timedelta(seconds=within)
    for number in numbers:
        left = (deadline - timezone.now()).total_seconds()
        if left <= 0:
            return
        jobs.wait(number, left)


def instructions() -> QuerySet[Instruction]:
    """What was asked of routers that whoever asks sees, and of no other; newest first."""
    found = Instruction.objects.order_by("-pk")
    sites = here()
    if sites is None:
        return found
    theirs = Action.objects.filter(router__site__in=sites).values("instruction")
    others = Action.objects.exclude(router__site__in=sites).values("instruction")
    return found.filter(pk__in=theirs).exclude(pk__in=others)


def actions_of(instruction: Instruction) -> QuerySet[Action]:
    """The items of an instruction with their routers."""
    return Action.objects.filter(instruction=instruction).select_related("router").order_by("pk")


def undo_targets(instruction: Instruction) -> tuple[Verb, list[Target]] | None:
    """What would take an instruction back, None where nothing can: it was not done, or cannot be undone."""
    done = [row for row in actions_of(instruction) if row.outcome == Outcome.DONE]
    if not done or instruction.verb not in _UNDO:
        return None
    verb = _UNDO[Verb(instruction.verb)]
    targets = [target for row in done if (target := _back(row, verb)) is not None]
    return (verb, targets) if targets else None


_UNDO: Mapping[Verb, Verb] = {
    Verb.CREATE: Verb.DELETE,
    Verb.DELETE: Verb.CREATE,
    Verb.DISABLE: Verb.EDIT,
    Verb.ENABLE: Verb.EDIT,
    Verb.EXTEND: Verb.EDIT,
    Verb.MOVE: Verb.EDIT,
    Verb.EDIT: Verb.EDIT,
    Verb.REPAIR: Verb.EDIT,
}


def _back(row: Action, verb: Verb) -> Target | None:
    if verb is Verb.CREATE and row.kind == Kind.USER and not row.secret:
        return None  # a user without a password would be an open door
    if verb is not Verb.DELETE and row.before is None:
        return None
    before: Mapping[str, str] | None = row.after
    after: Mapping[str, str] | None = row.before
    if verb is Verb.DELETE:
        after = None
    return Target(
        row.router,
        row.name,
        row.kind,
        row.server,
        before,
        after,
        sealed=row.secret if verb is Verb.CREATE else "",
    )


def history_of(router: int, kind: str, name: str, limit: int = 15) -> list[Action]:
    """The last things asked about one item, newest first."""
    found = Action.objects.filter(router=router, kind=kind, name=name)
    return list(found.select_related("instruction").order_by("-pk")[:limit])


def describe(instruction: Instruction) -> dict[str, Any]:
    """How an instruction stands, in numbers."""
    counts = dict.fromkeys(Outcome.values, 0)
    open_ = 0
    rows = Action.objects.filter(instruction=instruction).values_list("outcome", "ended_at")
    for outcome, ended_at in rows:
        counts[outcome] += 1
        open_ += ended_at is None and outcome in (Outcome.WAITING, Outcome.UNKNOWN)
    return {**counts, "all": instruction.count, "ended": not open_}


def add_outcomes(instructions: Sequence[Instruction]) -> None:
    """Put how each instruction stands on it, as `counts`, and the names it was about, as `names`."""
    found: dict[int, dict[str, Any]] = {
        instruction.pk: {**dict.fromkeys(Outcome.values, 0), "names": []}
        for instruction in instructions
    }
    rows = Action.objects.filter(instruction__in=instructions).values_list(
        "instruction", "outcome", "name"
    )
    for pk, outcome, name in rows:
        found[pk][outcome] += 1
        if len(found[pk]["names"]) < 3:
            found[pk]["names"].append(name)
    for instruction in instructions:
        instruction.counts = found[instruction.pk]  # type: ignore[attr-defined] # for the template
