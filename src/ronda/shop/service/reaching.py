"""What a router is asked to make of a member's user: open, slow or shut out; and what became of it.

The router is asked by instructions of the hotspot (`hotspot.service.asking`): durable jobs, read back. Sessions are
ended once the router is known to hold the user as wanted, since RouterOS looks at a user only when he signs in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.hotspot.models import Action, HotspotUser, Outcome, Verb
from ronda.hotspot.service import asking
from ronda.hotspot.service.asking import Target
from ronda.shop import events
from ronda.shop.models import Member
from ronda.shop.rules import members as rules
from ronda.shop.rules.members import Standing
from ronda.work import feed

Reach = Member.Reach
#: What a router refused is asked again after so long.
AGAIN = timedelta(minutes=10)
_FACTS = (
    "name",
    "phone",
    "address",
    "user",
    "server",
    "price_idr",
    "zone",
    "grace_days",
    "slow_profile",
    "note",
)


def bring(member: Member, person: Person | None, *, again: bool = False) -> None:
    """Ask the router for what the member's state means, in the caller's transaction.

    Where it was asked for the same before only `again`.
    """
    wanted = Reach(rules.reach(Standing(member.state), slow=bool(member.slow_profile)).value)
    if again or wanted != member.reach:
        _ask(member, person, wanted)


def _ask(member: Member, person: Person | None, wanted: str) -> None:
    # Not `disable`: that would make a user who is gone, without a password.
    off = wanted == Reach.SHUT
    before = {"disabled": "false" if off else "true"}
    after = {"disabled": "true" if off else "false"}
    if wanted == Reach.SLOW and not member.usual_profile:
        member.usual_profile = _profile_of(member)
    if member.usual_profile:
        slow = wanted == Reach.SLOW
        after["profile"] = member.slow_profile if slow else member.usual_profile
    target = Target(member.router, member.user, server=member.server, before=before, after=after)
    member.reach, member.confirmed, member.trouble = wanted, False, ""
    member.asked = asking.ask(Verb.EDIT, [target], person, source="members")
    member.asked_at = timezone.now()
    member.save(
        update_fields=["reach", "usual_profile", "confirmed", "trouble", "asked", "asked_at"]
    )


def _profile_of(member: Member) -> str:
    """The profile that the user has now: as the router was read, or else the package's."""
    held = HotspotUser.objects.filter(
        router=member.router_id, name=member.user, server=member.server
    ).exclude(profile=member.slow_profile)
    known = held.values_list("profile", flat=True).first()
    return str(known or member.package.profile)[:120]


def answered() -> QuerySet[Member]:
    """Members whose router was asked and has done with it, those asked longest ago first.

    Without those whose router is away: however many they are, they would keep the others waiting.
    """
    open_ = Q(outcome=Outcome.WAITING) | Q(outcome=Outcome.UNKNOWN, ended_at=None)
    waited_for = Action.objects.filter(open_, instruction=OuterRef("asked"))
    return Member.objects.filter(~Exists(waited_for), confirmed=False).order_by("asked_at", "pk")


@transaction.atomic
def follow(pk: int, now: datetime) -> None:
    """What became of what the router was asked."""
    member = Member.objects.select_for_update().select_related("router").get(pk=pk)
    action = None if member.asked is None else asking.actions_of(member.asked).first()
    if member.confirmed or (action is not None and action.outcome == Outcome.WAITING):
        return
    if action is not None and action.outcome == Outcome.DONE:
        _confirm(member)
        return
    if action is not None and action.ended_at is None:
        return  # unknown until the next reading
    why = action.text or action.code if action is not None else ""
    if member.trouble != why[:300]:
        member.trouble = why[:300]
        member.save(update_fields=["trouble"])
    if member.asked_at is None or now - member.asked_at >= AGAIN:
        _ask(member, None, member.reach)
        Member.objects.filter(pk=member.pk).update(trouble=why[:300])


def _confirm(member: Member) -> None:
    member.confirmed, member.trouble = True, ""
    moved = bool(member.usual_profile)
    if member.reach != Reach.SLOW:
        # Back at the usual profile: somebody may give the user another one from here on.
        member.usual_profile = ""
    member.save(update_fields=["confirmed", "trouble", "usual_profile"])
    target = Target(member.router, member.user, server=member.server)
    if member.reach == Reach.SHUT:
        asking.ask(Verb.KICK, [target], None, source="members")
    elif moved:
        asking.ask(Verb.RELOGIN, [target], None, source="members")


def standing_of(member: Member, now: datetime) -> Member.State:
    """What a member is at a moment."""
    today = rules.day_in(member.zone, now)
    ended = member.ended_at is not None
    return Member.State(rules.standing(member.until, member.grace_days, today, ended=ended).value)


def tell(member: Member) -> None:
    """Tell that a member's state changed, in the caller's transaction."""
    told = {"member": member.pk, "state": member.state, "until": member.until.isoformat()}
    feed.append(events.MEMBER_STATE, told)


def facts_of(member: Member) -> dict[str, Any]:
    """What a member is, as the audit trail reads it."""
    return {
        **{name: getattr(member, name) for name in _FACTS},
        "router": member.router.name,
        "package": member.package.name,
        "site": member.site.name if member.site else "",
        "until": member.until,
        "state": str(member.state),
    }
