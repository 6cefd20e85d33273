"""Who signed in when, from where and with what; a sign-in with a new device is told on the feed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.events import NEW_DEVICE
from ronda.accounts.models import Device, Person, SignIn
from ronda.accounts.service import devices, lockout
from ronda.accounts.service.devices import Remembered, Visitor
from ronda.work import feed

KEPT = timedelta(days=90)


def signed_in(person: Person, visitor: Visitor, way: str) -> Remembered:
    """Keep a good sign-in and its device; a person's first device is no news, every later new one is."""
    now = timezone.now()
    came_before = SignIn.objects.filter(
        person=person, outcome=SignIn.Outcome.GOOD, device__isnull=False
    ).exists()
    with transaction.atomic():
        found = devices.remember(person, visitor, now)
        row = _row(person, visitor, way, SignIn.Outcome.GOOD, now, found.device)
        row.is_new = found.is_new and came_before
        row.save()
        if row.is_new:
            feed.append(NEW_DEVICE, {"person": person.pk, "sign_in": row.pk})
    return found


def wrong_code(person: Person, visitor: Visitor) -> None:
    """Keep that a second step went wrong. It is counted elsewhere, by allauth."""
    device = devices.known(person, visitor)
    _row(person, visitor, SignIn.Way.CODE, SignIn.Outcome.WRONG, timezone.now(), device).save()


def program(person: Person, visitor: Visitor) -> None:
    """Keep that a program signed in with the person's password."""
    _row(person, visitor, SignIn.Way.PROGRAM, SignIn.Outcome.GOOD, timezone.now(), None).save()


def of(person: Person, limit: int = 50) -> QuerySet[SignIn]:
    """The last sign-ins of a person, good and wrong, newest first."""
    return SignIn.objects.filter(person=person).order_by("-id")[:limit]


def forget(now: datetime) -> int:
    """Drop what is older than `KEPT`, and devices whose cookie has ended; returns how many there were."""
    rows, _kinds = SignIn.objects.filter(at__lt=now - KEPT).delete()
    gone, _kinds = Device.objects.filter(last_at__lt=now - devices.COOKIE_AGE).delete()
    return rows + gone


def _row(
    person: Person, visitor: Visitor, way: str, outcome: str, now: datetime, device: Device | None
) -> SignIn:
    return SignIn(
        at=now,
        person=person,
        who=lockout.digest_of(person),
        outcome=outcome,
        way=way,
        address=visitor.address,
        place=visitor.place,
        agent=visitor.agent,
        device=device,
    )
