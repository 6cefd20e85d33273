"""From a decision to letters: written with the state they come from, in one transaction.

Guarantee: what was decided, what is sent and why others are not told are committed together, and only
one process decides at a time. A crash before the commit leaves nothing, one after it leaves durable jobs
that send; looking again later tells nobody twice.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ronda.alerts.models import Channel, Letter, Occurrence, Outgoing, Suppressed, Told
from ronda.alerts.rules import deciding
from ronda.alerts.rules.deciding import World, decide
from ronda.alerts.rules.occurrences import Occurrence as Seen
from ronda.alerts.rules.occurrences import Severity, What
from ronda.alerts.rules.verdicts import AFTERTHOUGHTS, Decision, Delivery, Held, Kind, Reason
from ronda.alerts.service import limited, recipients, ruling, sending
from ronda.alerts.service.planned import under_work
from ronda.storage.database import hold_until_commit

WHAT = "alert"
"""The sort of these messages; `about` is the letter."""

LOCK = 0x416C7274
#: How the channels mark a message.
MARKS = {Severity.CRITICAL: "danger", Severity.WARNING: "warning", Severity.INFO: "info"}


def consider(rows: Iterable[Occurrence], now: datetime) -> int:
    """Decide about each of these and write what follows; the number of letters."""
    with transaction.atomic():
        hold_until_commit(LOCK)
        fresh = list(Occurrence.objects.filter(pk__in=[row.pk for row in rows]))
        if not fresh:
            return 0
        rules = [ruling.as_rule(row) for row in ruling.present()]
        known = Told.objects.filter(occurrence__in=fresh).exclude(kind=Kind.DIGEST)
        world = recipients.world(rules, known.values_list("to", flat=True), now)
        fresh += limited.behind(world, fresh)
        _explain(fresh, now)
        bundles = limited.Bundles(fresh)
        count = 0
        for row in sorted(fresh, key=lambda one: (one.opened_at, one.pk)):
            made = _consider(row, world, now, bundles)
            world = _remember(world, made, now, bundles)
            count += len(made)
        return count


def _explain(rows: list[Occurrence], now: datetime) -> None:
    """Bring up to date, on these rows, what explains them: planned work, and a larger trouble that goes on."""
    planned = under_work(rows, now)
    lasting = [row for row in rows if row.parent and row.lasting and row.closed_at is None]
    parents = {row.parent for row in lasting}
    going_on = Occurrence.objects.filter(key__in=parents, closed_at=None) if parents else ()
    present = {one.key for one in going_on}
    for row in rows:
        row.maintenance = row.maintenance or row.pk in planned
        if row in lasting and row.parent not in present:
            row.parent = ""
            row.save(update_fields=["parent"])


def _remember(
    world: World, made: Collection[str], now: datetime, bundles: limited.Bundles
) -> World:
    """The world after so many letters more, so that a limit counts them."""
    people = dict(world.people)
    for key in made:
        if key in people:
            recent = (*people[key].recent, now)
            people[key] = replace(people[key], recent=recent, bundled=key in bundles.open)
    return replace(world, people=people)


def as_seen(row: Occurrence) -> Seen:
    """The occurrence as the rules see it."""
    return Seen(
        key=row.key,
        what=What(row.what),
        opened_at=row.opened_at,
        severity=Severity(row.severity),
        closed_at=row.closed_at,
        acknowledged_at=row.acknowledged_at,
        snoozed_until=row.snoozed_until,
        maintenance=row.maintenance,
        parent=row.parent,
        size=row.size,
        lasting=row.lasting,
        sites=frozenset(row.sites),
        areas=frozenset(row.areas),
        categories=frozenset(row.categories),
    )


def _consider(row: Occurrence, world: World, now: datetime, bundles: limited.Bundles) -> list[str]:
    seen, told = as_seen(row), _told(row)
    decision = decide(seen, world, told, now)
    ways = {one.to: recipients.ways_to(one.to) for one in decision.deliveries}
    if not all(ways.values()):
        # Nothing reaches them: then that is the reason, and the others are decided with it.
        people = dict(world.people)
        for key in (key for key, found in ways.items() if not found and key in people):
            people[key] = replace(people[key], reachable=False)
        decision = decide(seen, replace(world, people=people), told, now)
    letters = [
        one.to for one in decision.deliveries if _deliver(row, one, ways[one.to], now, bundles)
    ]
    _keep_held(row, decision.held, now)
    _lift(row, decision, now)
    Occurrence.objects.filter(pk=row.pk).update(look_at=decision.look_at)
    return letters


def _told(row: Occurrence) -> dict[str, deciding.Told]:
    """What each recipient heard of it, from the letters and what became of them."""
    found: dict[str, deciding.Told] = {}
    rows = list(row.told.exclude(kind=Kind.DIGEST).select_related("letter"))
    for one in rows:
        before = found.get(one.to)
        by = frozenset({(one.rule, one.step)}) if one.rule else frozenset()
        found[one.to] = deciding.Told(
            last=one.letter.made_at,
            by=by | (before.by if before else frozenset()),
            recovered=one.kind == Kind.RECOVERY or bool(before and before.recovered),
            woken=one.woken or bool(before and before.woken),
        )
    if row.closed_at is not None and found:
        letters = {one.letter_id: one.to for one in rows if one.kind != Kind.RECOVERY}
        reached = {letters[about] for about in _arrived(letters)}
        found = {to: replace(one, reached=to in reached) for to, one in found.items()}
    return found


def _arrived(letters: Iterable[int]) -> set[int]:
    """Those letters of which some message did not fail, as far as is known."""
    sent = Outgoing.objects.filter(what=WHAT, about__in=list(letters), edits=False)
    alive = sent.exclude(state=Outgoing.State.FAILED).values_list("about", flat=True)
    return {about for about in alive if about is not None}


def _deliver(
    row: Occurrence,
    one: Delivery,
    ways: list[tuple[Channel, str]],
    now: datetime,
    bundles: limited.Bundles,
) -> bool:
    """Whether a new letter was written; what goes into a bundle needs none."""
    over = one.kind == Kind.RECOVERY
    if over:
        ways = _ways_of_the_beginning(row, one.to) or ways
    if not ways:
        return False
    mark = "success" if over else MARKS[Severity(row.severity)]
    bundle = None if over else bundles.open.get(one.to)
    letter = bundle or write(one.to, one.kind, now)
    Told.objects.create(
        occurrence=row,
        letter=letter,
        rule=one.rule,
        step=one.step,
        kind=one.kind,
        to=one.to,
        woken=one.woken,
    )
    if bundle is not None:
        limited.mark_as(bundle, mark)
        return False
    post(letter, ways, row.key, mark)
    if not over:
        bundles.begin(letter)
    return True


def write(to: str, kind: Kind, now: datetime) -> Letter:
    """A new letter, not posted yet."""
    person = recipients.person_of(to)
    return Letter.objects.create(to=to, person_id=person, kind=kind, made_at=now)


def post(letter: Letter, ways: list[tuple[Channel, str]], thread: str, mark: str) -> None:
    """Hand a letter to each of these addresses."""
    for number, (channel, to) in enumerate(ways):
        once = f"letter:{letter.pk}:{number}"
        sending.post(channel, to, WHAT, letter.pk, once, thread=thread[:120], severity=mark)


def _ways_of_the_beginning(row: Occurrence, to: str) -> list[tuple[Channel, str]]:
    """The addresses that heard of the beginning, as far as their channels are still there."""
    letters = row.told.filter(to=to).exclude(kind=Kind.DIGEST).values_list("letter", flat=True)
    sent = (
        Outgoing.objects.filter(what=WHAT, about__in=list(letters), edits=False)
        .exclude(state=Outgoing.State.FAILED)
        .filter(channel__deleted_at=None, channel__active=True)
        .select_related("channel")
        .order_by("pk")
    )
    return list({(one.channel_id, one.to): (one.channel, one.to) for one in sent}.values())


def _keep_held(row: Occurrence, held: Iterable[Held], now: datetime) -> None:
    known = {(one.to, one.kind, one.rule, one.step): one for one in row.suppressed.all()}
    new: list[Suppressed] = []
    for one in held:
        kept = known.get((one.to, one.kind, one.rule, one.step))
        if kept is None:
            new.append(
                Suppressed(
                    occurrence=row,
                    to=one.to,
                    kind=one.kind,
                    rule=one.rule,
                    step=one.step,
                    reason=one.reason,
                    until=one.until,
                    at=now,
                )
            )
        elif not _is_afterthought(row, one) and (kept.reason, kept.until) != (
            one.reason,
            one.until,
        ):
            kept.reason, kept.until, kept.lifted_at = one.reason, one.until, None
            kept.save(update_fields=["reason", "until", "lifted_at"])
    Suppressed.objects.bulk_create(new)


def _is_afterthought(row: Occurrence, one: Held) -> bool:
    """Whether it was only thought of when it was over; then the reason of the time stays."""
    explained = one.reason in (Reason.PARENT, Reason.MAINTENANCE)
    return one.reason in AFTERTHOUGHTS or (explained and row.closed_at is not None)


def _lift(row: Occurrence, decision: Decision, now: datetime) -> None:
    """What was held back and is sent now says so."""
    for one in decision.deliveries:
        row.suppressed.filter(
            Q(rule=one.rule, step=one.step) | Q(kind=Kind.RECOVERY),
            to=one.to,
            kind=one.kind,
            lifted_at=None,
        ).update(lifted_at=now)


def merge(part: Occurrence, whole: Occurrence) -> None:
    """Who was told of the part counts as told of the whole; the part ends without a word.

    Whoever was not told of the part by then has that it was explained as the reason.
    """
    consider([part], timezone.now())
    known = set(whole.told.filter(kind=Kind.ALARM).values_list("to", flat=True))
    for one in part.told.filter(kind=Kind.ALARM):
        if one.to not in known:
            Told.objects.filter(pk=one.pk).update(occurrence=whole)
