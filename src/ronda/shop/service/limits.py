"""Bounds on how often a stranger may do something, held in the database: every process counts the same.

Who is counted is kept as a keyed digest, so that the table tells nobody's address or number.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ronda.shop.models.limits import Tally

# One statement, which both databases take: a buyer's page asks it twice, and Django's making of the four
# that it took otherwise was a third of what the page cost.
_COUNT = """
INSERT INTO shop_tally (subject, began_at, count) VALUES (%s, %s, 1)
ON CONFLICT (subject) DO UPDATE SET
    count = CASE WHEN shop_tally.began_at <= %s THEN 1 ELSE shop_tally.count + 1 END,
    began_at = CASE WHEN shop_tally.began_at <= %s THEN %s ELSE shop_tally.began_at END
RETURNING count
"""

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
    adapted = connection.ops.adapt_datetimefield_value
    began, over = adapted(moment), adapted(moment - within)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [subject, began, over, over, began])
        return int(cursor.fetchone()[0]) <= most


def forget(now: datetime | None = None) -> int:
    """Delete the counts of windows that are long over; how many."""
    return Tally.objects.filter(began_at__lt=(now or timezone.now()) - KEPT).delete()[0]
