"""Forgetting: names become pseudonyms, sessions go, days become totals, hours go last.

Each step takes what is older than its time, in small transactions, and may be repeated or cut off
anywhere: what is left is taken the next time.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from ronda.hotspot.models import (
    PrivacyKey,
    UsageDay,
    UsageHour,
    UsageSample,
    UsageSession,
    UsageTotal,
)
from ronda.hotspot.rules.pseudonyms import MARK, pseudonym
from ronda.hotspot.service.usage.days import local_day

BATCH = 1000
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keep:
    """How long names, sessions with single readings, and sums by hour and day are kept."""

    names: timedelta
    sessions: timedelta
    sums: timedelta


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows were renamed, folded into totals, and deleted."""

    renamed: int
    folded: int
    deleted: int


def forget(now: datetime, keep: Keep) -> Forgotten:
    """Forget what is too old; everything that stays still adds up to the same totals."""
    names, sessions, sums = now - keep.names, now - keep.sessions, now - keep.sums
    UsageSample.objects.filter(at__lt=names, details__isnull=False).update(details=None)
    renamed = _rename(names)
    folded = _fold(local_day(sessions))
    deleted = _delete(UsageSession.objects.filter(seen_at__lt=sessions))
    deleted += _delete(UsageSample.objects.filter(at__lt=sessions))
    deleted += _delete(UsageHour.objects.filter(hour__lt=sums))
    deleted += _delete(UsageTotal.objects.filter(day__lt=local_day(sums)))
    return Forgotten(renamed, folded, deleted)


def key() -> bytes:
    """The key of the pseudonyms; made when there is none."""
    with transaction.atomic():
        found = PrivacyKey.objects.order_by("pk").first()
        if found is None:
            made = secrets.token_bytes(KEY_BYTES)
            found = PrivacyKey.objects.create(key=made, made_at=timezone.now())
        return bytes(found.key)


def drop_key() -> bool:
    """Forget the key: the pseudonyms that exist can never be traced back, not even by trying names.

    Later ones are made with a new key, so nobody can tell either that they are the same people.
    False when there was none.
    """
    count, _by_model = PrivacyKey.objects.all().delete()
    return bool(count)


def _rename(before: datetime) -> int:
    """Pseudonyms in place of the names of sessions and days that are over."""
    named = (~Q(user="") & ~Q(user__startswith=MARK)) | (~Q(mac="") & ~Q(mac__startswith=MARK))
    sessions = UsageSession.objects.filter(named, seen_at__lt=before).exclude(ended_at=None)
    days = UsageDay.objects.filter(named, day__lt=local_day(before))
    return _rename_rows("hotspot_usagesession", sessions) + _rename_rows("hotspot_usageday", days)


def _rename_rows(table: str, rows: Any) -> int:
    count, last, secret = 0, 0, None
    while True:
        with transaction.atomic():
            found = list(
                rows.filter(pk__gt=last).order_by("pk").values_list("pk", "user", "mac")[:BATCH]
            )
            if not found:
                return count
            secret = secret or key()
            _write(table, secret, found)
        last = found[-1][0]
        count += len(found)


def _write(table: str, secret: bytes, rows: Iterable[tuple[int, str, str]]) -> None:
    # An address tells who it was as long as the router keeps its leases.
    more = ", address = ''" if table == "hotspot_usagesession" else ""
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE {table} SET "user" = %s, mac = %s{more} WHERE id = %s',  # noqa: S608 -- ours
            [
                (pseudonym(secret, "user", user), pseudonym(secret, "mac", mac), pk)
                for pk, user, mac in rows
            ],
        )


def _fold(before: date) -> int:
    """Clients' days become totals of their profiles, one series and day at a time."""
    pairs = list(
        UsageDay.objects.filter(day__lt=before)
        .order_by("day", "series")
        .values_list("series", "day")
        .distinct()
    )
    folded = 0
    for series, day in pairs:
        with transaction.atomic():
            rows = UsageDay.objects.filter(series=series, day=day)
            _add_totals(series, day, rows)
            folded += rows.delete()[0]
    return folded


def _add_totals(series: int, day: date, rows: Any) -> None:
    sums = (
        rows.order_by()
        .values("profile")
        .annotate(
            people=Count("user", distinct=True, filter=~Q(user="")),
            macs=Count("mac", distinct=True, filter=~Q(mac="")),
            begun=Sum("sessions"),
            secs=Sum("seconds"),
            b_in=Sum("bytes_in"),
            b_out=Sum("bytes_out"),
        )
    )
    for row in sums:
        total, _made = UsageTotal.objects.get_or_create(
            series_id=series,
            day=day,
            profile=row["profile"],
            defaults=dict.fromkeys(
                ("users", "devices", "sessions", "seconds", "bytes_in", "bytes_out"), 0
            ),
        )
        total.users += row["people"]
        total.devices += row["macs"]
        total.sessions += row["begun"]
        total.seconds += row["secs"]
        total.bytes_in += row["b_in"]
        total.bytes_out += row["b_out"]
        total.save()


def _delete(rows: Any) -> int:
    """Delete in batches, so that no writer waits long."""
    count = 0
    while True:
        upto = rows.order_by("pk").values_list("pk", flat=True)[:BATCH].aggregate(last=Max("pk"))
        if upto["last"] is None:
            return count
        count += rows.filter(pk__lte=upto["last"]).delete()[0]
