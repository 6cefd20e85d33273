"""Who may be sent something now: what each address and each channel has used, in the database all workers share.

Guarantees: no address and no channel gets more than its rate, however many workers there are, and nobody who
asked to be left alone is asked again before; others go on meanwhile.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q

from ronda.alerts.channels.port import Rate, Rates
from ronda.alerts.models import Channel, Pace
from ronda.alerts.rules.pacing import free_at, used


def key_of(channel: Channel, to: str = "") -> str:
    """Under what an address, or the whole channel, is remembered; tells nobody the address."""
    return f"{channel.pk}:{sha256(to.encode()).hexdigest()[:24]}" if to else f"{channel.pk}"


def take(channel: Channel, to: str, rates: Rates, now: datetime) -> datetime | None:
    """Take one message's share; None when it was taken, else when to ask again, and nothing was taken."""
    wanted: dict[str, Rate | None] = {
        key_of(channel): rates.channel,
        key_of(channel, to): rates.address,
    }
    with transaction.atomic():
        missing = [Pace(key=key) for key, rate in wanted.items() if rate]
        Pace.objects.bulk_create(missing, ignore_conflicts=True)
        rows = {
            row.key: row
            for row in Pace.objects.select_for_update().filter(key__in=wanted).order_by("key")
        }
        free = max((_free(row, wanted[key], now) for key, row in rows.items()), default=now)
        if free > now:
            return free
        for key, row in rows.items():
            if (rate := wanted[key]) is not None:
                row.used_until = used(row.used_until, rate.count, rate.every, now)
                row.save(update_fields=["used_until"])
    return None


def _free(row: Pace, rate: Rate | None, now: datetime) -> datetime:
    rest = max(row.rest_until or now, now)
    if rate is None:
        return rest
    return max(rest, free_at(row.used_until, rate.count, rate.every, rate.burst, now))


def rest(channel: Channel, to: str, until: datetime) -> None:
    """Leave an address alone until then, or with "" the whole channel; never shortens a rest."""
    with transaction.atomic():
        key = key_of(channel, to)
        Pace.objects.bulk_create([Pace(key=key)], ignore_conflicts=True)
        row = Pace.objects.select_for_update().get(key=key)
        row.rest_until = max(row.rest_until or until, until)
        row.save(update_fields=["rest_until"])


def forget(now: datetime) -> int:
    """Delete what says nothing any more; how many."""
    old = now - timedelta(days=1)
    idle = Q(used_until=None) | Q(used_until__lt=old)
    quiet = Q(rest_until=None) | Q(rest_until__lt=old)
    deleted, _ = Pace.objects.filter(idle, quiet).delete()
    return deleted
