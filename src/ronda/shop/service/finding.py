"""Own orders found again by a telephone number and a code sent there; others' never, and nothing is revealed.

Whoever asks gets the same answer at the same time, whether the number has orders here or none: the code is told on
the event feed, and sent by whoever listens (`reachable` says whether anybody does). Without the code a number shows
nothing. Five tries for a code, three codes an hour for a number and thirty for an address: one chance in 60,000 an
hour for who guesses at one number.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from ronda.shop import events
from ronda.shop.models import Finding, Order
from ronda.shop.service import limits
from ronda.shop.service.ordering import digest
from ronda.work import feed

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: A code may be typed so long, and the orders are shown so long after it.
CODE_LIVES = timedelta(minutes=15)
SHOWN_FOR = timedelta(hours=1)
#: Orders that are found, and how many.
SINCE = timedelta(days=180)
MOST = 20
TRIES = 5
DIGITS = 6

_reach: list[Callable[[], bool]] = []


class TooOften(Exception):
    """This number or address asked too often."""


def sent_by(reach: Callable[[], bool]) -> None:
    """Register who sends codes; `reach` says whether it can now."""
    _reach.append(reach)


def reachable() -> bool:
    """Whether codes can be sent at all."""
    return any(reach() for reach in _reach)


def begin(phone: str, source: str, now: datetime | None = None) -> str:
    """Have a code sent to a number that has orders here; the secret by which this browser asks on.

    Args:
        phone: as `kernel.phones.read_phone` gives it.
        source: the address of who asks.

    Raises:
        TooOften: the number, this address, or everybody together asked too often.
    """
    moment = now or timezone.now()
    bounds = (
        ("find-address", source, 30, HOUR),
        ("find-phone", phone, 3, HOUR),
        ("find-phone-day", phone, 6, DAY),
        ("find-all", "", 300, HOUR),
    )
    if not all(
        limits.allow(what, who, most=most, within=within, now=moment)
        for what, who, most, within in bounds
    ):
        raise TooOften
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        row = Finding.objects.create(digest=digest(secret), phone=phone, made_at=moment)
        if _orders(phone, moment).exists():
            feed.append(events.FINDING, {"finding": row.pk}, at=moment)
    return secret


def by_secret(secret: str, now: datetime | None = None) -> Finding | None:
    """What this browser looks for, None where it has been too long."""
    moment = now or timezone.now()
    row = Finding.objects.filter(digest=digest(secret)).first() if secret else None
    if row is None:
        return None
    until = row.proven_at + SHOWN_FOR if row.proven_at else row.made_at + CODE_LIVES
    return row if moment < until else None


def prove(row: Finding, code: str, now: datetime | None = None) -> bool:
    """Take a typed code; whether it is right. Each try counts, and the sixth is wrong whatever it says."""
    moment = now or timezone.now()
    counted = Finding.objects.filter(pk=row.pk, tries__lt=TRIES).update(tries=F("tries") + 1)
    if not counted or not constant_time_compare(code_of(row), code):
        return False
    Finding.objects.filter(pk=row.pk, proven_at=None).update(proven_at=moment)
    row.refresh_from_db()
    return True


def code_of(row: Finding) -> str:
    """The code of a row."""
    told = salted_hmac("shop.finding", f"{row.pk}:{row.digest}", algorithm="sha256").digest()
    return f"{int.from_bytes(told[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def to_send(pk: int, now: datetime | None = None) -> tuple[str, str] | None:
    """Number and code of a row; None once nobody may type it any more."""
    row = Finding.objects.filter(pk=pk, proven_at=None).first()
    if row is None or (now or timezone.now()) >= row.made_at + CODE_LIVES:
        return None
    return row.phone, code_of(row)


def orders_of(row: Finding, now: datetime | None = None) -> list[Order]:
    """The orders of a proven number, newest first, at most twenty; none before it is proven."""
    moment = now or timezone.now()
    if row.proven_at is None or moment >= row.proven_at + SHOWN_FOR:
        return []
    found = _orders(row.phone, moment).select_related("package", "voucher")
    return list(found.order_by("-made_at")[:MOST])


def _orders(phone: str, now: datetime) -> QuerySet[Order]:
    return Order.objects.filter(buyer_phone=phone, made_at__gte=now - SINCE)


def forget(now: datetime | None = None) -> int:
    """Delete the rows that nobody can use any more; how many."""
    return Finding.objects.filter(made_at__lt=(now or timezone.now()) - DAY).delete()[0]
