"""Digests: what happened in a day or a week, to each recipient in one letter."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from ronda.alerts.models import AlertRule, Occurrence, Told
from ronda.alerts.rules.digests import Every, gather, last_due
from ronda.alerts.rules.verdicts import Kind
from ronda.alerts.service import recipients, ruling, telling
from ronda.storage.database import hold_until_commit

#: A digest of more than this tells of the first.
MOST = 2000


def send_due(now: datetime) -> int:
    """Write the digests whose hour has come since the last; the number of letters."""
    rows = ruling.present().filter(active=True, digested_at__isnull=False).exclude(digest="")
    return sum(_send(row, now) for row in rows)


def _send(row: AlertRule, now: datetime) -> int:
    zone = settings.TIME_ZONE
    due = last_due(Every(row.digest), row.digest_weekday, row.digest_at, zone, now)
    if row.digested_at is None or row.digested_at >= due:
        return 0
    with transaction.atomic():
        hold_until_commit(telling.LOCK)
        same = AlertRule.objects.filter(pk=row.pk, digested_at=row.digested_at)
        if not same.update(digested_at=due):
            return 0
        happened = Occurrence.objects.filter(
            opened_at__gte=row.digested_at, opened_at__lt=due, maintenance=False
        )
        return _write(row, list(happened.order_by("opened_at")[:MOST]), now, due)


def _write(row: AlertRule, happened: list[Occurrence], now: datetime, due: datetime) -> int:
    rule = ruling.as_rule(row)
    by_place = {(one.key, one.opened_at): one for one in happened}
    world = recipients.world([rule], (), now)
    found = gather(rule, [telling.as_seen(one) for one in happened], world, due)
    count = 0
    for to, seen in found.items():
        ways = recipients.ways_to(to)
        if not ways:
            continue
        letter = telling.write(to, Kind.DIGEST, now)
        Told.objects.bulk_create(
            Told(
                occurrence=by_place[one.key, one.opened_at],
                letter=letter,
                rule=rule.id,
                kind=Kind.DIGEST,
                to=to,
            )
            for one in seen
        )
        telling.post(letter, ways, f"digest:{rule.id}", "info")
        count += 1
    return count
