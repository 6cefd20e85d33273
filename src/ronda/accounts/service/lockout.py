"""Tries at passwords: kept, counted, and made to wait. docs/decisions/lockout.md says why so.

Counted in the database, so that every process counts together and a restart forgets nothing. A try
is written before it is made; several at once never get more tries than one after another.
"""

import math
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.accounts.errors import Locked
from ronda.accounts.models import Device, Person, SignIn
from ronda.accounts.rules import lockout
from ronda.accounts.rules.lockout import Limit
from ronda.accounts.service import devices
from ronda.accounts.service.devices import Visitor


def begin(typed: str, visitor: Visitor, way: str = SignIn.Way.PASSWORD) -> SignIn:
    """Count a try at the name or e-mail address that was typed, before it is made; it counts as wrong.

    Call `passed` when it was right.

    Raises:
        Locked: it must wait; it was not counted.
    """
    person = find(typed)
    device = devices.known(person, visitor)
    now = timezone.now()
    mine = SignIn.objects.create(
        at=now,
        person=person,
        who=digest_of(person, typed),
        outcome=SignIn.Outcome.WRONG,
        way=way,
        address=visitor.address,
        place=visitor.place,
        agent=visitor.agent,
        device=device,
    )
    text, wait = _verdict(mine, device, now)
    if wait > timedelta():
        mine.delete()
        raise Locked(text, max(1, math.ceil(wait.total_seconds())))
    return mine


def passed(attempt: SignIn) -> None:
    """The password was right: the try is not held against anybody."""
    attempt.delete()


def find(typed: str) -> Person | None:
    """Whose user name or e-mail address this is, whatever its case."""
    typed = typed.strip()
    if not typed:
        return None
    return Person.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).first()


def digest_of(person: Person | None, typed: str = "") -> str:
    """What a try is counted under: the person, or a name that nobody has."""
    # Keyed, because people type passwords into that field.
    who = f"person:{person.pk}" if person else f"name:{typed.strip().lower()}"
    return salted_hmac("ronda.accounts.lockout", who, algorithm="sha256").hexdigest()


def _verdict(mine: SignIn, device: Device | None, now: datetime) -> tuple[str, timedelta]:
    wrong = SignIn.objects.filter(outcome=SignIn.Outcome.WRONG, pk__lt=mine.pk)
    if device is not None:
        wait = _wait(wrong.filter(device=device), lockout.OWN, now)
        return _told(wait), wait
    others = wrong.filter(device=None)
    here = max(
        _wait(others.filter(who=mine.who, place=mine.place), lockout.OWN, now),
        _wait(others.filter(place=mine.place), lockout.PLACE, now),
    )
    everywhere = _wait(others.filter(who=mine.who), lockout.EVERYWHERE, now)
    if everywhere > here:
        return _told_everywhere(everywhere), everywhere
    return _told(here), here


def _wait(wrong: QuerySet[SignIn], limit: Limit, now: datetime) -> timedelta:
    recent = wrong.filter(at__gt=now - limit.within).order_by("-at")
    return lockout.wait(recent.values_list("at", flat=True)[: limit.tries], limit, now)


def _told(wait: timedelta) -> str:
    return _("Too many failed sign-ins. Try again in %(wait)s.") % {"wait": _length(wait)}


def _told_everywhere(wait: timedelta) -> str:
    return _(
        "Somebody tries many passwords for this name. A device that you have signed in with before "
        "still lets you in, as does a one-time link. From this one, try again in %(wait)s."
    ) % {"wait": _length(wait)}


def _length(wait: timedelta) -> str:
    seconds = max(1, math.ceil(wait.total_seconds()))
    minutes = math.ceil(seconds / 60)
    if minutes <= 1:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
