"""Monthly members: entering, editing, ending and finding them.

What they pay is `renewals`, what the days make of them `member_days`, what the router is asked `reaching`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.service.scope import mine
from ronda.shop.models import Member
from ronda.shop.service import reaching
from ronda.shop.service.reaching import facts_of, standing_of, tell

State = Member.State
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
    "slow_profile",
    "note",
)


class UserTaken(ValueError):
    """Another member has this user of this router."""


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
    member.state = standing_of(member, timezone.now())
    try:
        with transaction.atomic():
            member.save()
            audit.record(person, "member.create", member.name, None, facts_of(member), source)
            reaching.bring(member, person)
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
            # What was paid while the form was filled in stays paid.
            Member.objects.select_for_update().get(pk=member.pk)
            member.refresh_from_db()
            before, was = facts_of(member), _place_of(member)
            _set(member, values)
            if _place_of(member) != was:
                # Another user, of whom nothing is known yet.
                member.reach, member.usual_profile = Member.Reach.OPEN, ""
            member.state = standing_of(member, timezone.now())
            member.save()
            after = facts_of(member)
            if after != before:
                audit.record(person, "member.edit", member.name, before, after, source)
            renamed = before["slow_profile"] != member.slow_profile
            reaching.bring(member, person, again=renamed and member.reach == Member.Reach.SLOW)
    except IntegrityError as taken:
        raise UserTaken(member.user) from taken
    return member


def _place_of(member: Member) -> tuple[int, str, str]:
    return member.router_id, member.server, member.user


def end(member: Member, person: Person | None, source: str = "") -> None:
    """Somebody is a member no longer: the user is disabled."""
    with transaction.atomic():
        row = Member.objects.select_for_update().get(pk=member.pk)
        row.ended_at = row.ended_at or timezone.now()
        row.state = State.ENDED
        row.save(update_fields=["ended_at", "state"])
        audit.record(person, "member.end", row.name, None, facts_of(row), source)
        tell(row)
        reaching.bring(row, person)


def _set(member: Member, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(member, name, values[name])
    if not member.price_idr:
        member.price_idr = member.package.selling_price_idr
