"""Bounds on how often a stranger may do something, held in the database: every process counts the same.

Who is counted is kept as a keyed digest, so that the table tells nobody's address or number.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ronda.shop.models.limits import Tally

#: Rows of windows that ended so long ago are deleted.
KEPT = timedelta(days=2)


def allow(
    what: str, who: str, *, most: int, within: timedelta, now: datetime | None = None
) -> bool:
    """Count one more try of `who` at `what`; whether it is within `most` tries in a window of `within`.

    A window begins with its first try. Refused tries count too, but lengthen nothing.
    """
    moment = now or timezone.now()
    subject = f"{what}:{salted_hmac('shop.limits', who).hexdigest()}"
    with transaction.atomic():
        Tally.objects.bulk_create(
            [Tally(subject=subject, began_at=moment, count=0)], ignore_conflicts=True
        )
        Tally.objects.filter(subject=subject, began_at__lte=moment - within).update(
            began_at=moment, count=0
        )
        Tally.objects.filter(subject=subject).update(count=F("count") + 1)
        return Tally.objects.get(subject=subject).count <= most


def forget(now: datetime | None = None) -> int:
    """Delete the counts of windows that are long over; how many."""
    return Tally.objects.filter(began_at__lt=(now or timezone.now()) - KEPT).delete()[0]
