"""What the days make of monthly members: reminders, states, and what became of what routers were asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ronda.accounts.service import audit
from ronda.shop import events
from ronda.shop.models import Member, Reminder
from ronda.shop.rules import members as rules
from ronda.shop.rules.members import REMIND
from ronda.shop.service import reaching
from ronda.shop.service.reaching import standing_of, tell
from ronda.work import feed

State = Member.State
GROUP = 200


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
    for pk in list(reaching.answered().values_list("pk", flat=True)[:GROUP]):
        reaching.follow(pk, moment)
    return changed


@transaction.atomic
def _look_at(pk: int, now: datetime) -> int:
    member = Member.objects.select_for_update().get(pk=pk)
    _remind(member, now)
    state = standing_of(member, now)
    if state == member.state:
        return 0
    member.state = state
    member.save(update_fields=["state"])
    audit.record(None, f"member.{state}", member.name, None, {"until": member.until})
    tell(member)
    reaching.bring(member, None)
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
