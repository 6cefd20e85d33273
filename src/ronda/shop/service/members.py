"""Monthly members: entering them, renewing, reminding, and shutting out who did not pay.

The router is asked by instructions of the hotspot (`hotspot.service.asking`): durable jobs, read back. Sessions of
somebody who is shut out are ended once the router is known to hold the user disabled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.service.scope import mine
from ronda.hotspot.models import Outcome, Verb
from ronda.hotspot.service import asking
from ronda.hotspot.service.asking import Target
from ronda.shop import events
from ronda.shop.models import Invoice, InvoiceYear, Member, Reminder
from ronda.shop.rules import members as rules
from ronda.shop.rules.members import REMIND, Period, Standing
from ronda.shop.service import ledger, sales
from ronda.work import feed

State = Member.State
#: What a router refused is asked again after so long.
AGAIN = timedelta(minutes=10)
GROUP = 200
FIELDS = (
    "name",
    "phone",
    "address",
    "site",
    "router",
    "user",
    "server",
    "package",
    "price_idr",
    "zone",
    "grace_days",
    "note",
)


class UserTaken(ValueError):
    """Another member has this user of this router."""


class Over(ValueError):
    """The member has ended, and cannot be renewed."""


def present() -> QuerySet[Member]:
    """Everybody who did not end, by name."""
    found = Member.objects.exclude(state=State.ENDED)
    return mine(found, "router__site").select_related("package", "router", "site")


def matching(text: str = "", state: str = "") -> QuerySet[Member]:
    """Members whose name, phone or user contains a text, in one state; the ended only where asked for."""
    every = Member.objects.select_related("package", "router", "site")
    found = mine(every, "router__site")
    found = found.filter(state=state) if state else found.exclude(state=State.ENDED)
    if text:
        found = found.filter(
            Q(name__icontains=text) | Q(phone__contains=text) | Q(user__icontains=text)
        )
    return found


def add(
    values: Mapping[str, Any],
    starts: date,
    person: Person | None,
    *,
    until: date | None = None,
    source: str = "",
) -> Member:
    """A new member, in the caller's transaction.

    Args:
        values: of FIELDS; the price is the package's where none is given.
        starts: the first day.
        person: who entered it.
        until: the first day not paid for, where something was paid elsewhere; else nothing is paid yet.
        source: network address, for the audit trail.

    Raises:
        UserTaken: another member has the user.
    """
    member = Member(starts=starts, until=until or starts, anchor=(until or starts).day)
    _set(member, values)
    member.state = _standing(member, timezone.now())
    try:
        with transaction.atomic():
            member.save()
            audit.record(person, "member.create", member.name, None, facts_of(member), source)
            _bring(member, person)
    except IntegrityError as taken:
        raise UserTaken(member.user) from taken
    return member


def edit(
    member: Member, values: Mapping[str, Any], person: Person | None, source: str = ""
) -> Member:
    """Change what is given of a member.

    Raises:
        UserTaken: another member has the user.
    """
    try:
        with transaction.atomic():
            before = facts_of(member)
            _set(member, values)
            member.state = _standing(member, timezone.now())
            member.save()
            after = facts_of(member)
            if after != before:
                audit.record(person, "member.edit", member.name, before, after, source)
            _bring(member, person)
    except IntegrityError as taken:
        raise UserTaken(member.user) from taken
    return member


def end(member: Member, person: Person | None, source: str = "") -> None:
    """Somebody is a member no longer: the user is disabled."""
    with transaction.atomic():
        row = Member.objects.select_for_update().get(pk=member.pk)
        row.ended_at = row.ended_at or timezone.now()
        row.state = State.ENDED
        row.save(update_fields=["ended_at", "state"])
        audit.record(person, "member.end", row.name, None, facts_of(row), source)
        _tell(row)
        _bring(row, person)


def next_period(member: Member, months: int = 1, now: datetime | None = None) -> Period:
    """What paying now would buy."""
    moment = now or timezone.now()
    today = rules.day_in(member.zone, moment)
    return rules.renewal(
        member.until, member.anchor, months, today, Standing(_standing(member, moment))
    )


@transaction.atomic
def issue(member: Member, months: int, person: Person | None, *, token: str) -> Invoice:
    """An invoice for the next period, not paid yet; the open one where there is one.

    Raises:
        Over: the member has ended.
    """
    row = Member.objects.select_for_update().select_related("package").get(pk=member.pk)
    if row.state == State.ENDED:
        raise Over
    known = Invoice.objects.filter(Q(token=token) | Q(paid_at=None), member=row).first()
    if known is not None:
        return known
    now = timezone.now()
    period = next_period(row, months, now)
    today = rules.day_in(row.zone, now)
    year, place = _number(today.year)
    invoice = Invoice.objects.create(
        member=row,
        year=year,
        place=place,
        package_name=row.package.name,
        months=months,
        amount_idr=row.price_idr * months,
        begins=period.begins,
        until=period.until,
        issued_at=now,
        due=max(period.begins, today),
        token=token,
        person=person,
    )
    audit.record(person, "invoice.issue", str(invoice), None, {"amount_idr": invoice.amount_idr})
    return invoice


@transaction.atomic
def renew(
    member: Member,
    months: int,
    person: Person | None,
    *,
    token: str,
    cash: bool = True,
    source: str = "",
) -> Invoice:
    """Take the money for so many months: the invoice, the ledger, the new end and the router, all or none.

    The same `token` again gives the same invoice. An open invoice is replaced by what is bought now, under its
    number. Cash goes into the drawer of `person`, a transfer to the bank.

    Raises:
        Over: the member has ended.
    """
    ledger.hold()
    row = Member.objects.select_for_update().select_related("package").get(pk=member.pk)
    paid = Invoice.objects.filter(member=row, token=token, paid_at__isnull=False).first()
    if paid is not None:
        return paid
    invoice = issue(row, months, person, token=token)
    now = timezone.now()
    period = next_period(row, months, now)
    invoice.months, invoice.amount_idr = months, row.price_idr * months
    invoice.begins, invoice.until = period.begins, period.until
    invoice.token, invoice.paid_at, invoice.person = token, now, person
    if invoice.amount_idr:
        invoice.entry = sales.of_member(
            row,
            f"invoice:{invoice}",
            price_idr=invoice.amount_idr,
            at=now,
            person=person,
            cash=cash,
        ).entry
    invoice.save()
    before = {"until": row.until, "state": row.state}
    row.until, row.anchor = period.until, period.anchor
    row.state = _standing(row, now)
    row.save(update_fields=["until", "anchor", "state"])
    audit.record(
        person,
        "member.renew",
        row.name,
        before,
        {"until": row.until, "state": row.state, "invoice": str(invoice)},
        source,
    )
    if before["state"] != row.state:
        _tell(row)
    _bring(row, person)
    member.until, member.anchor, member.state = row.until, row.anchor, row.state
    return invoice


def look_after(now: datetime | None = None) -> int:
    """Remind, shut out, and follow what routers were asked; how many members changed their state.

    Asks only for those whose end is near or past, or whose router has not answered yet.
    """
    moment = now or timezone.now()
    changed = 0
    # The latest day that it is anywhere in Indonesia.
    near = rules.day_in("WIT", moment) + timedelta(days=max(REMIND))
    due = Member.objects.filter(
        Q(state=State.ACTIVE, until__lte=near) | Q(state=State.GRACE)
    ).values_list("pk", flat=True)
    for pk in list(due):
        changed += _look_at(pk, moment)
    for pk in list(Member.objects.filter(confirmed=False).values_list("pk", flat=True)[:GROUP]):
        _follow(pk, moment)
    return changed


@transaction.atomic
def _look_at(pk: int, now: datetime) -> int:
    member = Member.objects.select_for_update().get(pk=pk)
    _remind(member, now)
    state = _standing(member, now)
    if state == member.state:
        return 0
    member.state = state
    member.save(update_fields=["state"])
    audit.record(None, f"member.{state}", member.name, None, {"until": member.until})
    _tell(member)
    _bring(member, None)
    return 1


def _remind(member: Member, now: datetime) -> None:
    known = set(
        Reminder.objects.filter(member=member, until=member.until).values_list("days", flat=True)
    )
    days, done = rules.reminders(member.until, rules.day_in(member.zone, now), known)
    if days is None:
        return
    Reminder.objects.bulk_create(
        Reminder(member=member, until=member.until, days=one, at=now, told=one == days)
        for one in done
    )
    told = {"member": member.pk, "days": days, "until": member.until.isoformat()}
    feed.append(events.MEMBER_DUE, told, at=now)


def _bring(member: Member, person: Person | None) -> None:
    """Ask the router for what the member's state means, where it was not asked yet."""
    shut = member.state in (State.SUSPENDED, State.ENDED)
    if shut == member.shut:
        return
    _ask(member, person, shut=shut)


def _ask(member: Member, person: Person | None, *, shut: bool) -> None:
    # Not `disable`: that would make a user who is gone, without a password.
    target = Target(
        member.router,
        member.user,
        server=member.server,
        before={"disabled": "false" if shut else "true"},
        after={"disabled": "true" if shut else "false"},
    )
    member.shut, member.confirmed, member.trouble = shut, False, ""
    member.asked = asking.ask(Verb.EDIT, [target], person, source="members")
    member.asked_at = timezone.now()
    member.save(update_fields=["shut", "confirmed", "trouble", "asked", "asked_at"])


@transaction.atomic
def _follow(pk: int, now: datetime) -> None:
    """What became of what the router was asked."""
    member = Member.objects.select_for_update().select_related("router").get(pk=pk)
    action = None if member.asked is None else asking.actions_of(member.asked).first()
    if member.confirmed or (action is not None and action.outcome == Outcome.WAITING):
        return
    if action is not None and action.outcome == Outcome.DONE:
        member.confirmed, member.trouble = True, ""
        member.save(update_fields=["confirmed", "trouble"])
        if member.shut:
            target = Target(member.router, member.user, server=member.server)
            asking.ask(Verb.KICK, [target], None, source="members")
        return
    if action is not None and action.ended_at is None:
        return  # unknown until the next reading
    why = action.text or action.code if action is not None else ""
    if member.trouble != why[:300]:
        member.trouble = why[:300]
        member.save(update_fields=["trouble"])
    if member.asked_at is None or now - member.asked_at >= AGAIN:
        _ask(member, None, shut=member.shut)
        Member.objects.filter(pk=member.pk).update(trouble=why[:300])


def _standing(member: Member, now: datetime) -> State:
    today = rules.day_in(member.zone, now)
    ended = member.ended_at is not None
    return State(rules.standing(member.until, member.grace_days, today, ended=ended).value)


def _tell(member: Member) -> None:
    told = {"member": member.pk, "state": member.state, "until": member.until.isoformat()}
    feed.append(events.MEMBER_STATE, told)


def _number(year: int) -> tuple[int, int]:
    """The next number of a year, in the caller's transaction: what is rolled back gives it back."""
    InvoiceYear.objects.get_or_create(year=year)
    row = InvoiceYear.objects.select_for_update().get(year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return year, row.last


def _set(member: Member, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(member, name, values[name])
    if not member.price_idr:
        member.price_idr = member.package.selling_price_idr


def facts_of(member: Member) -> dict[str, Any]:
    """What a member is, as the audit trail reads it."""
    told = {
        name: getattr(member, name) for name in FIELDS if name not in {"router", "site", "package"}
    }
    return {
        **told,
        "router": member.router.name,
        "package": member.package.name,
        "site": member.site.name if member.site else "",
        "until": member.until,
        "state": str(member.state),
    }
