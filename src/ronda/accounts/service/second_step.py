"""Second steps of people: whether one is owed, and taking them off for somebody who lost theirs."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ronda.accounts.errors import NotAllowed, Refused
from ronda.accounts.events import SECOND_STEP_OFF
from ronda.accounts.models import Person, Role
from ronda.accounts.service import audit, people
from ronda.work import feed, tuning

#: Who can change everything needs more than a password, where the owner wants it so.
ROLES = frozenset({Role.OWNER, Role.ADMIN})
#: Characters of a reason.
REASON = 200


def is_missing(person: Person) -> bool:
    """True for people without one who have to have it.

    Owners and administrators while the setting `second_step` is on, everybody with `second_step_everybody`.
    """
    asked = tuning.value("second_step") and person.role in ROLES
    if not asked and not tuning.value("second_step_everybody"):
        return False
    return not _proper(Authenticator.objects.filter(user=person)).exists()


def of(person: Person) -> QuerySet[Authenticator]:
    """What a person proves themselves with after the password: app, passkeys, recovery codes; oldest first."""
    steps: QuerySet[Authenticator] = Authenticator.objects.filter(user=person).order_by("pk")
    return steps


def take_off(
    person: Person,
    why: str,
    *,
    step: int | None = None,
    by: Person | None = None,
    source: str = "",
) -> list[str]:
    """Forget one second step of somebody who lost it, or all of them; returns what they were called.

    Recovery codes go with the last one, for they stand in for it. The person is told, with the reason.

    Args:
        why: the reason, in words of whoever asks; goes on record.
        step: its id; None takes off all.

    Raises:
        Refused: no reason, nothing to take off, or one's own (there is a page for that, which asks
            for a proof first); NotAllowed where `by` may not manage the person.
    """
    people.check_managed(by, person)
    if by is not None and by.pk == person.pk:
        raise NotAllowed(_("Take off your own second step on your own page; it asks who you are."))
    why = " ".join(why.split())[:REASON]
    if len(why) < 3:
        raise Refused(_("Say why: whoever looks later, and the person, will want to know."))
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().filter(user=person)
        gone = list(held if step is None else held.filter(pk=step))
        if not gone:
            raise Refused(_("There is no such second step any more."))
        rest = held.exclude(pk__in=[one.pk for one in gone])
        if not _proper(rest).exists():
            gone, rest = [*gone, *rest], rest.none()
        names = [str(one) for one in gone]
        Authenticator.objects.filter(pk__in=[one.pk for one in gone]).delete()
        row = audit.record(
            by,
            "person.second_step_off",
            person.username,
            {"steps": names},
            {"steps": [str(one) for one in rest], "why": why},
            source,
        )
        feed.append(SECOND_STEP_OFF, {"person": person.pk, "row": row.pk})
    return names


def _proper(steps: QuerySet[Authenticator]) -> QuerySet[Authenticator]:
    return steps.exclude(type=Authenticator.Type.RECOVERY_CODES)
